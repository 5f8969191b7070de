package dev.bulla.signing.authority;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.signing.imports.ImportPolicies;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Trust policies, foreign ones and image patterns are read or refused, whatever their bytes. */
class AuthorityFuzz {

  @FuzzTest(maxDuration = "10s")
  void policies(byte[] bytes) {
    try {
      AuthorityPolicy.parse(bytes, "policy.yaml", PolicyFiles.none(), DefaultRoot.none());
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void patterns(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int middle = text.length() / 2;
    try {
      ImagePattern one = ImagePattern.parse(text.substring(0, middle));
      ImagePattern other = ImagePattern.parse(text.substring(middle));
      if (one.covers(other) && !one.overlaps(other)) {
        throw new IllegalStateException(one + " covers " + other + " and shares no image with it");
      }
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void foreignPolicies(byte[] bytes) {
    for (ImportPolicies.Source source : ImportPolicies.Source.values()) {
      try {
        ImportPolicies imports = new ImportPolicies(source, "truststore", Optional.empty());
        imports.add(bytes, "policies.yaml");
        imports.finish("fuzz");
      } catch (BullaException e) {
        e.code();
      }
    }
  }
}
