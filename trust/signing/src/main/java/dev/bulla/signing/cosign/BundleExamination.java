package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Shown;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.statement.Subject;
import dev.bulla.signing.trust.CheckList;
import java.util.Map;
import java.util.Optional;

/**
 * All checks of one bundle or DSSE envelope by key, in order: integrity (the signature, over the exact bytes), payload type,
 * statement, digest, annotations. The statement is parsed only after the signature over it was verified.
 */
final class BundleExamination {
  private final CheckList checks;
  private final CosignTrust trust;

  BundleExamination(CheckList checks, CosignTrust trust) {
    this.checks = checks;
    this.trust = trust;
  }

  void run(Bundle bundle, Digest subject) {
    switch (bundle.content()) {
      case Bundle.Content.Dsse(DsseEnvelope envelope, byte[] signature) -> {
        if (signedByKey(envelope.toBeSigned(), signature, hint(bundle))) {
          logs(bundle);
          payload(envelope, subject);
        }
      }
      case Bundle.Content.Message ignored ->
          checks.failed(
              "integrity",
              ErrorCode.SIGNATURE_MALFORMED,
              "a DSSE envelope with a statement about the image",
              "a signature over a message that is not in the bundle");
    }
  }

  /** An envelope without a bundle around it, as the older attestation tags hold it. */
  void run(DsseEnvelope envelope, Digest subject) {
    for (DsseEnvelope.Signature signature : envelope.signatures()) {
      if (verifies(envelope.toBeSigned(), signature.value()).isPresent()) {
        signedByKey(envelope.toBeSigned(), signature.value(), Optional.empty());
        payload(envelope, subject);
        return;
      }
    }
    signedByKey(envelope.toBeSigned(), envelope.signatures().getFirst().value(), Optional.empty());
  }

  /**
   * Records whether the signature is the key's. A hint only serves to say why not: another key, or other bytes.
   *
   * @param hint what the signer said of its key; empty if it said nothing
   */
  boolean signedByKey(byte[] message, byte[] signature, Optional<String> hint) {
    Optional<SignatureAlgorithm> algorithm = verifies(message, signature);
    if (algorithm.isPresent()) {
      checks.authority(trust.name());
      checks.identity("sha256:" + trust.key().fingerprint());
      checks.passed("integrity", algorithm.get() + " signature by the key " + trust.name());
      return true;
    }
    refuse(hint);
    return false;
  }

  /** Records that the signature is not the key's. */
  void refuse(Optional<String> hint) {
    String key = "a signature by " + trust.key();
    if (hint.isPresent() && !hint.get().equals(trust.key().hint())) {
      checks.failed(
          "integrity", ErrorCode.SIGNER_NOT_TRUSTED, key, "signed by a key with the hint " + Shown.text(hint.get()));
    } else {
      checks.failed(
          "integrity", ErrorCode.SIGNATURE_INVALID, key, "the signature does not verify: other bytes or another key");
    }
  }

  private Optional<SignatureAlgorithm> verifies(byte[] message, byte[] signature) {
    return CosignAlgorithms.forVerifying(trust.key().type(), trust.hash()).stream()
        .filter(algorithm -> trust.key().verify(algorithm, message, signature))
        .findFirst();
  }

  /** What the bundle says of its key; empty if nothing. */
  static Optional<String> hint(Bundle bundle) {
    return switch (bundle.material()) {
      case Bundle.Material.PublicKey(String hint) -> Optional.of(hint).filter(text -> !text.isEmpty());
      case Bundle.Material.Certificate ignored -> Optional.of("(a certificate, not a key)");
    };
  }

  private void logs(Bundle bundle) {
    if (bundle.logEntries() > 0 || bundle.timestamps() > 0) {
      checks.skipped(
          "log",
          "%d log entries and %d timestamps not looked at: verified by key"
              .formatted(bundle.logEntries(), bundle.timestamps()));
    }
  }

  private void payload(DsseEnvelope envelope, Digest subject) {
    if (!envelope.payloadType().equals(MediaTypes.IN_TOTO)) {
      checks.failed(
          "payload-type", ErrorCode.SIGNATURE_PAYLOAD_TYPE, MediaTypes.IN_TOTO, Shown.text(envelope.payloadType()));
      return;
    }
    checks
        .attempt("statement", () -> statement(envelope))
        .ifPresent(
            statement -> {
              checks.statement(statement);
              checks.passed("statement", statement.predicateType());
              claims(statement, subject);
            });
  }

  private static Statement statement(DsseEnvelope envelope) {
    try {
      return Statement.parse(envelope.payload());
    } catch (BullaException e) {
      throw new BullaException(ErrorCode.STATEMENT_INVALID, e.reason(), e.nextStep(), e);
    }
  }

  private void claims(Statement statement, Digest subject) {
    if (!trust.checkClaims()) {
      checks.skipped("digest", "not checked, as demanded");
      return;
    }
    Optional<Subject> about =
        statement.subjects().stream().filter(one -> one.matches(subject)).findFirst();
    if (about.isEmpty()) {
      checks.failed(
          "digest",
          ErrorCode.SIGNATURE_DIGEST_MISMATCH,
          subject.toString(),
          Shown.text("a statement about " + statement.subjects().getFirst().digests()));
      return;
    }
    checks.passed("digest", subject.toString());
    annotations(about.get().annotations());
  }

  /** Records whether the demanded pairs are among those that were signed. */
  void annotations(Map<String, String> signed) {
    if (trust.annotations().isEmpty()) {
      return;
    }
    for (Map.Entry<String, String> wanted : trust.annotations().entrySet()) {
      String found = signed.get(wanted.getKey());
      if (!wanted.getValue().equals(found)) {
        checks.failed(
            "annotations",
            ErrorCode.SIGNATURE_METADATA,
            wanted.getKey() + "=" + wanted.getValue(),
            found == null ? "no such pair" : wanted.getKey() + "=" + Shown.text(found));
        return;
      }
    }
    checks.passed("annotations", "all demanded pairs are signed");
  }
}
