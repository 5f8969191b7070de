package dev.bulla.signing.authority;

import dev.bulla.core.Descriptor;
import dev.bulla.core.claim.TrustDecision;
import dev.bulla.core.claim.Verification;
import dev.bulla.signing.authority.Explained.Asked;
import dev.bulla.signing.trust.KeyFacts;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One scope of a policy at work on one image or file: who judges, what was gathered so far, and the
 * answer that follows from it. Not thread-safe.
 */
final class Hearing {
  private final AuthorityPolicy policy;
  private final AuthorityPolicy.Applied applied;
  private final Asked asked;
  private final Judges judges;
  private final Gathered gathered;
  private final boolean everything;

  Hearing(
      AuthorityPolicy policy,
      AuthorityPolicy.Applied applied,
      Asked asked,
      Conditions conditions,
      Instant now) {
    this.policy = policy;
    this.applied = applied;
    this.asked = asked;
    this.everything = conditions.everything();
    ScopeRule rule = applied.rule();
    List<Authority> authorities =
        rule.requirements().stream()
            .flatMap(one -> one.authorities().stream())
            .distinct()
            .flatMap(name -> Optional.ofNullable(policy.authorities().get(name)).stream())
            .toList();
    this.judges = new Judges(authorities, rule.algorithms(), conditions, now);
    this.gathered =
        new Gathered(
            rule, new SignatureDemands(rule, conditions, now), keys(authorities), asked.kind());
  }

  ScopeRule rule() {
    return applied.rule();
  }

  Judges judges() {
    return judges;
  }

  Gathered gathered() {
    return gathered;
  }

  /**
   * @param more whether evidence was left unread because of the limit
   */
  Verification answer(Descriptor subject, boolean more) {
    TrustDecision decision =
        new TrustDecision(
            policy.name(),
            policy.digest(),
            rule().name(),
            applied.pattern().text(),
            rule().action().name().toLowerCase(Locale.ROOT),
            gathered.clauses());
    return Explained.answer(
        subject, asked, rule(), decision, gathered.records(), more, more && everything);
  }

  private static Set<String> keys(List<Authority> authorities) {
    return authorities.stream()
        .flatMap(one -> one.means().stream())
        .filter(Means.Key.class::isInstance)
        .map(Means.Key.class::cast)
        .flatMap(one -> Stream.concat(Stream.of(one.key()), one.second().stream()))
        .map(KeyFacts::fingerprint)
        .collect(Collectors.toUnmodifiableSet());
  }
}
