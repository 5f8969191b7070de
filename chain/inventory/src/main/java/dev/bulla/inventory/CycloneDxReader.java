package dev.bulla.inventory;

import com.github.packageurl.MalformedPackageURLException;
import com.github.packageurl.PackageURL;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads CycloneDX JSON into an inventory: our own documents without loss, those of other tools by
 * their purls, with the source package and the place from the purl's qualifiers and the properties
 * of syft and trivy.
 */
public final class CycloneDxReader {
  private static final int MAX_COMPONENTS = 1_000_000;
  private static final int MAX_DEPTH = 64;

  private final Inventory.Distribution[] distribution = new Inventory.Distribution[1];
  private final List<Component> components = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private CycloneDxReader() {}

  /**
   * Reads a document.
   *
   * @throws BullaException {@code SBOM_INVALID} if this is no CycloneDX JSON; JSON errors as {@link
   *     Json#parse}
   */
  public static Inventory read(byte[] document) {
    ObjectNode bom = Json.parseObject(document, "CycloneDX document");
    if (!bom.path("bomFormat").asString("").equals("CycloneDX")) {
      throw new BullaException(
          ErrorCode.SBOM_INVALID,
          "the document is no CycloneDX JSON: bomFormat is '%s'"
              .formatted(Shown.text(text(bom, "bomFormat"))),
          "Only CycloneDX JSON of version 1.2 or later is read.");
    }
    return new CycloneDxReader().inventory(bom);
  }

  private Inventory inventory(ObjectNode bom) {
    JsonNode metadata = bom.path("metadata");
    JsonNode root = metadata.path("component");
    for (JsonNode property : metadata.path("properties")) {
      if (text(property, "name").equals(CycloneDxJson.PREFIX + "warning")) {
        warnings.add(text(property, "value"));
      }
    }
    walk(bom.path("components"), 0);
    components.sort(Order.COMPONENTS);
    return new Inventory(
        subject(root),
        text(root, "name"),
        Optional.ofNullable(distribution[0]),
        components,
        warnings);
  }

  private static Optional<Digest> subject(JsonNode root) {
    for (String candidate : new String[] {text(root, "version"), imageDigest(text(root, "purl"))}) {
      if (candidate.startsWith("sha") && candidate.indexOf(':') > 0) {
        try {
          return Optional.of(Digest.parse(candidate));
        } catch (BullaException e) {
          // a version that only looks like a digest
        }
      }
    }
    return Optional.empty();
  }

  /** {@code pkg:oci/name@sha256%3A…}. */
  private static String imageDigest(String purl) {
    int at = purl.startsWith("pkg:oci/") ? purl.indexOf('@') : -1;
    if (at < 0) {
      return "";
    }
    int end = purl.indexOf('?', at);
    return purl.substring(at + 1, end < 0 ? purl.length() : end)
        .replace("%3A", ":")
        .replace("%3a", ":");
  }

  private void walk(JsonNode list, int depth) {
    if (depth > MAX_DEPTH) {
      throw invalid("components are nested more than %d deep".formatted(MAX_DEPTH));
    }
    for (JsonNode node : list) {
      if (components.size() >= MAX_COMPONENTS) {
        throw invalid("more than %d components".formatted(MAX_COMPONENTS));
      }
      if (text(node, "type").equals("operating-system")) {
        distribution[0] =
            new Inventory.Distribution(
                text(node, "name"),
                text(node, "version"),
                Optional.ofNullable(properties(node).get(CycloneDxJson.PREFIX + "codename")),
                text(node, "description").isEmpty()
                    ? text(node, "name")
                    : text(node, "description"));
      } else {
        boolean own = properties(node).containsKey(CycloneDxJson.PREFIX + "type");
        (own ? Optional.of(own(node)) : foreign(node)).ifPresent(components::add);
      }
      walk(node.path("components"), depth + 1);
    }
  }

  private static BullaException invalid(String why) {
    return new BullaException(ErrorCode.SBOM_INVALID, "CycloneDX document: " + why);
  }

