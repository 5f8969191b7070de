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
import dev.bulla.keys.Certificates;
import dev.bulla.keys.KeyType;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.sigstore.EvidenceExamination;
import dev.bulla.signing.sigstore.SignedMaterial;
import dev.bulla.signing.sigstore.TrustedRoot;
import dev.bulla.signing.trust.CheckList;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;

/**
 * All checks of one bundle or DSSE envelope, in order: integrity (the signature, over the exact
 * bytes), what stands beside it if a trusted root asks for that (see {@link EvidenceExamination}),
 * payload type, statement, digest, annotations. The statement is parsed only after all before it
 * passed.
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
        if (signed(bundle, new SignedMessage.Enveloped(envelope), signature)) {
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

  /**
   * An envelope of the older attestation tags, which may hold several signatures.
   *
   * @param evidence what stands beside it
   */
  void run(DsseEnvelope envelope, Bundle evidence, Digest subject) {
    SignedMessage message = new SignedMessage.Enveloped(envelope);
    Optional<PublicKeyVerifier> key = key(evidence);
    byte[] signature =
        envelope.signatures().stream()
            .map(DsseEnvelope.Signature::value)
            .filter(one -> key.flatMap(by -> verifies(by, message, one)).isPresent())
            .findFirst()
            .orElse(envelope.signatures().getFirst().value());
    if (signed(evidence, message, signature)) {
      payload(envelope, subject);
    }
  }

  /** The key that must have signed: the trusted one, or that of the certificate. */
  private Optional<PublicKeyVerifier> key(Bundle bundle) {
    if (trust.signer() instanceof TrustedSigner.Key(PublicKeyVerifier key, var ignored)) {
      return Optional.of(key);
    }
    Optional<X509Certificate> given =
        trust.signer() instanceof TrustedSigner.Certified certified
            ? certified.given().certificate()
            : Optional.empty();
    try {
      return certificate(bundle).or(() -> given).map(Certificates::verifier);
    } catch (BullaException e) {
      return Optional.empty(); // refused with a reason where the signature is checked
    }
  }

  /**
   * Records whether the bundle's signature is over {@code message} and by the trusted signer, with
   * all that this takes.
   */
  boolean signed(Bundle bundle, SignedMessage message, byte[] signature) {
    return switch (trust.signer()) {
      case TrustedSigner.Key(PublicKeyVerifier key, Optional<TrustedRoot> root) ->
          signedByKey(key, message, signature, bundle)
              .filter(algorithm ->
                  logged(bundle, root, material(bundle, key, algorithm, message, signature)))
              .isPresent();
      case TrustedSigner.Certified certified ->
          leaf(bundle, certified.given())
              .flatMap(leaf -> signedByCertificate(leaf, message, signature))
              .filter(signed ->
                  new EvidenceExamination(
                          checks,
                          certified.root(),
                          certified.given().promise(),
                          certified.given().unlogged())
                      .byIdentity(
                          signed, bundle.logEntries(), bundle.timestamps(), certified.identity()))
              .isPresent();
      case TrustedSigner.Pair pair -> {
        checks.failed(
            "integrity",
            ErrorCode.SIGNER_NOT_TRUSTED,
            "a dual signature by " + pair.classical() + " and " + pair.lattice(),
            "one signature");
        yield false;
      }
    };
  }

  /**
   * Records whether the envelope's two signatures are over its bytes, one by each key. With one of
   * them taken away, or a third put beside them, it is no dual signature.
   */
  void dual(DsseEnvelope envelope, Digest subject) {
    if (!(trust.signer() instanceof TrustedSigner.Pair(var classical, var lattice))) {
      checks.failed(
          "integrity",
          ErrorCode.SIGNER_NOT_TRUSTED,
          "one signature by who is believed",
          "a dual signature, which only a pair of keys verifies");
      return;
    }
    if (experimental(lattice)) {
      return;
    }
    SignedMessage message = new SignedMessage.Enveloped(envelope);
    SignatureAlgorithm first = CosignAlgorithms.forSigning(classical.type());
    SignatureAlgorithm second = SignatureAlgorithm.ML_DSA_65;
    if (envelope.signatures().size() != 2
        || !message.verifies(classical, first, envelope.signatures().getFirst().value())
        || !message.verifies(lattice, second, envelope.signatures().getLast().value())) {
      checks.failed(
          "integrity",
          ErrorCode.SIGNATURE_INVALID,
          "two signatures over the same bytes, by %s, then by %s".formatted(classical, lattice),
          "%d signatures, not these".formatted(envelope.signatures().size()));
      return;
    }
    checks.signedBy(first, second, classical);
    checks.authority(trust.name());
    checks.identity(
        "sha256:%s and sha256:%s".formatted(classical.fingerprint(), lattice.fingerprint()));
    checks.passed("integrity", "%s and %s signatures over the same bytes".formatted(first, second));
    payload(envelope, subject);
  }

  /** True, and said, if the key is of a kind that nobody has allowed. */
  private boolean experimental(PublicKeyVerifier key) {
    boolean refused = key.type() == KeyType.ML_DSA_65 && !trust.experimental();
    if (refused) {
      checks.failed(
          "integrity",
          ErrorCode.SIGNATURE_ALGORITHM,
          "an algorithm that is not experimental, or that is allowed by name",
          "ml-dsa-65");
    }
    return refused;
  }

  /**
   * Records whether the signature is the key's, and by which algorithm. What the bundle says of its
   * key only serves to say why not: another key, or other bytes.
   */
  private Optional<SignatureAlgorithm> signedByKey(
      PublicKeyVerifier key, SignedMessage message, byte[] signature, Bundle bundle) {
    if (experimental(key)) {
      return Optional.empty();
    }
    Optional<String> hint = hint(bundle);
    Optional<SignatureAlgorithm> algorithm = verifies(key, message, signature);
    if (algorithm.isPresent()) {
      checks.signedBy(algorithm.get(), key, certificate(bundle));
      checks.authority(trust.name());
      checks.identity("sha256:" + key.fingerprint());
      checks.passed("integrity", algorithm.get() + " signature by the key " + trust.name());
    } else if (hint.isPresent() && !hint.get().equals(key.hint())) {
      checks.failed(
          "integrity",
          ErrorCode.SIGNER_NOT_TRUSTED,
          "a signature by " + key,
          "signed by a key with the hint " + Shown.text(hint.get()));
    } else {
      checks.failed(
          "integrity",
          ErrorCode.SIGNATURE_INVALID,
          "a signature by " + key,
          "the signature does not verify: other bytes or another key");
    }
    return algorithm;
  }

  /** The certificate beside the signature, or else the one that the caller has. */
  private Optional<X509Certificate> leaf(Bundle bundle, CertificateAtHand given) {
    Optional<X509Certificate> beside = certificate(bundle);
    if (beside.isEmpty() && given.certificate().isEmpty()) {
      checks.failed(
          "integrity",
          ErrorCode.SIGNER_NOT_TRUSTED,
          "a signature by a certificate",
          "a signature by a key, which proves no identity");
    } else if (beside.isPresent()
        && given.certificate().filter(one -> !one.equals(beside.get())).isPresent()) {
      checks.failed(
          "integrity",
          ErrorCode.SIGNER_NOT_TRUSTED,
          "a signature by the certificate that was given",
          "another certificate beside the signature");
      return Optional.empty();
    }
    return beside.or(given::certificate);
  }

  private Optional<SignedMaterial> signedByCertificate(
      X509Certificate leaf, SignedMessage message, byte[] signature) {
    Optional<PublicKeyVerifier> key =
        checks.attempt("integrity", () -> Certificates.verifier(leaf));
    if (key.isEmpty() || experimental(key.get())) {
      return Optional.empty();
    }
    Optional<SignatureAlgorithm> algorithm = verifies(key.get(), message, signature);
    if (algorithm.isEmpty()) {
      checks.failed(
          "integrity",
          ErrorCode.SIGNATURE_INVALID,
          "a signature by the certificate's key",
          "the signature does not verify: other bytes or another key");
      return Optional.empty();
    }
    checks.signedBy(algorithm.get(), key.get(), Optional.of(leaf));
    checks.authority(trust.name());
    checks.passed("integrity", algorithm.get() + " signature by the certificate's key");
    return Optional.of(
        new SignedMaterial(
            Optional.of(leaf),
            key.get(),
            algorithm.get(),
            signature,
            message.digests(),
            message.envelope()));
  }

  private Optional<SignatureAlgorithm> verifies(
      PublicKeyVerifier key, SignedMessage message, byte[] signature) {
    return CosignAlgorithms.forVerifying(key.type(), trust.hash()).stream()
        .filter(algorithm -> message.verifies(key, algorithm, signature))
        .findFirst();
  }

  /** What the bundle says of its key; empty if nothing. */
  private static Optional<String> hint(Bundle bundle) {
    return switch (bundle.material()) {
      case Bundle.Material.PublicKey(String hint) ->
          Optional.of(hint).filter(text -> !text.isEmpty());
      case Bundle.Material.Certificate ignored -> Optional.of("(a certificate, not a key)");
    };
  }

  private static SignedMaterial material(
      Bundle bundle,
      PublicKeyVerifier key,
      SignatureAlgorithm algorithm,
      SignedMessage message,
      byte[] signature) {
    return new SignedMaterial(
        certificate(bundle), key, algorithm, signature, message.digests(), message.envelope());
  }

  private static Optional<X509Certificate> certificate(Bundle bundle) {
    return switch (bundle.material()) {
      case Bundle.Material.PublicKey ignored -> Optional.empty();
      case Bundle.Material.Certificate(X509Certificate leaf) -> Optional.of(leaf);
    };
  }

  /** A trusted key alone needs no log; a trusted root beside it asks for one. */
  private boolean logged(Bundle bundle, Optional<TrustedRoot> root, SignedMaterial signed) {
    if (root.isPresent()) {
      return new EvidenceExamination(checks, root.get())
          .byKey(signed, bundle.logEntries(), bundle.timestamps());
    }
    if (!bundle.logEntries().isEmpty() || !bundle.timestamps().isEmpty()) {
      checks.skipped(
          "log",
          "%d log entries and %d timestamps not looked at: verified by key"
              .formatted(bundle.logEntries().size(), bundle.timestamps().size()));
    }
    return true;
  }

  private void payload(DsseEnvelope envelope, Digest subject) {
    if (!envelope.payloadType().equals(MediaTypes.IN_TOTO)) {
      checks.failed(
          "payload-type",
          ErrorCode.SIGNATURE_PAYLOAD_TYPE,
          MediaTypes.IN_TOTO,
          Shown.text(envelope.payloadType()));
      return;
    }
    checks
        .attempt("statement", () -> statement(envelope))
        .ifPresent(statement -> {
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
    checks.annotations(signed);
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
