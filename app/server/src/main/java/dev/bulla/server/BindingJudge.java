package dev.bulla.server;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.claim.TrustDecision;
import dev.bulla.core.claim.Verification;
import dev.bulla.oci.Repository;
import dev.bulla.registry.Binding;
import dev.bulla.registry.ImageJudge;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.Conditions;
import dev.bulla.signing.authority.ImageName;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Judges images of the registry by the trust policy of their binding, with the house's verifier.
 * Policies are read once and kept. Thread-safe.
 */
public final class BindingJudge implements ImageJudge {
  private static final int KEPT = 200;

  private final VerifyImage verifier;
  private final Map<Digest, AuthorityPolicy> policies = new ConcurrentHashMap<>();

  public BindingJudge(InstantSource clock) {
    this.verifier = new VerifyImage(clock);
  }

  @Override
  public Judgement judge(
      Binding binding, Repository repository, Descriptor subject, Optional<String> tag) {
    ImageName image = new ImageName(binding.name() + "/" + repository.name(), tag);
    Verification answer =
        verifier.verify(
            repository, subject, new Trust.ByAuthorities(policy(binding), image, Conditions.NONE));
    List<TrustDecision.Clause> clauses =
        answer.decision().map(TrustDecision::clauses).orElse(List.of());
    boolean rejected =
        !answer.accepted()
            && answer.decision().filter(one -> one.action().equals("refuse")).isPresent();
    return new Judgement(
        answer.accepted(),
        clauses.stream().map(one -> new Clause(one.name(), one.missing())).toList(),
        clauses.stream()
            .flatMap(one -> one.satisfied().stream())
            .map(one -> one.evidence().toString())
            .distinct()
            .toList(),
        answer.failure().map(Verification.Failure::reason).orElse(""),
        rejected);
  }

  @Override
  public void check(Binding binding) {
    policy(binding);
  }

  private AuthorityPolicy policy(Binding binding) {
    Digest digest = Digest.sha256(binding.trust());
    AuthorityPolicy known = policies.get(digest);
    if (known == null) {
      known = TrustDocument.parse(binding.trust()).policy();
      if (policies.size() >= KEPT) {
        policies.clear();
      }
      policies.put(digest, known);
    }
    return known;
  }
}
