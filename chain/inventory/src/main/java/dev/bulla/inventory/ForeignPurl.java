package dev.bulla.inventory;

import com.github.packageurl.PackageURL;
import dev.bulla.inventory.format.PythonMetadata;
import java.util.Map;
import java.util.Optional;

/**
 * A package as another tool names it, in our words. Trivy writes the epoch as a qualifier and the
 * source package as properties, syft writes both into the purl.
 */
record ForeignPurl(
    String name, String version, Optional<String> sourceName, Optional<String> sourceVersion) {
  private static final String TRIVY = "aquasecurity:trivy:";

  static ForeignPurl of(PackageURL purl, Map<String, String> properties) {
    String version = purl.getVersion() == null ? "" : purl.getVersion();
    Map<String, String> qualifiers = purl.getQualifiers() == null ? Map.of() : purl.getQualifiers();
    String epoch = qualifiers.getOrDefault("epoch", "");
    boolean system =
        switch (purl.getType()) {
          case "deb", "rpm", "apk" -> true;
          default -> false;
        };
    if (system && !epoch.isEmpty() && version.indexOf(':') < 0) {
      version = epoch + ":" + version;
    }
    if (!system) {
      return new ForeignPurl(name(purl), version, Optional.empty(), Optional.empty());
    }
    String upstream = qualifiers.getOrDefault("upstream", "");
    String source = properties.getOrDefault(TRIVY + "SrcName", "");
    String sourceVersion = properties.getOrDefault(TRIVY + "SrcVersion", "");
    if (!sourceVersion.isEmpty() && !properties.getOrDefault(TRIVY + "SrcRelease", "").isEmpty()) {
      sourceVersion += "-" + properties.get(TRIVY + "SrcRelease");
    }
    if (!sourceVersion.isEmpty() && !properties.getOrDefault(TRIVY + "SrcEpoch", "").isEmpty()) {
      sourceVersion = properties.get(TRIVY + "SrcEpoch") + ":" + sourceVersion;
    }
    if (source.isEmpty() && upstream.endsWith(".src.rpm")) {
      String stem = upstream.substring(0, upstream.length() - 8);
      int release = stem.lastIndexOf('-');
      int start = release < 0 ? -1 : stem.lastIndexOf('-', release - 1);
      source = start > 0 ? stem.substring(0, start) : "";
    } else if (source.isEmpty()) {
      int at = upstream.indexOf('@');
      source = at < 0 ? upstream : upstream.substring(0, at);
      sourceVersion = at < 0 ? "" : upstream.substring(at + 1);
    }
    return new ForeignPurl(
        purl.getName(),
        version,
        Optional.of(source.isEmpty() ? purl.getName() : source),
        Optional.of(sourceVersion).filter(value -> !value.isEmpty()));
  }

  private static String name(PackageURL purl) {
    String namespace = purl.getNamespace() == null ? "" : purl.getNamespace();
    if (purl.getType().equals("pypi")) {
      return PythonMetadata.normalName(purl.getName());
    }
    return namespace.isEmpty()
        ? purl.getName()
        : namespace + (purl.getType().equals("maven") ? ":" : "/") + purl.getName();
  }
}
