package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.crypto.Signer;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.Certificates;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.plugin.PluginCapability;
import dev.bulla.signing.plugin.PluginMetadata;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.timestamp.TimestampSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;

/**
 * Signs a manifest as {@code notation sign} does: an envelope, JWS or COSE, as an OCI referrer of
 * what is signed; and files as {@code notation blob sign}.
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

  private final EnvelopeMaker maker;
  private final InstantSource clock;
  private final EnvelopeFormat format;
  private final Optional<EnvelopeMaker.Stamping> stamping;

  /**
   * @throws BullaException {@link ErrorCode#SIGNATURE_ALGORITHM} if Notation has no algorithm for
   *     the key, {@link ErrorCode#CERTIFICATE_INVALID} if the chain breaks a rule of the Notary
   *     Project, {@link ErrorCode#KEY_UNSUPPORTED} if the key has no certificates
   */
  public NotationSigner(Signer signer, InstantSource clock) {
    this(new RawEnvelopeMaker(new KeySigner(signer)), clock, EnvelopeFormat.JWS, Optional.empty());
  }

  private NotationSigner(
      EnvelopeMaker maker,
      InstantSource clock,
      EnvelopeFormat format,
      Optional<EnvelopeMaker.Stamping> stamping) {
    this.maker = maker;
    this.clock = clock;
    this.format = format;
    this.stamping = stamping;
  }

  /**
   * A signer with a key that a plugin keeps. The plugin is asked what it can and, if it signs
   * bytes, of what kind the key is.
   *
   * @throws BullaException {@link ErrorCode#PLUGIN_FAILED}, {@link ErrorCode#PLUGIN_REFUSED};
   *     {@link ErrorCode#KEY_UNSUPPORTED} if it does not sign
   */
  public static NotationSigner byPlugin(PluginKey key, InstantSource clock) {
    PluginMetadata metadata = key.plugin().metadata(key.configuration());
    EnvelopeMaker maker;
    if (metadata.can(PluginCapability.RAW_SIGNATURE)) {
      maker = new RawEnvelopeMaker(new PluginRawSigner(key, metadata));
    } else if (metadata.can(PluginCapability.ENVELOPE)) {
      maker = new PluginEnvelopeMaker(key);
    } else {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED, "the plugin %s does not sign".formatted(metadata.name()));
    }
    return new NotationSigner(maker, clock, EnvelopeFormat.JWS, Optional.empty());
  }

  /** The same signer, writing COSE envelopes. */
  public NotationSigner withCose() {
    return new NotationSigner(maker, clock, EnvelopeFormat.COSE, stamping);
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
        maker, clock, format, Optional.of(new EnvelopeMaker.Stamping(source, roots, revocation)));
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
   *     ErrorCode#SIGNER_NOT_TRUSTED}; with a plugin as {@link #byPlugin}
   */
  public Descriptor sign(
      Repository repository,
      Descriptor subject,
      Map<String, String> metadata,
      Optional<Duration> life) {
    EnvelopeMaker.Made made = make(subject, metadata, life);
    Map<String, String> annotations = new TreeMap<>(made.annotations());
    annotations.put(THUMBPRINTS, thumbprints(made.chain()));
    annotations.put(CREATED, made.signed().toString());
    Descriptor config = Descriptor.of(MediaTypes.NOTATION_SIGNATURE, EMPTY);
    Descriptor layer = Descriptor.of(format.mediaType(), made.envelope());
    Manifest manifest =
        Manifest.image(config, List.of(layer), Optional.empty(), Optional.of(subject), annotations);
    repository.pushBlob(config, BlobSource.of(EMPTY));
    repository.pushBlob(layer, BlobSource.of(made.envelope()));
    repository.pushManifest(manifest, List.of());
    return manifest.descriptor();
  }

  /**
   * Attests in the way of Notation's users: attaches what is said to {@code subject} as an artifact
   * of its own, and signs that; see {@link AttachedStatement}. An inventory (SPDX, CycloneDX) is
   * attached itself, any other predicate in its statement.
   *
   * @return the artifact, and the manifest of its signature
   * @throws BullaException as {@link #sign(Repository, Descriptor, Map, Optional)}
   */
  public List<Descriptor> attest(
      Repository repository,
      Descriptor subject,
      Statement statement,
      Map<String, String> metadata,
      Optional<Duration> life) {
    // a document that is no JSON is carried in the statement
    String type =
        statement.predicate().isObject()
            ? AttachedStatement.mediaType(statement.predicateType())
            : MediaTypes.IN_TOTO;
    byte[] document =
        type.equals(MediaTypes.IN_TOTO) ? statement.toJson() : Json.write(statement.predicate());
    Descriptor config = Descriptor.of(MediaTypes.OCI_EMPTY, EMPTY);
    Descriptor layer = Descriptor.of(type, document);
    Manifest artifact =
        Manifest.image(config, List.of(layer), Optional.of(type), Optional.of(subject), Map.of());
    repository.pushBlob(config, BlobSource.of(EMPTY));
    repository.pushBlob(layer, BlobSource.of(document));
    repository.pushManifest(artifact, List.of());
    Descriptor attached = artifact.descriptor();
    return List.of(
        attached.withArtifactType(type), sign(repository, attached.bare(), metadata, life));
  }

  /**
   * Signs a file, as {@code notation blob sign}. The file is hashed as a stream.
   *
   * @param mediaType what the file is; {@link #ANY_FILE} if nothing better is known
   * @param metadata the user's own pairs, signed too
   * @param life how long the signature may be accepted, in whole seconds, at least one
   * @return the envelope; {@link EnvelopeFormat#signatureFile} says how its file is called
   * @throws BullaException as {@link #sign(Repository, Descriptor, Map, Optional)}; {@link
   *     ErrorCode#INPUT_UNAVAILABLE} if the file cannot be read, {@link ErrorCode#KEY_UNSUPPORTED}
   *     if a plugin signs no files
   */
  public byte[] signBlob(
      Path file, String mediaType, Map<String, String> metadata, Optional<Duration> life) {
    String type = BlobDescriptor.mediaType(mediaType);
    Digest.Algorithm hash = maker.fileHash();
    Descriptor subject = BlobDescriptor.hash(file, Set.of(hash)).descriptor(hash, type);
    return make(subject, metadata, life).envelope();
  }

  private EnvelopeMaker.Made make(
      Descriptor subject, Map<String, String> metadata, Optional<Duration> life) {
    if (life.filter(duration -> duration.getSeconds() < 1).isPresent()) {
      throw new BullaException(ErrorCode.USAGE, "a signature must live at least one second");
    }
    return maker.make(
        new EnvelopeMaker.Order(
            subject,
            metadata,
            clock.instant().truncatedTo(ChronoUnit.SECONDS),
            life,
            format,
            stamping));
  }

  private static String thumbprints(List<X509Certificate> chain) {
    ArrayNode all = Json.array();
    chain.forEach(one -> all.add(Digest.sha256(Certificates.encoded(one)).hex()));
    return new String(Json.write(all), StandardCharsets.UTF_8);
  }
}
