package dev.bulla.signing.whole;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.oci.Repository;
import dev.bulla.signing.cosign.DescribeBundle;
import dev.bulla.signing.describe.Description;
import dev.bulla.signing.notation.DescribeEnvelope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what the pieces of evidence beside an image say, without judging them. Thread-safe. */
public final class DescribeEvidence {
  private static final int MAX_ENVELOPE = 64 * 1024 * 1024;
  private static final int MAX_LAYERS = 1000;
  private static final String SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";

  private final Repository repository;

  public DescribeEvidence(Repository repository) {
    this.repository = repository;
  }

  /**
   * One signature: a piece of evidence has one, a tag of cosign's one for each layer.
   *
   * @param layer that holds the envelope or the signed bytes
   * @param fault why it cannot be read; empty exactly if it can
   */
  public record Described(
      Evidence evidence,
      Descriptor layer,
      Optional<Description> description,
      Optional<BullaException> fault) {}

  /**
   * The signatures of {@code evidence}; none if it is not signed itself.
   *
   * @throws BullaException only if the repository cannot be reached or denies access
   */
  public List<Described> of(Evidence evidence) {
    List<Described> all = new ArrayList<>();
    for (Descriptor layer : evidence.manifest().layers()) {
      if (all.size() == MAX_LAYERS) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE,
            "%s: more than %d signatures".formatted(evidence.digest(), MAX_LAYERS));
      }
      if (isSignature(evidence, layer)) {
        all.add(read(evidence, layer));
      }
    }
    return all;
  }

  private static boolean isSignature(Evidence evidence, Descriptor layer) {
    return switch (evidence.format()) {
      case NOTATION, SIGSTORE_BUNDLE -> true;
      case COSIGN_LEGACY ->
          layer.mediaType().equals(MediaTypes.DSSE) || layer.mediaType().equals(SIMPLE_SIGNING);
      case NONE -> false;
    };
  }

  private Described read(Evidence evidence, Descriptor layer) {
    try {
      byte[] bytes = repository.blobBytes(layer, MAX_ENVELOPE);
      Description description =
          switch (evidence.format()) {
            case NOTATION -> DescribeEnvelope.of(bytes, layer.mediaType());
            case COSIGN_LEGACY ->
                DescribeBundle.ofLayer(layer.annotations(), layer.mediaType(), bytes);
            case SIGSTORE_BUNDLE, NONE -> DescribeBundle.of(bytes);
          };
      return new Described(evidence, layer, Optional.of(description), Optional.empty());
    } catch (BullaException e) {
      boolean unreachable =
          switch (e.code().kind()) {
            case UNAVAILABLE, DENIED, UNAUTHENTICATED, FAILED, CONFLICT -> true;
            case USAGE, INVALID, REFUSED, NOT_FOUND -> false;
          };
      if (unreachable) {
        throw e;
      }
      return new Described(evidence, layer, Optional.empty(), Optional.of(e));
    }
  }
}
