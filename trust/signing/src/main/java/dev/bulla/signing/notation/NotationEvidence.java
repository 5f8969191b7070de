package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.trust.BlobSubject;
import dev.bulla.signing.trust.CheckList;
import dev.bulla.signing.trust.TrustStatement;
import dev.bulla.signing.trust.TrustStore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One Notation signature of a manifest or file: read once, and judged by as many trust policy
 * statements as are asked. What could not be read is judged as that. Thread-safe, but for that of a
 * file.
 */
public final class NotationEvidence {
  /** The step of a signature that is not over the image but over what is attached to it. */
  public static final String ATTACHED = "attached";

  private static final int MAX_ENVELOPE = 32 * 1024 * 1024;

  private final SignedSubject subject;
  private final Digest manifest;
  private final String format;
  private final List<Check> reading;
  private final Optional<byte[]> envelope;
  private final Optional<AttachedStatement> attached;

  private NotationEvidence(
      SignedSubject subject,
      Digest manifest,
      String format,
      List<Check> reading,
      Optional<byte[]> envelope,
      Optional<AttachedStatement> attached) {
    this.attached = attached;
    this.subject = subject;
    this.manifest = manifest;
    this.format = format;
    this.reading = reading;
    this.envelope = envelope;
  }

  /**
   * Reads the signature in a referrer.
   *
   * @throws BullaException if the repository cannot be reached; everything else is kept as a failed
   *     check
   */
  public static NotationEvidence read(
      Repository repository, Descriptor signature, Descriptor subject) {
    CheckList checks = new CheckList(signature.digest(), "notation");
    Optional<Manifest> manifest =
        checks.attempt("evidence", () -> signatureManifest(repository, signature, subject));
    if (manifest.isEmpty()) {
      return new NotationEvidence(
          (hash, type) -> subject,
          signature.digest(),
          "notation",
          checks.record().checks(),
          Optional.empty(),
          Optional.empty());
    }
    Descriptor layer = manifest.get().layers().getFirst();
    Optional<byte[]> bytes =
        checks.attempt("evidence", () -> repository.blobBytes(layer, MAX_ENVELOPE));
    bytes.ifPresent(ignored -> checks.passed("evidence", "manifest and envelope read"));
    return new NotationEvidence(
        (hash, type) -> subject,
        signature.digest(),
        EnvelopeFormat.ofMediaType(layer.mediaType()).orElseThrow().record(),
        checks.record().checks(),
        bytes,
        Optional.empty());
  }

  /**
   * Reads the signature of an artifact that is attached to an image and says something about it.
   * Its judgement has the statement, if the signature is believed.
   */
  public static NotationEvidence read(
      Repository repository, Descriptor signature, AttachedStatement attached) {
    NotationEvidence plain = read(repository, signature, attached.artifact());
    return new NotationEvidence(
        plain.subject,
        plain.manifest,
        plain.format,
        plain.reading,
        plain.envelope,
        Optional.of(attached));
  }

  /** A signature that was delivered with a file; its evidence is the digest of its bytes. */
  public static NotationEvidence ofBlob(byte[] signature, EnvelopeFormat format, BlobSubject file) {
    return ofBlob(signature, format, file, Optional.empty());
  }

  /**
   * @param mediaType that must have been signed; empty for any
   */
  static NotationEvidence ofBlob(
      byte[] signature, EnvelopeFormat format, BlobSubject file, Optional<String> mediaType) {
    CheckList checks = new CheckList(Digest.sha256(signature), format.record());
    boolean readable = signature.length <= MAX_ENVELOPE;
    if (readable) {
      checks.passed("evidence", "envelope read");
    } else {
      checks.failed(
          "evidence",
          ErrorCode.INPUT_TOO_LARGE,
          "a signature of at most " + MAX_ENVELOPE + " bytes",
          "more");
    }
    return new NotationEvidence(
        (hash, type) -> file.descriptor(hash, mediaType.orElse(type)).orElseGet(file::descriptor),
        Digest.sha256(signature),
        format.record(),
        checks.record().checks(),
        readable ? Optional.of(signature) : Optional.empty(),
        Optional.empty());
  }

  /** Every check of this signature by a statement, in order, as of {@code now}. */
  public SignatureRecord judge(TrustStatement statement, NotationTrust trust, Instant now) {
    return judge(statement, trust.stores(), trust.rules(), now);
  }

  SignatureRecord judge(
      TrustStatement statement, TrustStore stores, SignatureRules rules, Instant now) {
    CheckList checks = new CheckList(manifest, format);
    reading.forEach(checks::add);
    Basis basis = new Basis(statement, stores, rules, now);
    envelope.ifPresent(
        bytes -> new SignatureExamination(checks, basis).run(bytes, format, subject));
    attached.ifPresent(one -> statement(one, checks));
    return checks.record();
  }

  /** What is said is read only if it is believed. */
  private static void statement(AttachedStatement attached, CheckList checks) {
    checks.skipped(ATTACHED, "a signature of the artifact " + attached.describe());
    if (!checks.hasFailed()) {
      checks
          .attempt("statement", attached::read)
          .ifPresent(statement -> {
            checks.statement(statement);
            checks.passed("statement", statement.predicateType());
          });
    }
  }

  /** Whether it is over something attached to the image, and not over the image. */
  public boolean isAttached() {
    return attached.isPresent();
  }

  /** Whether the signature could be read; if not, every statement's judgement is the same. */
  public boolean isReadable() {
    return envelope.isPresent();
  }

  private static Manifest signatureManifest(
      Repository repository, Descriptor signature, Descriptor subject) {
    Manifest manifest = repository.manifest(signature);
    if (manifest.layers().size() != 1) {
      throw ProtectedAttributes.malformed(
          "the signature manifest has %d layers, expected one".formatted(manifest.layers().size()));
    }
    if (!manifest.subject().map(Descriptor::digest).equals(Optional.of(subject.digest()))) {
      throw ProtectedAttributes.malformed("the signature manifest names another subject");
    }
    String type = manifest.layers().getFirst().mediaType();
    if (EnvelopeFormat.ofMediaType(type).isEmpty()) {
      throw ProtectedAttributes.malformed("the layer is neither JWS nor COSE: " + type);
    }
    return manifest;
  }
}
