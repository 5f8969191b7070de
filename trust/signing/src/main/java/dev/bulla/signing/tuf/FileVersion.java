package dev.bulla.signing.tuf;

import dev.bulla.core.json.Fields;
import java.util.Optional;

/** Which version of a metadata file belongs to a timestamp or snapshot, and its size and hashes. */
record FileVersion(long version, Optional<Long> length, FileHashes hashes) {

  static FileVersion parse(Fields entry) {
    Optional<Long> length = entry.optionalInteger("length");
    if (length.isPresent() && length.get() < 1) {
      throw entry.invalid("length", length.get() + ", expected 1 or more");
    }
    return new FileVersion(SignedFile.positive(entry, "version"), length, FileHashes.parse(entry));
  }

  /** How many bytes to read. */
  int limit(Role role) {
    return length
        .filter(bytes -> bytes < role.maxBytes())
        .orElse((long) role.maxBytes())
        .intValue();
  }

  /** Whether these are the bytes that are meant, as far as it is said. */
  boolean match(byte[] content) {
    return length.filter(bytes -> bytes != content.length).isEmpty() && hashes.match(content);
  }
}
