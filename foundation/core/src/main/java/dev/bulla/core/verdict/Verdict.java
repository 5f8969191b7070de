package dev.bulla.core.verdict;

import dev.bulla.core.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A decision about a subject, with every rule that led to it. A verdict is itself a statement (a
 * verification summary).
 *
 * @param phase where it was taken: {@code build.pre}, {@code build.post}, {@code deploy}, …
 * @param subject the image; empty before there is one
 * @param name what people call the subject: reference or template
 * @param policy name of the policy bundle
 * @param policyDigest digest of the bundle's bytes
 * @param factsDigest digest of the canonical facts document that was judged
 */
public record Verdict(
    String phase,
    Optional<Digest> subject,
    String name,
    Instant time,
    String policy,
    Digest policyDigest,
    Digest factsDigest,
    List<RuleResult> results) {

  public Verdict {
    results = List.copyOf(results);
  }

  /** Allowed only if there was a rule at all and none blocks: an empty policy decides nothing. */
  public boolean allowed() {
    return !results.isEmpty() && results.stream().noneMatch(RuleResult::blocks);
  }

  public List<RuleResult> blocking() {
    return results.stream().filter(RuleResult::blocks).toList();
  }
}
