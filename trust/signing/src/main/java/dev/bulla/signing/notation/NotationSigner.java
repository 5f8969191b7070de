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
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Signs a manifest as {@code notation sign} does: a JWS envelope as an OCI referrer of what is signed.
 *
 * <p>The manifest has the form that notation 1.3.2 writes, {@code config.mediaType} and no {@code artifactType}: in an OCI
 * layout it finds no other. Thread-safe.
 */
public final class NotationSigner {
  static final String THUMBPRINTS = "io.cncf.notary.x509chain.thumbprint#S256";
  static final String CREATED = "org.opencontainers.image.created";

  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.US_ASCII);
  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  private final Signer signer;
  private final NotationAlgorithm algorithm;
  private final InstantSource clock;

  /**
   * @throws BullaException {@link ErrorCode#SIGNATURE_ALGORITHM} if Notation has no algorithm for the key, {@link
   *     ErrorCode#CERTIFICATE_INVALID} if the chain breaks a rule of the Notary Project, {@link ErrorCode#KEY_UNSUPPORTED} if
   *     the key has no certificates
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
   */
  public Descriptor sign(
      Repository repository, Descriptor subject, Map<String, String> metadata, Optional<Duration> life) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    checkValidity(now);
    byte[] envelope = envelope(TargetArtifact.write(subject, metadata), now, life);
    Descriptor config = Descriptor.of(MediaTypes.NOTATION_SIGNATURE, EMPTY);
    Descriptor layer = Descriptor.of(MediaTypes.JOSE, envelope);
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

  /** A flattened JWS; protected members in the byte order in which Go writes a map. */
  byte[] envelope(byte[] payload, Instant now, Optional<Duration> life) {
    ObjectNode header = Json.object();
    header.put("alg", algorithm.name());
    ArrayNode critical = header.putArray("crit").add(Headers.SCHEME);
    header.put("cty", MediaTypes.NOTATION_PAYLOAD);
    life.ifPresent(
        duration -> {
          if (duration.getSeconds() < 1) {
            throw new BullaException(ErrorCode.USAGE, "a signature must live at least one second");
          }
          critical.add(Headers.EXPIRY);
          header.put(Headers.EXPIRY, now.plusSeconds(duration.getSeconds()).toString());
        });
    header.put(Headers.SCHEME, Headers.X509);
    header.put(Headers.SIGNING_TIME, now.toString());
    String protectedText = URL.encodeToString(Json.write(header));
    String payloadText = URL.encodeToString(payload);
    byte[] signature =
        signer.sign(
            algorithm.algorithm(), (protectedText + "." + payloadText).getBytes(StandardCharsets.US_ASCII));
    ObjectNode root = Json.object();
    root.put("payload", payloadText);
    root.put("protected", protectedText);
    ObjectNode open = root.putObject("header");
    ArrayNode chain = open.putArray("x5c");
    signer
        .certificateChain()
        .forEach(one -> chain.add(Base64.getEncoder().encodeToString(Certificates.encoded(one))));
    open.put(Headers.AGENT, "bulla");
    root.put("signature", URL.encodeToString(algorithm.toEnvelope(signature)));
    return Json.write(root);
  }

  private void checkValidity(Instant now) {
    for (X509Certificate certificate : signer.certificateChain()) {
      if (now.isBefore(certificate.getNotBefore().toInstant()) || now.isAfter(certificate.getNotAfter().toInstant())) {
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
    signer.certificateChain().forEach(one -> all.add(Digest.sha256(Certificates.encoded(one)).hex()));
    return new String(Json.write(all), StandardCharsets.UTF_8);
  }
}
