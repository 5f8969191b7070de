package dev.bulla.advisory;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;

class PackageQueryFuzz {
  @FuzzTest
  void anyTextIsAQuestionOrARefusal(FuzzedDataProvider data) {
    String version = data.consumeString(30);
    try {
      PackageQuery query = PackageQuery.parse(data.consumeRemainingAsString());
      query.matches(query.type(), query.name().orElse("any"), version);
    } catch (BullaException e) {
      // a refusal
    }
  }
}
