package dev.bulla.signing.tuf;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Fields;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Delegation to 2^n roles that are described by one line (TAP 15, "Succinct hash bin delegations"):
 * the first bits of a path's SHA-256 say which of them speaks of it. All sign with the same keys.
 *
 * @param bits how many, 1 to 32
 * @param prefix of the roles' names, which end with a hyphen and the bin in hexadecimal
 */
record HashBins(RoleKeys keys, int bits, String prefix) {
  private static final int MAX_PREFIX = 128;

  static HashBins parse(Fields described, Map<String, TufKey> keys) {
    long bits = SignedFile.positive(described, "bit_length");
    String prefix = described.string("name_prefix");
    if (bits > 32) {
      throw described.invalid("bit_length", bits + ", expected 1 to 32");
    }
    if (prefix.isEmpty() || prefix.length() > MAX_PREFIX) {
      throw described.invalid("name_prefix", "empty or too long");
    }
    return new HashBins(RoleKeys.parse(described, keys), (int) bits, prefix);
  }

  /** The one role that may speak of {@code path}; after it nobody else is asked. */
  Delegation of(String path) {
    byte[] hash = Digest.sha256(path.getBytes(StandardCharsets.UTF_8)).bytes();
    long bin = Integer.toUnsignedLong(ByteBuffer.wrap(hash).getInt()) >>> (32 - bits);
    String name = "%s-%0{n}x".replace("{n}", "" + (bits + 3) / 4).formatted(prefix, bin);
    return new Delegation(name, keys, true, List.of(), List.of(""));
  }
}
