package dev.bulla.build.layer;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whatever the bytes, an archive becomes a tree that stays inside its root, or is refused with a
 * code.
 */
class ArchiveFuzz {
  private static final ArchiveLimits LIMITS = new ArchiveLimits(1000, 4 << 20, 100, 1 << 20);

  @FuzzTest
  void anyBytesAreUnpackedOrRefused(byte[] bytes) throws IOException {
    Path archive = Files.createTempFile("fuzz", ".archive");
    Path spool = Files.createTempFile("fuzz", ".spool");
    try {
      Files.write(archive, bytes);
      new ArchiveReader(LIMITS).read(archive, spool, "fuzz").digest();
    } catch (BullaException refused) {
      // as it should be
    } finally {
      Files.delete(archive);
      Files.delete(spool);
    }
  }

  @FuzzTest
  void anyBytesAreAppliedAsBaseLayerOrRefused(byte[] bytes) {
    try {
      new ImageFiles().applyLayer(new ByteArrayInputStream(bytes), LIMITS, "fuzz");
    } catch (BullaException refused) {
      // as it should be
    }
  }
}
