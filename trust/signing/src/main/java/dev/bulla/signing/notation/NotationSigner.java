package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.crypto.Signer;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.revocation.Revocation;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.timestamp.TimestampSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;

/**
 * Signs a manifest as {@code notation sign} does: an envelope, JWS or COSE, as an OCI referrer of
 * what is signed.
 *
 * <p>The manifest has the form that notation 1.3.2 writes, {@code config.mediaType} and no {@code
 * artifactType}: in an OCI layout it finds no other. Thread-safe.
 */
public final class NotationSigner {
  /** The media type of a file of which nothing better is known. */
  public static final String ANY_FILE = "application/octet-stream";

  static final String THUMBPRINTS = "io.cncf.notary.x509chain.thumbprint#S256";
  static final String CREATED = "org.opencontainers.image.created";

  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.US_ASCII);

  private final Signer signer;
  private final NotationAlgorithm algorithm;
  private final InstantSource clock;
  private final boolean cose;
  private final Optional<Stamping> stamping;

  /** Who stamps, and by which roots the stamp is verified before it is used. */
  private record Stamping(
      TimestampSource source, List<X509Certificate> roots, RevocationSource revocation) {}

  /**
   * @throws BullaException {@link ErrorCode#SIGNATURE_ALGORITHM} if Notation has no algorithm for
   *     the key, {@link ErrorCode#CERTIFICATE_INVALID} if the chain breaks a rule of the Notary
   *     Project, {@link ErrorCode#KEY_UNSUPPORTED} if the key has no certificates
   */
  public NotationSigner(Signer signer, InstantSource clock) {
    List<X509Certificate> chain = signer.certificateChain();
    if (chain.isEmpty()) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          "a Notation signature needs a certificate chain and the key has none",
          "Sign with a signing identity, or give the chain in a PEM file beside the key.");
    }
    CertificateRules.check(chain);
    this.signer = signer;
    this.clock = clock;
    this.algorithm = NotationAlgorithm.of(Certificates.verifier(chain.getFirst()));
    this.cose = false;
    this.stamping = Optional.empty();
  }

  private NotationSigner(NotationSigner other, boolean cose, Optional<Stamping> stamping) {
    this.signer = other.signer;
    this.algorithm = other.algorithm;
    this.clock = other.clock;
    this.cose = cose;
    this.stamping = stamping;
  }

  /** The same signer, writing COSE envelopes. */
  public NotationSigner withCose() {
    return new NotationSigner(this, true, stamping);
  }

  /**
   * The same signer, with a timestamp in every signature, so that it outlives its certificates.
   *
   * @param roots by which the authority is verified before its stamp is used
   * @param revocation for certificates of the authority that say where they may be revoked
   */
  public NotationSigner withTimestamp(
      TimestampSource source, List<X509Certificate> roots, RevocationSource revocation) {
    return new NotationSigner(
        this, cose, Optional.of(new Stamping(source, List.copyOf(roots), revocation)));
  }

  /** Signs {@code subject} without metadata and expiry. */
  public Descriptor sign(Repository repository, Descriptor subject) {
    return sign(repository, subject, Map.of(), Optional.empty());
  }

  /**
   * Signs {@code subject} and stores the signature beside it.
   *
   * @param metadata the user's own pairs, signed too
   * @param life how long the signature may be accepted, in whole seconds, at least one
   * @return the manifest of the signature
   * @throws BullaException {@link ErrorCode#CERTIFICATE_EXPIRED}; with a timestamp also {@link
   *     ErrorCode#SERVER_UNAVAILABLE}, {@link ErrorCode#TIMESTAMP_INVALID}, {@link
   *     ErrorCode#SIGNER_NOT_TRUSTED}
   */
  public Descriptor sign(
      Repository repository,
      Descriptor subject,
      Map<String, String> metadata,
      Optional<Duration> life) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    byte[] envelope = envelope(subject, metadata, now, life);
    Descriptor config = Descriptor.of(MediaTypes.NOTATION_SIGNATURE, EMPTY);
    Descriptor layer = Descriptor.of(mediaType(), envelope);
    Manifest manifest =
        Manifest.image(
            config,
            List.of(layer),
            Optional.empty(),
            Optional.of(subject),
            Map.of(THUMBPRINTS, thumbprints(), CREATED, now.toString()));
    repository.pushBlob(config, BlobSource.of(EMPTY));
    repository.pushBlob(layer, BlobSource.of(envelope));
    repository.pushManifest(manifest, List.of());
    return manifest.descriptor();
  }

  /**
   * Signs a file, as {@code notation blob sign}. The file is hashed as a stream.
   *
   * @param mediaType what the file is; {@link #ANY_FILE} if nothing better is known
   * @param metadata the user's own pairs, signed too
   * @param life how long the signature may be accepted, in whole seconds, at least one
   * @return the envelope; in a file it is called {@code FILE.jws.sig} or {@code FILE.cose.sig}
   * @throws BullaException as {@link #sign(Repository, Descriptor, Map, Optional)}; {@link
   *     ErrorCode#INPUT_UNAVAILABLE} if the file cannot be read
   */
  public byte[] signBlob(
      Path file, String mediaType, Map<String, String> metadata, Optional<Duration> life) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Descriptor subject = BlobDescriptor.of(file, mediaType, algorithm.hash());
    return envelope(subject, metadata, now, life);
  }

  private byte[] envelope(
      Descriptor subject, Map<String, String> metadata, Instant now, Optional<Duration> life) {
    checkValidity(now);
    EnvelopeDraft draft = draft(TargetArtifact.write(subject, metadata), now, life);
    byte[] signature = algorithm.toEnvelope(signer.sign(algorithm.algorithm(), draft.toBeSigned()));
    return draft.finish(signature, stamping.map(by -> stamp(signature, by)));
  }

  private String mediaType() {
    return cose ? CoseEnvelope.MEDIA_TYPE : MediaTypes.JOSE;
  }

  private EnvelopeDraft draft(byte[] payload, Instant now, Optional<Duration> life) {
    if (life.filter(duration -> duration.getSeconds() < 1).isPresent()) {
      throw new BullaException(ErrorCode.USAGE, "a signature must live at least one second");
    }
    SignedAttributes attributes =
        new SignedAttributes(
            algorithm,
            payload,
            now,
            life.map(duration -> now.plusSeconds(duration.getSeconds())),
            signer.certificateChain());
    return cose ? new CoseDraft(attributes) : new JwsDraft(attributes);
  }

  /**
   * A token over the signature as the envelope holds it, hashed as the signature's algorithm does.
   */
  private byte[] stamp(byte[] signature, Stamping by) {
    byte[] token = by.source.stamp(signature, algorithm.hash());
    TimestampToken.verify(
        token, signature, by.roots, new Revocation(by.revocation, clock.instant()));
    return token;
  }

  private void checkValidity(Instant now) {
    for (X509Certificate certificate : signer.certificateChain()) {
      if (now.isBefore(certificate.getNotBefore().toInstant())
          || now.isAfter(certificate.getNotAfter().toInstant())) {
        throw new BullaException(
            ErrorCode.CERTIFICATE_EXPIRED,
            "cannot sign at %s: the certificate %s is valid from %s to %s"
                .formatted(
                    now,
                    certificate.getSubjectX500Principal(),
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant()),
            "Renew the certificate or set the clock right.");
      }
    }
  }

  private String thumbprints() {
    ArrayNode all = Json.array();
    signer
        .certificateChain()
        .forEach(one -> all.add(Digest.sha256(Certificates.encoded(one)).hex()));
    return new String(Json.write(all), StandardCharsets.UTF_8);
  }
}
