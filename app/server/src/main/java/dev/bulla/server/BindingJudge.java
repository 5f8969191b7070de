package dev.bulla.server;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.TrustDecision;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.oci.Repository;
import dev.bulla.pipeline.DeployGate;
import dev.bulla.policy.PolicyBundle;
import dev.bulla.registry.Binding;
import dev.bulla.registry.ImageJudge;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.Conditions;
import dev.bulla.signing.authority.EvidenceMemory;
import dev.bulla.signing.authority.ImageName;
import dev.bulla.signing.pack.RecordedRevocation;
import dev.bulla.signing.revocation.RevocationSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Judges images of the registry by the trust policy and the policy bundle of their binding, with
 * the house's verifier and gate. Both are read once and kept. Thread-safe.
 */
public final class BindingJudge implements ImageJudge {
  private static final int KEPT = 200;

  /** The clauses of a policy bundle are its rules. */
  private static final String RULE = "policy/";

  /**
   * As many pieces of evidence as the limit allows, so that nobody hides an image behind others.
   */
  private static final int MAX_SIGNATURES = 1_000;

  private static final long REMEMBERED = 64L * 1024 * 1024;

  /** What a limit refuses is not called unsigned. */
  private static final String LIMIT = "evidence-limit";

  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration ASKED_LIFE = Duration.ofHours(1);
  private static final Pattern CLOCK = Pattern.compile("\\bnow\\b");

  private final InstantSource clock;
  private final Map<Digest, Rules> read = new ConcurrentHashMap<>();
  private final EvidenceMemory memory = new EvidenceMemory(REMEMBERED);

  public BindingJudge(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * What a binding says, read.
   *
   * @param steps at which an answer is looked at again, to find out how long it holds
   * @param memory of evidence that was judged by this trust document
   */
  private record Rules(
      String names,
      AuthorityPolicy trust,
      BindingRevocation revocation,
      Optional<DeployGate> gate,
      List<Duration> steps,
      EvidenceMemory.Part memory) {}

  /** What is judged. */
  private record Case(
      Rules rules, Repository repository, Descriptor subject, ImageName image, String name) {}

  @Override
  public Judgement judge(
      Binding binding, Repository repository, Descriptor subject, Optional<String> tag) {
    String name = binding.name() + "/" + repository.name();
    Case asked =
        new Case(
            rules(binding),
            repository,
            subject,
            new ImageName(name, tag),
            name + "@" + subject.digest());
    RecordedRevocation revocation = new RecordedRevocation(asked.rules.revocation.open());
    Instant now = clock.instant();
    Verification answer = answer(asked, revocation, now);
    boolean rejected =
        !answer.accepted()
            && answer.decision().filter(one -> one.action().equals("refuse")).isPresent();
    return new Judgement(
        answer.accepted(),
        clauses(answer),
        evidence(answer),
        answer.failure().map(Verification.Failure::reason).orElse(""),
        rejected,
        answer.accepted() ? until(asked, revocation, now) : Optional.empty());
  }

  @Override
  public void check(Binding binding) {
    rules(binding);
  }

  /** What a binding judges by, for people. */
  String names(Binding binding) {
    return rules(binding).names;
  }

  private Verification answer(Case asked, RevocationSource revocation, Instant now) {
    Conditions conditions =
        Conditions.NONE.withMaxSignatures(MAX_SIGNATURES).withRevocation(revocation);
    Verification believed =
        new VerifyImage(InstantSource.fixed(now), Optional.of(asked.rules.memory))
            .verify(
                asked.repository,
                asked.subject,
                new Trust.ByAuthorities(
                    asked.rules.trust,
                    asked.image,
                    asked.rules.gate.isPresent() ? conditions.withEverything() : conditions));
    return asked
        .rules
        .gate
        .map(gate -> gate.judge(asked.repository, believed, asked.name, now))
        .orElse(believed);
  }

  /** Until when an answer in favour holds, if it ends by itself within a day. */
  private Optional<Instant> until(Case asked, RecordedRevocation revocation, Instant now) {
    RevocationSource known = RevocationSource.supplied(revocation.lists(), revocation.responses());
    Optional<Instant> end =
        Horizon.end(now, asked.rules.steps, later -> answer(asked, known, later).accepted());
    boolean others =
        asked.rules.revocation.online()
            && !(revocation.lists().isEmpty() && revocation.responses().isEmpty());
    Instant again = now.plus(ASKED_LIFE);
    return others ? Optional.of(end.filter(again::isAfter).orElse(again)) : end;
  }

  private static List<Clause> clauses(Verification answer) {
    List<Clause> all = new ArrayList<>();
    answer
        .failure()
        .filter(one -> one.code() == ErrorCode.SIGNATURE_TOO_MANY)
        .ifPresent(one -> all.add(new Clause(LIMIT, one.reason())));
    answer
        .decision()
        .map(TrustDecision::clauses)
        .orElse(List.of())
        .forEach(one -> all.add(new Clause(one.name(), one.missing())));
    results(answer)
        .filter(one -> one.outcome() != RuleResult.Outcome.NOT_APPLICABLE)
        .forEach(one -> all.add(new Clause(RULE + one.id(), one.blocks() ? one.message() : "")));
    return all;
  }

  private static List<String> evidence(Verification answer) {
    Stream<Digest> signatures =
        answer.decision().map(TrustDecision::clauses).orElse(List.of()).stream()
            .flatMap(one -> one.satisfied().stream())
            .map(TrustDecision.Satisfied::evidence);
    Stream<Digest> facts =
        answer.verdict().isEmpty()
            ? Stream.empty()
            : answer.verified().stream()
                .filter(one -> one.statement().isPresent())
                .map(one -> one.evidence());
    return Stream.concat(signatures, facts).map(Digest::toString).distinct().toList();
  }

  private static Stream<RuleResult> results(Verification answer) {
    return answer.verdict().map(Verdict::results).orElse(List.of()).stream();
  }

  private Rules rules(Binding binding) {
    Digest digest = binding.digest();
    Rules known = read.get(digest);
    if (known == null) {
      TrustDocument trust = TrustDocument.parse(binding.trust());
      Optional<PolicyBundle> bundle =
          binding.policy().length == 0
              ? Optional.empty()
              : Optional.of(PolicyDocument.parse(binding.policy()).bundle());
      known =
          new Rules(
              trust.policy().name() + bundle.map(one -> " + " + one.name()).orElse(""),
              trust.policy(),
              trust.revocation(),
              bundle.map(one -> DeployGate.of(List.of(one), clock)),
              steps(binding),
              memory.of(Digest.sha256(binding.trust())));
      if (read.size() >= KEPT) {
        read.clear();
      }
      read.put(digest, known);
    }
    return known;
  }

  /** Rules over the clock may hold and not hold in turn, so they are looked at more often. */
  private static List<Duration> steps(Binding binding) {
    boolean clock = CLOCK.matcher(new String(binding.policy(), StandardCharsets.UTF_8)).find();
    return clock
        ? List.of(
            Duration.ofHours(1),
            Duration.ofHours(4),
            Duration.ofHours(8),
            Duration.ofHours(12),
            Duration.ofHours(18),
            DAY)
        : List.of(DAY);
  }
}
