package dev.bulla.signing.tuf;

import java.util.Locale;

/**
 * The four roles that every repository has, with the most bytes that are read of a file whose
 * length nobody has signed.
 */
enum Role {
  ROOT(512 * 1024),
  TIMESTAMP(64 * 1024),
  SNAPSHOT(2 * 1024 * 1024),
  TARGETS(8 * 1024 * 1024);

  private final int maxBytes;

  Role(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  int maxBytes() {
    return maxBytes;
  }

  String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
