package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.crypto.Signer;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.statement.Subject;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Signs as cosign 3 does: an in-toto statement in a DSSE envelope in a Sigstore bundle (version
 * 0.3), stored as an OCI referrer of what it is about. Thread-safe.
 */
public final class CosignSigner {
  static final String CONTENT = "dev.sigstore.bundle.content";
  static final String PREDICATE = "dev.sigstore.bundle.predicateType";
  static final String CREATED = "org.opencontainers.image.created";

  private static final int MAX_STATEMENT = 32 * 1024 * 1024;

  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.US_ASCII);

  private final BundleSigner signer;
  private final InstantSource clock;

  /**
   * By a key, without asking anybody.
   *
   * @param clock says when the referrer was created, which nothing verifies
   * @throws BullaException {@link ErrorCode#KEY_UNSUPPORTED} for a key that cosign has no algorithm
   *     for
   */
  public CosignSigner(Signer signer, InstantSource clock) {
    this(BundleSigner.withKey(signer), clock);
  }

  /** By whom {@code signer} says. */
  public CosignSigner(BundleSigner signer, InstantSource clock) {
    this.signer = signer;
    this.clock = clock;
  }

  /** Signs {@code subject}: the statement that this key signed it. */
  public Descriptor sign(Repository repository, Descriptor subject) {
    return sign(repository, subject, Map.of());
  }

  /**
   * Signs {@code subject} with annotations, as {@code cosign sign -a}.
   *
   * @return the manifest of the bundle
   */
  public Descriptor sign(
      Repository repository, Descriptor subject, Map<String, String> annotations) {
    return attest(repository, subject, signature(subject.digest(), annotations));
  }

  /** The statement that somebody signed what has this digest. */
  static Statement signature(Digest digest, Map<String, String> annotations) {
    Subject about =
        new Subject(Optional.empty(), Map.of(digest.algorithm().id(), digest.hex()), annotations);
    return new Statement(List.of(about), PredicateTypes.COSIGN_SIGN_V1, Json.object());
  }

  /**
   * Seals a statement about {@code subject} and stores it beside it.
   *
   * @return the manifest of the bundle
   * @throws BullaException {@link ErrorCode#STATEMENT_INVALID} if the statement is not about {@code
   *     subject}
   */
  public Descriptor attest(Repository repository, Descriptor subject, Statement statement) {
    if (!statement.isAbout(subject.digest())) {
      throw new BullaException(
          ErrorCode.STATEMENT_INVALID,
          "cannot seal a %s statement beside %s: it is about something else"
              .formatted(statement.predicateType(), subject.digest()));
    }
    byte[] bundle = signer.seal(statement.toJson());
    Descriptor config =
        Descriptor.of(MediaTypes.OCI_EMPTY, EMPTY).withArtifactType(MediaTypes.SIGSTORE_BUNDLE);
    Descriptor layer = Descriptor.of(MediaTypes.SIGSTORE_BUNDLE, bundle);
    Manifest manifest =
        Manifest.image(
            config,
            List.of(layer),
            Optional.of(MediaTypes.SIGSTORE_BUNDLE),
            Optional.of(subject),
            Map.of(
                CONTENT, "dsse-envelope",
                PREDICATE, statement.predicateType(),
                CREATED, clock.instant().truncatedTo(ChronoUnit.SECONDS).toString()));
    repository.pushBlob(config, BlobSource.of(EMPTY));
    repository.pushBlob(layer, BlobSource.of(bundle));
    repository.pushManifest(manifest, List.of());
    return manifest.descriptor();
  }

  /**
   * Signs a file, as {@code cosign sign-blob}: a bundle with a message signature.
   *
   * @param file read once, as a stream
   * @return the bundle, version 0.3
   */
  public byte[] signBlob(Path file) {
    return signer.sign(file);
  }

  /**
   * Seals a statement about a file, as {@code cosign attest-blob}: a bundle with an envelope.
   *
   * @return the bundle, version 0.3
   */
  public byte[] attestBlob(Statement statement) {
    return signer.seal(statement.toJson());
  }

  /**
   * Seals a statement that somebody else made, byte for byte.
   *
   * @param file at most {@value #MAX_STATEMENT} bytes
   * @return the bundle, version 0.3
   * @throws BullaException {@link ErrorCode#STATEMENT_INVALID} if it is no in-toto statement
   */
  public byte[] sealStatement(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_STATEMENT + 1);
    } catch (IOException e) {
      throw new BullaException(ErrorCode.INPUT_UNAVAILABLE, file + ": cannot be read: " + e, e);
    }
    if (bytes.length > MAX_STATEMENT) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "%s: a statement of more than %d bytes".formatted(file, MAX_STATEMENT));
    }
    try {
      Statement.parse(bytes);
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.STATEMENT_INVALID, file + ": " + e.reason(), e.nextStep(), e);
    }
    return signer.seal(bytes);
  }
}
