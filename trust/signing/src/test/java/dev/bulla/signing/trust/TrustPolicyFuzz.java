package dev.bulla.signing.trust;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Trust policies and names are read or refused, whatever their bytes. */
class TrustPolicyFuzz {

  @FuzzTest(maxDuration = "10s")
  void policies(byte[] bytes) {
    try {
      TrustPolicy.parse(bytes);
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void policiesForFiles(byte[] bytes) {
    try {
      BlobTrustPolicy.parse(bytes);
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void keysAndSettingsOfNotation(byte[] bytes) {
    try {
      NotationKeys.parse(bytes, "signingkeys.json");
    } catch (BullaException e) {
      e.code();
    }
    try {
      NotationSettings.parse(bytes, Path.of("config.json"));
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void identities(byte[] bytes) {
    try {
      DistinguishedName.parseIdentity(new String(bytes, StandardCharsets.UTF_8));
    } catch (BullaException e) {
      e.code();
    }
  }
}
