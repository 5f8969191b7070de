package dev.bulla.advisory;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;

class StoredIndexFuzz {
  @FuzzTest
  void anyBytesAreAnIndexOrARefusal(byte[] bytes) {
    try {
      StoredIndex.read(
          new ByteArrayInputStream(bytes), "fuzz", i -> new RecordFile.OnDisk(Path.of("x"), "x"));
    } catch (BullaException e) {
      // a refusal
    }
  }
}
