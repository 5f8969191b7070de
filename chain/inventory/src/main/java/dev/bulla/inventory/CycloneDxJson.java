package dev.bulla.inventory;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.inventory.licence.Licences;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes an inventory as CycloneDX 1.6 JSON, without loss: {@link CycloneDxReader} gives the same
 * inventory back.
 *
 * <p>Equal inventories and options give equal bytes. The serial number is derived from the content
 * and not drawn at random; references are derived from what they refer to. Facts that CycloneDX has
 * no field for are properties whose names begin with {@value #PREFIX}; see docs/sbom.md.
 */
public final class CycloneDxJson {
  static final String PREFIX = "bulla:";
  static final String ROOT = "root";

  private CycloneDxJson() {}

  /** The document, compact. */
  public static byte[] write(Inventory inventory, SbomOptions options) {
    ObjectNode bom = Json.object();
    bom.put("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    bom.put("bomFormat", "CycloneDX");
    bom.put("specVersion", "1.6");
    bom.put("serialNumber", "");
    bom.put("version", 1);
    bom.set("metadata", metadata(inventory, options));
    ArrayNode components = bom.putArray("components");
    inventory.distribution().ifPresent(os -> components.add(operatingSystem(os)));
    References references = new References();
    for (Component component : inventory.components()) {
      components.add(component(component, references));
    }
    ObjectNode composition = bom.putArray("compositions").addObject();
    composition.put("aggregate", inventory.warnings().isEmpty() ? "unknown" : "incomplete");
    composition.putArray("assemblies").add(ROOT);
    bom.put("serialNumber", "urn:uuid:" + ContentUuid.of("cyclonedx", Json.write(bom)));
    return Json.write(bom);
  }

  private static ObjectNode metadata(Inventory inventory, SbomOptions options) {
    ObjectNode metadata = Json.object();
    metadata.put("timestamp", options.timestamp().truncatedTo(ChronoUnit.SECONDS).toString());
    ObjectNode tool = metadata.putObject("tools").putArray("components").addObject();
    tool.put("type", "application");
    tool.put("name", "bulla");
    tool.put("version", options.toolVersion());
    ObjectNode root = metadata.putObject("component");
    root.put("type", inventory.subject().isPresent() ? "container" : "application");
    root.put("bom-ref", ROOT);
    root.put("name", inventory.name());
    inventory
        .subject()
        .ifPresent(digest -> {
          root.put("version", digest.toString());
          ObjectNode hash = root.putArray("hashes").addObject();
          hash.put("alg", algorithm(digest));
          hash.put("content", digest.hex());
        });
    if (!inventory.warnings().isEmpty()) {
      ArrayNode properties = metadata.putArray("properties");
      inventory.warnings().forEach(warning -> property(properties, "warning", warning));
    }
    return metadata;
  }

  private static String algorithm(Digest digest) {
    return switch (digest.algorithm()) {
      case SHA256 -> "SHA-256";
      case SHA384 -> "SHA-384";
      case SHA512 -> "SHA-512";
    };
  }

  private static ObjectNode operatingSystem(Inventory.Distribution os) {
    ObjectNode node = Json.object();
    node.put("type", "operating-system");
    node.put("bom-ref", "os");
    node.put("name", os.id());
    node.put("version", os.versionId());
    node.put("description", os.prettyName());
    os.codename().ifPresent(name -> property(node.putArray("properties"), "codename", name));
    return node;
  }

  private static ObjectNode component(Component component, References references) {
    ObjectNode node = Json.object();
    node.put("type", "library");
    node.put("bom-ref", references.of(component));
    String name = component.name();
    int split = groupEnd(component);
    if (split > 0) {
      node.put("group", name.substring(0, split));
      name = name.substring(split + 1);
    }
    node.put("name", name);
    if (!component.version().isEmpty()) {
      node.put("version", component.version());
    }
    hashes(node, component.hashes());
    licences(node, component.licences());
    component.purl().ifPresent(purl -> node.put("purl", purl));
    occurrences(node, component.locations());
    properties(node.putArray("properties"), component);
    return node;
  }

  /** Index of the character between group and name, or -1. */
  static int groupEnd(Component component) {
    return switch (component.type()) {
      case "maven" -> component.name().indexOf(':');
      case "npm" -> component.name().startsWith("@") ? component.name().indexOf('/') : -1;
      default -> -1;
    };
  }

  private static void hashes(ObjectNode node, Map<String, String> hashes) {
    if (!hashes.isEmpty()) {
      ArrayNode all = node.putArray("hashes");
      new TreeMap<>(hashes)
          .forEach((name, value) -> {
            ObjectNode hash = all.addObject();
            hash.put("alg", name);
            hash.put("content", value);
          });
    }
  }

  /** One expression, or a list of identifiers and names: the schema does not allow both. */
  private static void licences(ObjectNode node, List<String> licences) {
    if (licences.isEmpty()) {
      return;
    }
    ArrayNode all = node.putArray("licenses");
    if (licences.size() == 1
        && !Licences.isIdentifier(licences.getFirst())
        && Licences.isExpression(licences.getFirst())) {
      all.addObject().put("expression", licences.getFirst());
      return;
    }
    for (String licence : licences) {
      ObjectNode one = all.addObject().putObject("license");
      one.put(Licences.isIdentifier(licence) ? "id" : "name", licence);
    }
  }

  private static void occurrences(ObjectNode node, List<Location> locations) {
    ArrayNode all = node.putObject("evidence").putArray("occurrences");
    for (Location location : locations) {
      ObjectNode one = all.addObject();
      one.put("location", location.toString());
      location.layer().ifPresent(layer -> one.put("additionalContext", layer.toString()));
    }
  }

  private static void properties(ArrayNode properties, Component component) {
    property(properties, "type", component.type());
    component.sourceName().ifPresent(value -> property(properties, "sourceName", value));
    component.sourceVersion().ifPresent(value -> property(properties, "sourceVersion", value));
    component.ownedBy().ifPresent(value -> property(properties, "ownedBy", value));
    new TreeMap<>(component.properties())
        .forEach((name, value) -> property(properties, name, value));
    // each place begins with its path; layer and nested archives belong to the path before them
    for (Location location : component.locations()) {
      property(properties, "path", location.path());
      location.layer().ifPresent(layer -> property(properties, "layer", layer.toString()));
      location.nested().forEach(archive -> property(properties, "nested", archive));
    }
  }

  private static void property(ArrayNode properties, String name, String value) {
    ObjectNode one = properties.addObject();
    one.put("name", PREFIX + name);
    one.put("value", value);
  }

  /** References that do not change when other components come or go. */
  static final class References {
    private final Map<String, Integer> taken = new TreeMap<>();

    String of(Component component) {
      StringBuilder identity = new StringBuilder();
      identity
          .append(component.type())
          .append('\n')
          .append(component.name())
          .append('\n')
          .append(component.version());
      identity.append('\n').append(component.purl()).append('\n').append(component.ownedBy());
      component
          .locations()
          .forEach(place -> identity.append('\n').append(place.layer()).append(place));
      String ref =
          component.type()
              + "-"
              + Digest.sha256(identity.toString().getBytes(StandardCharsets.UTF_8))
                  .hex()
                  .substring(0, 20);
      int before = taken.merge(ref, 1, Integer::sum);
      return before == 1 ? ref : ref + "-" + before;
    }
  }
}
