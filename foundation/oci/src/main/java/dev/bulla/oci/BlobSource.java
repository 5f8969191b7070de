package dev.bulla.oci;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Content that can be read from the start as often as a transfer needs it. */
@FunctionalInterface
public interface BlobSource {
  /** A new stream from the first byte; the caller closes it. */
  InputStream open() throws IOException;

  static BlobSource of(byte[] content) {
    return () -> new ByteArrayInputStream(content);
  }

  static BlobSource of(Path file) {
    return () -> Files.newInputStream(file);
  }
}
