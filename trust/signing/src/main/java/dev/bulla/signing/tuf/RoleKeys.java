package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.keys.PublicKeyVerifier;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who signs for a role, and how many of them must.
 *
 * @param keys by identifier; one that cannot be verified is missing, so that it does not count
 * @param identifiers of all keys of the role
 * @param threshold 1 or more; it may be more than there are keys, and is then never reached
 */
record RoleKeys(Map<String, TufKey> keys, Set<String> identifiers, int threshold) {
  private static final int MAX_KEYS = 256;

  RoleKeys {
    keys = Map.copyOf(keys);
    identifiers = Set.copyOf(identifiers);
  }

  /** All keys of a root or of the delegations of a role, by identifier. */
  static Map<String, TufKey> allKeys(Fields parent) {
    Map<String, TufKey> all = new HashMap<>();
    Optional<Fields> keys = parent.optionalObject("keys");
    if (keys.isEmpty()) {
      return all;
    }
    if (keys.get().node().size() > MAX_KEYS) {
      throw parent.invalid("keys", "more than %d keys".formatted(MAX_KEYS));
    }
    for (String id : keys.get().node().propertyNames()) {
      TufKey.parse(keys.get().object(id)).ifPresent(key -> all.put(id, key));
    }
    return all;
  }

  /** A role's {@code keyids} and {@code threshold}. */
  static RoleKeys parse(Fields role, Map<String, TufKey> all) {
    List<String> ids = role.strings("keyids");
    Set<String> distinct = new HashSet<>(ids);
    if (distinct.size() != ids.size() || ids.size() > MAX_KEYS) {
      throw role.invalid("keyids", "a list with repetitions or of more than " + MAX_KEYS);
    }
    long threshold = SignedFile.positive(role, "threshold");
    if (threshold > MAX_KEYS) {
      throw role.invalid("threshold", threshold + ", at most " + MAX_KEYS);
    }
    Map<String, TufKey> known = new HashMap<>(all);
    known.keySet().retainAll(distinct);
    return new RoleKeys(known, distinct, (int) threshold);
  }

  /**
   * Checks that enough of the keys signed; a signature that does not verify counts for nothing, and
   * a key counts once, however many identifiers it has.
   *
   * @throws BullaException {@link ErrorCode#TRUST_METADATA_INVALID}
   */
  void check(SignedFile file, String by) {
    byte[] message = file.message();
    Set<PublicKeyVerifier> signers = new HashSet<>();
    for (Map.Entry<String, byte[]> signature : file.signatures().entrySet()) {
      TufKey key = keys.get(signature.getKey());
      if (key != null
          && signers.size() < threshold
          && !signers.contains(key.verifier())
          && key.verify(message, signature.getValue())) {
        signers.add(key.verifier());
      }
    }
    if (signers.size() < threshold) {
      throw Refused.invalid(
          file.name(),
          "signed by %d of the keys that %s names, expected %d"
              .formatted(signers.size(), by, threshold));
    }
  }

  /** Whether a key that could sign before cannot any more. */
  boolean lacksKeyOf(RoleKeys before) {
    return !identifiers.containsAll(before.identifiers);
  }
}
