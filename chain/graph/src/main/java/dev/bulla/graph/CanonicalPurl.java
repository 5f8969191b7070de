package dev.bulla.graph;

import com.github.packageurl.MalformedPackageURLException;
import com.github.packageurl.PackageURL;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The one spelling under which a package version is known, whoever wrote its purl.
 *
 * <p>Kept are type, namespace, name, version and the qualifiers that make it another thing ({@code
 * arch}, {@code classifier}, {@code distro}, {@code epoch}, {@code repository_url}); dropped are
 * qualifiers that describe where a copy came from (checksums, download addresses, {@code type=jar})
 * and the subpath. Letters are lower-cased where the type says so (package-url, PURL-TYPES: deb,
 * apk, rpm, pypi, github, bitbucket, golang, composer, hex, oci); pypi writes {@code -} for {@code
 * _}.
 */
final class CanonicalPurl {
  private static final Set<String> IDENTITY =
      Set.of("arch", "classifier", "distro", "epoch", "repository_url");
  private static final Set<String> LOWER =
      Set.of("apk", "bitbucket", "composer", "deb", "github", "golang", "hex", "oci", "pypi");

  private CanonicalPurl() {}

  /** The canonical form, or nothing if {@code text} is not a purl. */
  static Optional<String> of(String text) {
    try {
      PackageURL given = new PackageURL(text);
      String type = given.getType().toLowerCase(Locale.ROOT);
      String namespace = given.getNamespace();
      String name = given.getName();
      if (LOWER.contains(type) || type.equals("rpm")) {
        namespace = namespace == null ? null : namespace.toLowerCase(Locale.ROOT);
      }
      if (LOWER.contains(type)) {
        name = name.toLowerCase(Locale.ROOT);
      }
      if (type.equals("pypi")) {
        name = name.replace('_', '-');
      }
      TreeMap<String, String> kept = new TreeMap<>();
      Map<String, String> qualifiers = given.getQualifiers();
      if (qualifiers != null) {
        qualifiers.forEach((key, value) -> {
          if (IDENTITY.contains(key)) {
            kept.put(key, value);
          }
        });
      }
      return Optional.of(
          new PackageURL(
                  type, namespace, name, given.getVersion(), kept.isEmpty() ? null : kept, null)
              .canonicalize());
    } catch (MalformedPackageURLException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
