package dev.bulla.signing.imports;

import dev.bulla.core.statement.PredicateTypes;
import java.util.Locale;
import java.util.Optional;

/**
 * Attestations in Notation's format are known to Kyverno by the type of the artifact that carries
 * them; here the document that was signed says what it is.
 */
final class ArtifactTypes {
  private ArtifactTypes() {}

  /** The type of the statement that such an artifact carries; empty, and noted, if it says none. */
  static Optional<String> read(String written, Draft draft, String path) {
    String type = written.toLowerCase(Locale.ROOT);
    Optional<String> predicate =
        type.contains("cyclonedx") || type.contains("cyclone-dx")
            ? Optional.of(PredicateTypes.CYCLONEDX)
            : type.contains("spdx")
                ? Optional.of(PredicateTypes.SPDX)
                : Optional.of(written).filter(uri -> uri.matches("https?://.+"));
    if (predicate.isPresent()) {
      draft.stricter(
          path,
          "of the artifacts of the type '%s' only those count whose signed document is one of %s"
              .formatted(written, predicate.get()));
    } else {
      draft.weaker(
          path,
          "the artifact type '%s' does not say what the signed document is; demand its type under"
                  .formatted(written)
              + " attestations");
    }
    return predicate;
  }
}
