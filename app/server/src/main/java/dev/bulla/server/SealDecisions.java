package dev.bulla.server;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.RuleResult.Outcome;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.oci.Repository;
import dev.bulla.policy.VerificationSummary;
import dev.bulla.registry.Admission;
import dev.bulla.registry.Binding;
import dev.bulla.registry.DecisionSealer;
import dev.bulla.registry.ImageJudge.Clause;
import dev.bulla.registry.Waiver;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.store.Home;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Seals decisions of the registry as SLSA verification summaries, in Cosign's form, with a key that
 * the registry has for nothing else: who believes what a home has built need not believe what its
 * registry has admitted. The key is made with the first summary. Thread-safe.
 */
final class SealDecisions implements DecisionSealer {
  /** Who decides, in the summaries. */
  static final String VERIFIER = "https://bulla.dev/registry";

  private static final String PHASE = "admission";

  private final BindingJudge judge;
  private final Home home;
  private final InstantSource clock;
  private final SecureRandom random;
  private @Nullable CosignSigner signer;

  SealDecisions(BindingJudge judge, Home home, InstantSource clock, SecureRandom random) {
    this.judge = judge;
    this.home = home;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public Optional<Descriptor> seal(
      Binding binding,
      Repository repository,
      Descriptor subject,
      Admission decision,
      List<Waiver> waivers) {
    String name = "%s/%s@%s".formatted(binding.name(), repository.name(), subject.digest());
    Verdict verdict =
        new Verdict(
            PHASE,
            Optional.of(subject.digest()),
            name,
            decision.decided(),
            judge.names(binding),
            binding.digest(),
            Digest.sha256(Json.canonical(decision.toJson())),
            results(decision, waivers));
    List<Digest> inputs = decision.evidence().stream().map(Digest::parse).toList();
    return Optional.of(
        signer()
            .attest(
                repository,
                subject,
                VerificationSummary.statement(verdict, subject.digest(), name, VERIFIER, inputs)));
  }

  /** The clauses as rules: what is waived is a warning, what an index stands for does not apply. */
  private static List<RuleResult> results(Admission decision, List<Waiver> waivers) {
    List<RuleResult> all = new ArrayList<>();
    String exceptions = waivers.stream().map(SealDecisions::text).collect(Collectors.joining("; "));
    for (Clause clause : decision.clauses()) {
      if (clause.met()) {
        all.add(result(clause.name(), Outcome.PASS, "met"));
      } else if (!decision.visible()) {
        all.add(result(clause.name(), Outcome.FAIL, clause.missing()));
      } else if (!decision.via().isEmpty()) {
        all.add(result(clause.name(), Outcome.NOT_APPLICABLE, clause.missing()));
      } else {
        all.add(result(clause.name(), Outcome.WARN, clause.missing() + "; " + exceptions));
      }
    }
    String why = decision.state() + " " + decision.reason();
    if (!decision.via().isEmpty()) {
      why = "admitted as a part of " + decision.via();
    } else if (!exceptions.isEmpty()) {
      why = "admitted by " + exceptions;
    }
    all.add(result("admission", decision.visible() ? Outcome.PASS : Outcome.FAIL, why.strip()));
    return all;
  }

  private static String text(Waiver waiver) {
    return "waiver %d until %s, asked for by %s, agreed to by %s: %s"
        .formatted(
            waiver.id(),
            waiver.expires(),
            waiver.requester(),
            waiver.approvals().stream()
                .map(Waiver.Approval::name)
                .collect(Collectors.joining(" and ")),
            waiver.reason());
  }

  private static RuleResult result(String id, Outcome outcome, String message) {
    boolean plain = outcome == Outcome.PASS || outcome == Outcome.NOT_APPLICABLE;
    String code = plain ? "" : ErrorCode.CONTENT_NOT_ADMITTED.id();
    return new RuleResult(id, outcome, code, message, "", List.of());
  }

  private synchronized CosignSigner signer() {
    CosignSigner known = signer;
    if (known == null) {
      known =
          new CosignSigner(
              SigningIdentity.openOrCreate(
                      home.keys().resolve("registry"), clock, random, "Bulla registry")
                  .signer(),
              clock);
      signer = known;
    }
    return known;
  }
}
