package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.signing.trust.BlobSubject;
import dev.bulla.signing.trust.CheckList;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * One piece of evidence in one of Cosign's formats: read once, and judged by as many signers as are
 * asked. What could not be read is judged as that. Thread-safe, but for that of a file.
 */
public final class CosignEvidence {
  static final String BUNDLE = "sigstore-bundle";
  static final String LEGACY = "cosign-legacy";

  private final Digest manifest;
  private final String format;
  private final List<Check> reading;
  private final Optional<Content> content;

  /** What was read, ready for its checks. */
  interface Content {
    void examine(CheckList checks, CosignTrust trust);

    /** What stands beside the signature; empty if that depends on the trust. */
    default Optional<Bundle.Material> material() {
      return Optional.empty();
    }
  }

  private CosignEvidence(
      Digest manifest, String format, List<Check> reading, Optional<Content> content) {
    this.manifest = manifest;
    this.format = format;
    this.reading = reading;
    this.content = content;
  }

  /**
   * Reads one piece.
   *
   * @param passed what to say when it could be read
   * @throws BullaException if the repository cannot be reached; everything else is kept as a failed
   *     check
   */
  static CosignEvidence read(
      Digest manifest, String format, String passed, CheckList.Step<Content> step) {
    CheckList checks = new CheckList(manifest, format);
    Optional<Content> content = checks.attempt("evidence", step);
    content.ifPresent(ignored -> checks.passed("evidence", passed));
    return new CosignEvidence(manifest, format, checks.record().checks(), content);
  }

  /** A bundle that was delivered with a file; its evidence is the digest of the bundle. */
  public static CosignEvidence ofBlob(byte[] bundle, BlobSubject file) {
    Descriptor subject = file.descriptor();
    if (DualEnvelope.looksLikeOne(bundle)) {
      return read(
          Digest.sha256(bundle),
          DualEnvelope.FORMAT,
          "envelope read",
          () -> DualEnvelope.parse(bundle, subject.digest()));
    }
    if (LooseSignature.looksLikeBundle(bundle)) {
      return read(
          Digest.sha256(bundle),
          LEGACY,
          "signature and what stands beside it read",
          () -> new BlobBundle(LooseSignature.parseBundle(bundle), file, subject));
    }
    return read(
        Digest.sha256(bundle),
        BUNDLE,
        "bundle read",
        () -> new BlobBundle(Bundle.parse(bundle, "bundle"), file, subject));
  }

  /**
   * The signature alone, as {@code cosign sign-blob --output-signature} wrote it: base64, or the
   * bytes themselves.
   *
   * @param stamp what {@code --rfc3161-timestamp} wrote beside it
   */
  public static CosignEvidence ofSignature(
      byte[] signature, Optional<byte[]> stamp, BlobSubject file) {
    Descriptor subject = file.descriptor();
    return read(
        Digest.sha256(signature),
        LEGACY,
        "signature read",
        () -> new BlobBundle(LooseSignature.parse(signature, stamp), file, subject));
  }

  static CosignEvidence unreadable(Digest manifest, String format, List<Check> reading) {
    return new CosignEvidence(manifest, format, reading, Optional.empty());
  }

  /** Every check of this piece by {@code trust}, in order. */
  public SignatureRecord judge(CosignTrust trust) {
    CheckList checks = new CheckList(manifest, format);
    reading.forEach(checks::add);
    content.ifPresent(one -> one.examine(checks, trust));
    return checks.record();
  }

  /** The manifest that carries it; of a file's evidence, the digest of its bytes. */
  public Digest manifest() {
    return manifest;
  }

  /** Whether the piece could be read; if not, every signer's judgement is the same. */
  public boolean isReadable() {
    return content.isPresent();
  }

  /** Hint at the key that the signer says it signed with; it proves nothing. */
  public Optional<String> keyHint() {
    return content
        .flatMap(Content::material)
        .flatMap(material ->
            material instanceof Bundle.Material.PublicKey(String hint) && !hint.isEmpty()
                ? Optional.of(hint)
                : Optional.empty());
  }

  /** The certificate beside the signature; nothing of it is checked. */
  public Optional<X509Certificate> certificate() {
    return content
        .flatMap(Content::material)
        .flatMap(material ->
            material instanceof Bundle.Material.Certificate(X509Certificate leaf)
                ? Optional.of(leaf)
                : Optional.empty());
  }
}
