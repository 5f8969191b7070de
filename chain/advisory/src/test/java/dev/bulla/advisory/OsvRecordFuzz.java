package dev.bulla.advisory;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.advisory.VersionRanges.Outcome;
import dev.bulla.advisory.version.VersionOrder;
import dev.bulla.core.BullaException;

class OsvRecordFuzz {
  /** Any bytes are a record or a refusal, and any record can be evaluated. */
  @FuzzTest
  void anyBytesAreARecordOrARefusal(byte[] bytes) {
    Advisory advisory;
    try {
      advisory = OsvRecord.parse(bytes, "fuzz");
    } catch (BullaException e) {
      return;
    }
    for (Advisory.Affected affected : advisory.affected()) {
      for (VersionOrder order : VersionOrder.values()) {
        Outcome outcome = new VersionRanges(order, false).evaluate(affected, "1.0.0");
        if (outcome.toString().isEmpty()) {
          throw new AssertionError("an outcome says something");
        }
      }
    }
  }
}
