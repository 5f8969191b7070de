package dev.bulla.signing.notation;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.signing.plugin.VerifiedByPlugin.Result;
import dev.bulla.signing.revocation.Revocation;
import dev.bulla.signing.revocation.RevocationState;
import dev.bulla.signing.trust.CheckList;
import dev.bulla.signing.trust.TrustStatement;
import dev.bulla.signing.trust.VerificationLevel.Action;
import dev.bulla.signing.trust.VerificationLevel.Aspect;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether a certificate of the chain was revoked.
 *
 * <p>Certificates that name neither an OCSP responder nor a CRL cannot be revoked and pass, as in
 * notation. Only those of a chain that a trust store vouches for are asked about: the addresses in
 * the others are whatever their maker wrote, and nobody may make a verifier call them.
 */
final class RevocationCheck {
  private static final String NAME = "revocation";

  private final CheckList checks;
  private final TrustStatement statement;
  private final Revocation revocation;

  RevocationCheck(CheckList checks, TrustStatement statement, Revocation revocation) {
    this.checks = checks;
    this.statement = statement;
    this.revocation = revocation;
  }

  /**
   * @param signed when the signature was made, if that is authentic
   */
  void run(Envelope envelope, Optional<Instant> signed) {
    if (statement.level().action(Aspect.REVOCATION) == Action.SKIP) {
      checks.skipped(NAME, "skipped by the trust policy");
      return;
    }
    List<X509Certificate> chain = envelope.chain();
    boolean trusted = checks.hasPassed("certificates") && checks.hasPassed("authenticity");
    List<String> asked = new ArrayList<>();
    for (int at = 0; at < Math.max(1, chain.size() - 1); at++) {
      X509Certificate certificate = chain.get(at);
      if (!Revocation.namesSource(certificate)) {
        continue;
      }
      RevocationState state =
          trusted
              ? revocation.state(certificate, chain.get(Math.min(at + 1, chain.size() - 1)), signed)
              : new RevocationState.Unknown("not asked, because the chain is not trusted");
      switch (state) {
        case RevocationState.NotRevocable() -> {}
        case RevocationState.Good(String source) -> asked.add(source);
        case RevocationState.Revoked(Instant since, String source) -> {
          refuse(
              ErrorCode.CERTIFICATE_REVOKED,
              certificate,
              "revoked %s, by %s".formatted(since, source));
          return;
        }
        case RevocationState.Unknown(String why) -> {
          refuse(ErrorCode.REVOCATION_UNKNOWN, certificate, why);
          return;
        }
      }
    }
    checks.passed(
        NAME,
        asked.isEmpty()
            ? "no certificate names an OCSP responder or a CRL"
            : "not revoked, by " + String.join(" and ", asked));
  }

  /** A verification plugin has decided instead. */
  void byPlugin(Result result) {
    if (result.success()) {
      checks.passed(NAME, "not revoked, by the plugin");
    } else {
      checks.add(
          SignatureExamination.byPolicy(
              statement,
              Aspect.REVOCATION,
              NAME,
              ErrorCode.CERTIFICATE_REVOKED,
              "a plugin that says that nothing was revoked",
              Shown.text(result.reason())));
    }
  }

  private void refuse(ErrorCode code, X509Certificate certificate, String found) {
    checks.add(
        SignatureExamination.byPolicy(
            statement,
            Aspect.REVOCATION,
            NAME,
            code,
            "an answer that no certificate was revoked",
            certificate.getSubjectX500Principal() + ": " + found));
  }
}
