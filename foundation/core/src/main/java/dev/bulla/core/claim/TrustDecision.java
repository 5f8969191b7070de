package dev.bulla.core.claim;

import dev.bulla.core.Digest;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a trust policy came to its answer: which scope applied, and for each of its clauses who has
 * satisfied it by which signature.
 *
 * @param policy name of the policy
 * @param digest of the policy document
 * @param scope name of the scope that applied; empty if none did
 * @param pattern by which the scope applied; empty if none did
 * @param action {@code enforce}, {@code audit} or {@code refuse}; empty if no scope applied
 * @param clauses in the order of the policy
 */
public record TrustDecision(
    String policy,
    Digest digest,
    String scope,
    String pattern,
    String action,
    List<Clause> clauses) {

  /**
   * One demand of a scope.
   *
   * @param name {@code signatures}, or {@code attestation} with the predicate type
   * @param predicateType of the demanded statement; empty for signatures of the image
   * @param threshold how many distinct authorities are needed
   * @param authorities among whom
   * @param annotations pairs that must have been signed
   * @param satisfied at most one entry for an authority, and none for a signer twice
   * @param missing what is missing, in one sentence; empty if it is met
   */
  public record Clause(
      String name,
      Optional<String> predicateType,
      int threshold,
      List<String> authorities,
      Map<String, String> annotations,
      List<Satisfied> satisfied,
      String missing) {
    public Clause {
      authorities = List.copyOf(authorities);
      annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
      satisfied = List.copyOf(satisfied);
      if (satisfied.size() >= threshold != missing.isEmpty()) {
        throw new IllegalArgumentException("a clause misses something exactly when it is not met");
      }
    }

    public boolean met() {
      return missing.isEmpty();
    }
  }

  /**
   * @param signer of the evidence: key or identity, as it counts among distinct signers
   */
  public record Satisfied(String authority, Digest evidence, String signer) {}

  public TrustDecision {
    clauses = List.copyOf(clauses);
  }
}
