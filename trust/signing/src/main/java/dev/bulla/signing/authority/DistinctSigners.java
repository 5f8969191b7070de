package dev.bulla.signing.authority;

import dev.bulla.core.Digest;
import dev.bulla.core.claim.TrustDecision.Satisfied;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts distinct authorities over distinct signers. A signature may satisfy several authorities
 * (two patterns that one identity matches), and one signer may have signed many times; still he
 * counts once. The count is the greatest number of authorities to each of which a signer of its own
 * can be given: a maximum matching, found by augmenting paths. More signatures can only make it
 * greater.
 */
final class DistinctSigners {
  private final Map<String, Map<String, Digest>> signersOf = new LinkedHashMap<>();

  /** A signature by {@code signer} that satisfies {@code authority}. */
  void add(String authority, String signer, Digest evidence) {
    signersOf
        .computeIfAbsent(authority, ignored -> new LinkedHashMap<>())
        .putIfAbsent(signer, evidence);
  }

  /** For each authority that is counted, the signature that it is counted for. */
  List<Satisfied> count(List<String> authorities) {
    Map<String, String> taken = new LinkedHashMap<>();
    for (String authority : authorities) {
      assign(authority, taken, new HashSet<>());
    }
    List<Satisfied> all = new ArrayList<>();
    for (String authority : authorities) {
      signersOf.getOrDefault(authority, Map.of()).entrySet().stream()
          .filter(signer -> authority.equals(taken.get(signer.getKey())))
          .forEach(signer -> all.add(new Satisfied(authority, signer.getValue(), signer.getKey())));
    }
    return all;
  }

  /** Gives the authority a signer, moving others if that makes room. */
  private boolean assign(String authority, Map<String, String> taken, Set<String> tried) {
    for (String signer : signersOf.getOrDefault(authority, Map.of()).keySet()) {
      if (tried.add(signer)) {
        String holder = taken.get(signer);
        if (holder == null || assign(holder, taken, tried)) {
          taken.put(signer, authority);
          return true;
        }
      }
    }
    return false;
  }
}
