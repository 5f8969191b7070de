package dev.bulla.signing.cosign;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;

/** Bundles from outside are read or refused, whatever their bytes. */
class BundleFuzz {

  @FuzzTest(maxDuration = "10s")
  void bundles(byte[] bytes) {
    try {
      Bundle.parse(bytes, "bundle");
    } catch (BullaException e) {
      e.code();
    }
  }
}
