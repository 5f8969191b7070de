package dev.bulla.advisory;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.advisory.version.VersionOrder;
import java.nio.charset.StandardCharsets;

class VersionOrderFuzz {
  /** The input is three versions, one a line; they are compared in every order there is. */
  @FuzzTest
  void comparisonsAgreeWithEachOther(byte[] input) {
    String[] lines = (new String(input, StandardCharsets.UTF_8) + "\n\n\n").split("\n", -1);
    for (VersionOrder order : VersionOrder.values()) {
      check(order, lines[0], lines[1], lines[2]);
    }
  }

  private static void check(VersionOrder order, String a, String b, String c) {
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
