package dev.bulla.graph;

import dev.bulla.core.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * SHA-256 over a sequence of texts, each preceded by its length in bytes, so that no two different
 * sequences give the same input. A lone surrogate is hashed as the replacement character; it is
 * stored the same way.
 */
final class ContentHash {
  private final MessageDigest hash = Digest.Algorithm.SHA256.newHash();

  ContentHash add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
    hash.update(bytes);
    return this;
  }

  byte[] bytes() {
    return hash.digest();
  }
}