  private static Component own(JsonNode node) {
    Map<String, String> properties = new TreeMap<>();
    List<Location> locations = new ArrayList<>();
    String path = "";
    Optional<Digest> layer = Optional.empty();
    List<String> nested = new ArrayList<>();
    for (JsonNode property : node.path("properties")) {
      String name = text(property, "name");
      String value = text(property, "value");
      switch (name) {
        case "bulla:path" -> {
          if (!path.isEmpty()) {
            locations.add(new Location(layer, path, nested));
          }
          path = value;
          layer = Optional.empty();
          nested = new ArrayList<>();
        }
        case "bulla:layer" -> layer = Optional.of(Digest.parse(value));
        case "bulla:nested" -> nested.add(value);
        default -> {
          if (name.startsWith(CycloneDxJson.PREFIX)) {
            properties.put(name.substring(CycloneDxJson.PREFIX.length()), value);
          }
        }
      }
    }
    if (!path.isEmpty()) {
      locations.add(new Location(layer, path, nested));
    }
    String type = taken(properties, "type").orElse("");
    return new Component(
        type,
        joinedName(type, text(node, "group"), text(node, "name")),
        text(node, "version"),
        Optional.of(text(node, "purl")).filter(purl -> !purl.isEmpty()),
        licences(node),
        taken(properties, "sourceName"),
        taken(properties, "sourceVersion"),
        taken(properties, "ownedBy"),
        locations,
        hashes(node),
        properties);
  }

  private static Optional<String> taken(Map<String, String> properties, String name) {
    return Optional.ofNullable(properties.remove(name));
  }

  private static String joinedName(String type, String group, String name) {
    return group.isEmpty() ? name : group + (type.equals("maven") ? ":" : "/") + name;
  }

  /**
   * A component of another tool counts if it has a purl; files and applications without one are
   * left out.
   */
  private Optional<Component> foreign(JsonNode node) {
    String text = text(node, "purl");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    PackageURL purl;
    try {
      purl = new PackageURL(text);
    } catch (MalformedPackageURLException e) {
      warnings.add(
          "component '%s': malformed purl '%s'"
              .formatted(Shown.text(text(node, "name")), Shown.text(text)));
      return Optional.empty();
    }
    Map<String, String> properties = properties(node);
    ForeignPurl parts = ForeignPurl.of(purl, properties);
    return Optional.of(
        new Component(
            purl.getType(),
            parts.name(),
            parts.version(),
            Optional.of(text),
            licences(node),
            parts.sourceName(),
            parts.sourceVersion().filter(version -> !version.equals(parts.version())),
            Optional.empty(),
            List.of(place(node, properties)),
            hashes(node),
            Map.of()));
  }

  private static Location place(JsonNode node, Map<String, String> properties) {
    String path =
        properties.getOrDefault(
            "syft:location:0:path", properties.getOrDefault("aquasecurity:trivy:FilePath", ""));
    if (path.isEmpty()) {
      path = text(node.path("evidence").path("occurrences").path(0), "location");
    }
    String layer =
        properties.getOrDefault(
            "syft:location:0:layerID",
            properties.getOrDefault("aquasecurity:trivy:LayerDigest", ""));
    Optional<Digest> digest = Optional.empty();
    try {
      digest = layer.isEmpty() ? digest : Optional.of(Digest.parse(layer));
    } catch (BullaException e) {
      // not a digest: the place is known without its layer
    }
    return new Location(digest, path, List.of());
  }

  private static List<String> licences(JsonNode node) {
    List<String> all = new ArrayList<>();
    for (JsonNode one : node.path("licenses")) {
      String expression = text(one, "expression");
      String id = text(one.path("license"), "id");
      String licence =
          expression.isEmpty() ? id.isEmpty() ? text(one.path("license"), "name") : id : expression;
      if (!licence.isEmpty()) {
        all.add(licence);
      }
    }
    return all;
  }

  private static Map<String, String> hashes(JsonNode node) {
    Map<String, String> all = new TreeMap<>();
    for (JsonNode hash : node.path("hashes")) {
      if (!text(hash, "alg").isEmpty()) {
        all.put(text(hash, "alg"), text(hash, "content"));
      }
    }
    return all;
  }

  private static Map<String, String> properties(JsonNode node) {
    Map<String, String> all = new TreeMap<>();
    for (JsonNode property : node.path("properties")) {
      all.putIfAbsent(text(property, "name"), text(property, "value"));
    }
    return all;
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asString("");
  }
}
