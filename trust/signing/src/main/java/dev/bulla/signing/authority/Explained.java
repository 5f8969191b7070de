package dev.bulla.signing.authority;

import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.TrustDecision;
import dev.bulla.core.claim.TrustDecision.Clause;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.claim.Verification.Failure;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.signing.notation.NotationEvidence;
import dev.bulla.signing.trust.Outcomes;
import java.util.List;
import java.util.Optional;

/** From what was found to one answer with a reason. */
final class Explained {
  private static final String TOO_MANY =
      "Raise the limit of signatures, or remove those that are not needed.";

  private Explained() {}

  /**
   * What is judged, in words.
   *
   * @param kind image or file
   */
  record Asked(String kind, String name) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Verification noScope(AuthorityPolicy policy, Descriptor subject, Asked asked) {
    return Outcomes.refused(
            subject,
            ErrorCode.TRUST_POLICY_NO_SCOPE,
            "no scope of the trust policy '%s' is for the %s %s"
                .formatted(policy.name(), asked.kind, asked),
            "Add a scope whose %s match it, or name the right one with --scope."
                .formatted(asked.kind.equals("image") ? "images" : "blobs"),
            List.of())
        .withDecision(new TrustDecision(policy.name(), policy.digest(), "", "", "", List.of()));
  }

  /**
   * @param more whether evidence was left unread because of the limit
   * @param lacking whether that alone refuses: all of it was wanted
   */
  static Verification answer(
      Descriptor subject,
      Asked asked,
      ScopeRule rule,
      TrustDecision decision,
      List<SignatureRecord> records,
      boolean more,
      boolean lacking) {
    Optional<Failure> failure =
        failure(asked, rule, decision, records, more)
            .or(() -> lacking ? Optional.of(unread(asked, records)) : Optional.empty());
    Verification answer =
        switch (rule.action()) {
          case AUDIT -> Outcomes.accepted(subject, records, note(rule, failure));
          case ENFORCE, REFUSE ->
              failure
                  .map(why ->
                      Outcomes.refused(subject, why.code(), why.reason(), why.nextStep(), records))
                  .orElseGet(() -> Outcomes.accepted(subject, records, ""));
        };
    return answer.withDecision(decision);
  }

  private static String note(ScopeRule rule, Optional<Failure> failure) {
    if (rule.requirements().isEmpty()) {
      return "audit: the scope '%s' demands nothing; nothing was verified".formatted(rule.name());
    }
    return failure
        .map(why -> "audit: accepted although %s [%s]".formatted(why.reason(), why.code().id()))
        .orElse("");
  }

  private static Optional<Failure> failure(
      Asked asked,
      ScopeRule rule,
      TrustDecision decision,
      List<SignatureRecord> records,
      boolean more) {
    if (rule.action() == ScopeRule.Action.REFUSE) {
      return Optional.of(
          new Failure(
              ErrorCode.POLICY_REFUSED,
              "%s: the scope '%s' (%s) refuses every %s"
                  .formatted(asked, rule.name(), decision.pattern(), asked.kind),
              asked.kind.equals("image")
                  ? "Use an image of another repository, or change the trust policy."
                  : "Change the trust policy."));
    }
    return decision.clauses().stream()
        .filter(clause -> !clause.met())
        .findFirst()
        .map(clause -> unmet(asked, decision, clause, records, more));
  }

  /** What was not read may be what a policy bundle would refuse for. */
  private static Failure unread(Asked asked, List<SignatureRecord> records) {
    return new Failure(
        ErrorCode.SIGNATURE_TOO_MANY,
        "%s: all statements are wanted, and only the first %d pieces of evidence were read"
            .formatted(asked, records.size()),
        TOO_MANY);
  }

  private static Failure unmet(
      Asked asked,
      TrustDecision decision,
      Clause clause,
      List<SignatureRecord> records,
      boolean more) {
    String where =
        "%s: the demand '%s' of the scope '%s' is not met: %s"
            .formatted(asked, clause.name(), decision.scope(), clause.missing());
    if (more) {
      return new Failure(
          ErrorCode.SIGNATURE_TOO_MANY,
          "%s; only the first %d signatures were read, and there are more"
              .formatted(where, records.size()),
          TOO_MANY);
    }
    List<SignatureRecord> fitting = records.stream().filter(one -> mayMeet(one, clause)).toList();
    Optional<Outcomes.Closest> closest = Outcomes.closest(fitting);
    String shown = closest.map(one -> "; " + one.reason()).orElse("");
    String next =
        clause.predicateType().isPresent()
            ? "Have one of them attest it (bulla sign --type), or change the trust policy."
            : "Have one of them sign it, or check that this is the digest that was signed.";
    if (!clause.satisfied().isEmpty()) {
      return new Failure(ErrorCode.SIGNATURE_THRESHOLD, where + shown, next);
    }
    ErrorCode code =
        closest
            .flatMap(one -> one.failed().code())
            .orElse(
                clause.predicateType().isPresent()
                    ? ErrorCode.STATEMENT_MISSING
                    : ErrorCode.SIGNATURE_MISSING);
    return new Failure(code, where + shown, next);
  }

  /** Whether a record that is not verified may have been meant for the clause. */
  private static boolean mayMeet(SignatureRecord record, Clause clause) {
    Optional<String> type = record.statement().map(Statement::predicateType);
    if (record.verified()) {
      return false;
    }
    if (type.isEmpty()
        && record.checks().stream()
            .anyMatch(check -> check.name().equals(NotationEvidence.ATTACHED))) {
      return clause.predicateType().isPresent();
    }
    return clause.predicateType().isPresent()
        ? type.isEmpty()
                && (record.format().startsWith("sigstore") || record.format().equals("bulla-dual"))
            || type.equals(clause.predicateType())
        : type.isEmpty() || type.get().equals(PredicateTypes.COSIGN_SIGN_V1);
  }
}
