package dev.bulla.build;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import java.nio.file.Path;

/** Whatever the bytes, a template is read or refused with a code; what was read can be written. */
class TemplateFuzz {
  @FuzzTest
  void anyBytesAreReadOrRefused(byte[] bytes) {
    for (Template.Format format : Template.Format.values()) {
      try {
        Template.parse(bytes, format, Path.of("."), "fuzz").digest();
      } catch (BullaException refused) {
        // as it should be
      }
    }
  }
}
