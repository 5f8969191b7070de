package dev.bulla.signing.tuf;

import dev.bulla.core.Digest;
import java.util.List;

/**
 * A file that a repository offers, as a trusted role describes it.
 *
 * @param path its name in the repository
 * @param length in bytes
 * @param digests all of them must be the file's; at least one
 */
public record TargetFile(String path, long length, List<Digest> digests) {
  public TargetFile {
    digests = List.copyOf(digests);
    if (digests.isEmpty() || length < 0) {
      throw new IllegalArgumentException(path + ": a file without hash or length");
    }
  }

  /** Whether {@code content} is the file. */
  public boolean matches(byte[] content) {
    return content.length == length && new FileHashes(digests).match(content);
  }
}
