package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Nearest;
import java.util.List;
import java.util.Map;

/** The short names that {@code cosign --type} has for predicate types. */
public final class PredicateNames {
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("slsaprovenance", "https://slsa.dev/provenance/v0.2"),
          Map.entry("slsaprovenance02", "https://slsa.dev/provenance/v0.2"),
          Map.entry("slsaprovenance1", "https://slsa.dev/provenance/v1"),
          Map.entry("spdx", "https://spdx.dev/Document"),
          Map.entry("spdxjson", "https://spdx.dev/Document"),
          Map.entry("cyclonedx", "https://cyclonedx.org/bom"),
          Map.entry("link", "https://in-toto.io/Link/v1"),
          Map.entry("vuln", "https://cosign.sigstore.dev/attestation/vuln/v1"),
          Map.entry("openvex", "https://openvex.dev/ns"),
          Map.entry("custom", "https://cosign.sigstore.dev/attestation/v1"));

  private PredicateNames() {}

  /**
   * The predicate type of a short name; a URI stands for itself.
   *
   * @throws BullaException {@link ErrorCode#USAGE} if it is neither
   */
  public static String toUri(String nameOrUri) {
    String uri = NAMES.get(nameOrUri);
    if (uri != null) {
      return uri;
    }
    if (nameOrUri.contains(":/")) {
      return nameOrUri;
    }
    List<String> known = NAMES.keySet().stream().sorted().toList();
    throw new BullaException(
        ErrorCode.USAGE,
        "the attestation type '%s' is neither a known name nor a URI"
            .formatted(Shown.text(nameOrUri)),
        Nearest.to(nameOrUri, known)
            .map(near -> "Did you mean '" + near + "'?")
            .orElse("Known names: " + String.join(", ", known) + "."));
  }
}
