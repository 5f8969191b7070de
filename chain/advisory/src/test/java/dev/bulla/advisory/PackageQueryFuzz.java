package dev.bulla.advisory;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import java.nio.charset.StandardCharsets;

class PackageQueryFuzz {
  @FuzzTest
  void anyTextIsAQuestionOrARefusal(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      PackageQuery query = PackageQuery.parse(text);
      query.matches(query.type(), query.name().orElse("any"), text);
    } catch (BullaException e) {
      // a refusal
    }
  }
}
