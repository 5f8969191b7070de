package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Shown;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * An artifact that was attached to an image as a referrer and says something about it: how users of
 * Notation attest. Whoever signs the artifact's manifest in Notation's format seals what it says,
 * for the manifest names the document and the image by their digests. An inventory (SPDX,
 * CycloneDX) is the predicate itself; an in-toto statement, bare or in a DSSE envelope, says itself
 * what it is about. Signatures in such an envelope are not looked at.
 *
 * <p>Read when somebody asks, and once. Not thread-safe.
 */
public final class AttachedStatement {
  private static final int MAX_DOCUMENT = 64 * 1024 * 1024;

  /** Kinds of documents that are predicates, with their predicate types. */
  private static final Map<String, String> PREDICATES =
      Map.of(
          "application/spdx+json", PredicateTypes.SPDX,
          "application/vnd.cyclonedx+json", PredicateTypes.CYCLONEDX);

  private final Repository repository;
  private final Descriptor artifact;
  private final Descriptor image;
  private Optional<Statement> statement = Optional.empty();

  /**
   * @param artifact as listed
   * @param image that it must be attached to
   */
  public AttachedStatement(Repository repository, Descriptor artifact, Descriptor image) {
    this.repository = repository;
    this.artifact = artifact;
    this.image = image;
  }

  /**
   * Whether a listed referrer may say something of a wanted type. The listing is not signed: what
   * it hides is not found, and what it promises must be found in what was signed.
   */
  public static boolean mayBe(Descriptor referrer, Predicate<String> wanted) {
    String type = referrer.artifactType().orElse("");
    return isStatement(type)
        || Optional.ofNullable(PREDICATES.get(type)).filter(wanted).isPresent();
  }

  /** As what a document of this predicate type is attached. */
  static String mediaType(String predicateType) {
    return PREDICATES.entrySet().stream()
        .filter(one -> one.getValue().equals(predicateType))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(MediaTypes.IN_TOTO);
  }

  /** What must have been signed. */
  public Descriptor artifact() {
    return artifact.bare();
  }

  /** In words. */
  String describe() {
    return "%s %s"
        .formatted(Shown.text(artifact.artifactType().orElse("artifact")), artifact.digest());
  }

  /**
   * What the artifact says. To be asked only after its signature was verified.
   *
   * @throws BullaException {@link ErrorCode#STATEMENT_INVALID}; {@link
   *     ErrorCode#SIGNATURE_DIGEST_MISMATCH} if it is about something else; as the repository
   */
  Statement read() {
    if (statement.isEmpty()) {
      statement = Optional.of(parse(repository.manifest(artifact)));
    }
    return statement.get();
  }

  private Statement parse(Manifest manifest) {
    if (!manifest.subject().map(Descriptor::digest).equals(Optional.of(image.digest()))) {
      throw about("the artifact is attached to another manifest");
    }
    if (manifest.layers().size() != 1) {
      throw invalid("it has %d layers, expected one".formatted(manifest.layers().size()));
    }
    Descriptor layer = manifest.layers().getFirst();
    String type =
        Stream.of(layer.mediaType(), manifest.artifactType().orElse(""))
            .filter(one -> PREDICATES.containsKey(one) || isStatement(one))
            .findFirst()
            .orElseThrow(() -> invalid("its layer is no statement: " + layer.mediaType()));
    Statement found = document(type, repository.blobBytes(layer, MAX_DOCUMENT));
    if (!found.isAbout(image.digest())) {
      throw about("the statement is about " + found.subjects().getFirst().digests());
    }
    if (found.predicateType().equals(PredicateTypes.COSIGN_SIGN_V1)) {
      throw invalid("it claims to be a signature of the image");
    }
    return found;
  }

  private Statement document(String type, byte[] bytes) {
    try {
      String predicate = PREDICATES.get(type);
      if (predicate != null) {
        return Statement.about(image.digest(), predicate, Json.parseObject(bytes, "document"));
      }
      return Statement.parse(type.equals(MediaTypes.DSSE) ? payload(bytes) : bytes);
    } catch (BullaException e) {
      throw new BullaException(ErrorCode.STATEMENT_INVALID, e.reason(), e.nextStep(), e);
    }
  }

  private static byte[] payload(byte[] bytes) {
    DsseEnvelope envelope = DsseEnvelope.parse(Json.parse(bytes, "DSSE envelope"), "DSSE envelope");
    if (!envelope.payloadType().equals(MediaTypes.IN_TOTO)) {
      throw invalid("the envelope holds " + Shown.text(envelope.payloadType()));
    }
    return envelope.payload();
  }

  private static boolean isStatement(String mediaType) {
    return mediaType.equals(MediaTypes.IN_TOTO) || mediaType.equals(MediaTypes.DSSE);
  }

  private static BullaException invalid(String why) {
    return new BullaException(ErrorCode.STATEMENT_INVALID, "the attached artifact: " + why);
  }

  private static BullaException about(String why) {
    return new BullaException(ErrorCode.SIGNATURE_DIGEST_MISMATCH, Shown.text(why));
  }
}
