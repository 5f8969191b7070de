package dev.bulla.advisory;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.advisory.version.VersionOrder;

class VersionOrderFuzz {
  @FuzzTest
  void comparisonsAgreeWithEachOther(FuzzedDataProvider data) {
    VersionOrder order = data.pickValue(VersionOrder.values());
    String a = data.consumeString(40);
    String b = data.consumeString(40);
    String c = data.consumeRemainingAsString();
    int ab = Integer.signum(order.compare(a, b));
    int bc = Integer.signum(order.compare(b, c));
    if (ab != -Integer.signum(order.compare(b, a))) {
      throw new AssertionError(order + " is not antisymmetric for " + a + " and " + b);
    }
    if (ab == bc && ab != Integer.signum(order.compare(a, c))) {
      throw new AssertionError(order + " is not transitive for " + a + ", " + b + " and " + c);
    }
  }
}
