package dev.bulla.inventory;

import dev.bulla.core.Digest;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;

/**
 * A UUID that follows from content (RFC 9562, version 8 over SHA-256): equal content, equal
 * identifier.
 */
final class ContentUuid {
  private ContentUuid() {}

  static UUID of(String purpose, byte[] content) {
    String input = "bulla-inventory\n" + purpose + "\n" + Digest.sha256(content).hex();
    byte[] hash =
        HexFormat.of().parseHex(Digest.sha256(input.getBytes(StandardCharsets.UTF_8)).hex());
    long high = 0;
    long low = 0;
    for (int i = 0; i < 8; i++) {
      high = high << 8 | hash[i] & 0xff;
      low = low << 8 | hash[i + 8] & 0xff;
    }
    return new UUID(high & ~0xf000L | 0x8000L, low & ~(3L << 62) | 1L << 63);
  }
}
