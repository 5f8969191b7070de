package dev.bulla.oci;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** The files of an OCI layout, wherever they lie. Thread-safe. */
interface LayoutFiles extends AutoCloseable {

  /**
   * @param size of the file in bytes
   * @param content opens it
   */
  record Entry(long size, BlobSource content) {}

  /**
   * @param name relative, with forward slashes: {@code blobs/sha256/…}
   */
  Optional<Entry> find(String name) throws IOException;

  /** The whole of a file of at most {@code maxBytes}; empty if there is none. */
  default Optional<byte[]> read(String name, int maxBytes) throws IOException {
    Optional<Entry> entry = find(name);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    try (InputStream in = entry.get().content().open()) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new dev.bulla.core.BullaException(
            dev.bulla.core.ErrorCode.INPUT_TOO_LARGE,
            "%s: more than the %d bytes that are read".formatted(name, maxBytes));
      }
      return Optional.of(bytes);
    }
  }

  /** The names of the files below {@code blobs}, sorted. */
  List<String> blobs() throws IOException;

  @Override
  void close();
}
