package dev.bulla.signing.tuf;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Metadata from outside are read or refused, whatever their bytes. */
class TufFuzz {

  @FuzzTest(maxDuration = "10s")
  void metadata(byte[] bytes) {
    try {
      SignedFile file = SignedFile.parse(bytes, "file");
      file.message();
      switch (file.signed().string("_type")) {
        case "root" -> Root.parse(file).check(Role.ROOT, file);
        case "timestamp" -> Timestamp.parse(file);
        case "snapshot" -> Snapshot.parse(file);
        default -> Targets.parse(file).delegations().forEach(role -> role.covers("some/path.txt"));
      }
    } catch (BullaException e) {
      e.code();
    }
  }

  /** The signed part alone, which a fuzzer reaches sooner. */
  @FuzzTest(maxDuration = "10s")
  void signedParts(byte[] bytes) {
    try {
      Fields signed = Fields.of(Json.parse(bytes, "file"), "file");
      SignedFile file = new SignedFile("file", bytes, signed, Map.of());
      OlpcJson.write(signed.node());
      Root.parse(file);
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void keptTrust(byte[] bytes) {
    try {
      KeptTrust.parse(bytes);
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void patterns(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int half = text.length() / 2;
    new PathPattern(text.substring(0, half)).matches(text.substring(half));
  }
}
