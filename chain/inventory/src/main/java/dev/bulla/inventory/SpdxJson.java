package dev.bulla.inventory;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.inventory.licence.Licences;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes an inventory as SPDX 2.3 JSON.
 *
 * <p>Equal inventories and options give equal bytes; the document namespace is derived from the
 * content. Licences that are not on the SPDX list become {@code LicenseRef-} with the declared
 * words as their text. Places stand in {@code sourceInfo}: SPDX 2.3 has no field for them.
 */
public final class SpdxJson {
  private static final String NONE = "NOASSERTION";

  private SpdxJson() {}

  /** The document, compact. */
  public static byte[] write(Inventory inventory, SbomOptions options) {
    ObjectNode document = Json.object();
    document.put("spdxVersion", "SPDX-2.3");
    document.put("dataLicense", "CC0-1.0");
    document.put("SPDXID", "SPDXRef-DOCUMENT");
    document.put("name", inventory.name().isEmpty() ? "unnamed" : inventory.name());
    document.put("documentNamespace", "");
    ObjectNode creation = document.putObject("creationInfo");
    creation.put("created", options.timestamp().truncatedTo(ChronoUnit.SECONDS).toString());
    creation.putArray("creators").add("Tool: bulla-" + options.toolVersion());
    if (!inventory.warnings().isEmpty()) {
      document.put("comment", "Not read: " + String.join("; ", inventory.warnings()));
    }
    Map<String, String> extracted = new TreeMap<>();
    ArrayNode packages = document.putArray("packages");
    ArrayNode relationships = Json.array();
    packages.add(root(inventory));
    relationship(relationships, "SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-root");
    CycloneDxJson.References references = new CycloneDxJson.References();
    for (Component component : inventory.components()) {
      String id = "SPDXRef-" + references.of(component);
      packages.add(one(component, id, extracted));
      relationship(relationships, "SPDXRef-root", "CONTAINS", id);
    }
    document.set("relationships", relationships);
    if (!extracted.isEmpty()) {
      ArrayNode texts = document.putArray("hasExtractedLicensingInfos");
      extracted.forEach((id, text) -> {
        ObjectNode node = texts.addObject();
        node.put("licenseId", id);
        node.put("name", text);
        node.put("extractedText", text);
      });
    }
    document.put(
        "documentNamespace",
        "https://bulla.dev/spdx/" + ContentUuid.of("spdx", Json.write(document)));
    return Json.write(document);
  }

  private static ObjectNode root(Inventory inventory) {
    ObjectNode root = Json.object();
    root.put("SPDXID", "SPDXRef-root");
    root.put("name", inventory.name().isEmpty() ? "unnamed" : inventory.name());
    inventory.subject().ifPresent(digest -> root.put("versionInfo", digest.toString()));
    root.put("downloadLocation", NONE);
    root.put("filesAnalyzed", false);
    inventory
        .subject()
        .ifPresent(digest ->
            checksum(root.putArray("checksums"), digest.algorithm().name(), digest.hex()));
    root.put("licenseConcluded", NONE);
    root.put("licenseDeclared", NONE);
    root.put("copyrightText", NONE);
    inventory
        .distribution()
        .ifPresent(os -> root.put("comment", "Operating system: " + os.prettyName()));
    root.put(
        "primaryPackagePurpose", inventory.subject().isPresent() ? "CONTAINER" : "APPLICATION");
    return root;
  }

  private static ObjectNode one(Component component, String id, Map<String, String> extracted) {
    ObjectNode node = Json.object();
    node.put("SPDXID", id);
    node.put("name", component.name());
    if (!component.version().isEmpty()) {
      node.put("versionInfo", component.version());
    }
    node.put("supplier", NONE);
    node.put("downloadLocation", NONE);
    node.put("filesAnalyzed", false);
    if (!component.hashes().isEmpty()) {
      ArrayNode checksums = node.putArray("checksums");
      new TreeMap<>(component.hashes())
          .forEach((name, value) -> checksum(checksums, name.replace("-", ""), value));
    }
    node.put("sourceInfo", sourceInfo(component));
    node.put("licenseConcluded", NONE);
    node.put("licenseDeclared", licence(component.licences(), extracted));
    node.put("copyrightText", NONE);
    component
        .purl()
        .ifPresent(purl -> {
          ObjectNode reference = node.putArray("externalRefs").addObject();
          reference.put("referenceCategory", "PACKAGE-MANAGER");
          reference.put("referenceType", "purl");
          reference.put("referenceLocator", purl);
        });
    return node;
  }

  private static String sourceInfo(Component component) {
    List<String> parts = new ArrayList<>();
    component
        .sourceName()
        .ifPresent(name ->
            parts.add(
                "built from "
                    + name
                    + " "
                    + component.sourceVersion().orElse(component.version())));
    component.ownedBy().ifPresent(owner -> parts.add("owned by " + owner));
    for (Location location : component.locations()) {
      parts.add(
          "found at " + location + location.layer().map(layer -> " in layer " + layer).orElse(""));
    }
    return String.join("; ", parts);
  }

  private static void checksum(ArrayNode checksums, String algorithm, String value) {
    ObjectNode one = checksums.addObject();
    one.put("algorithm", algorithm);
    one.put("checksumValue", value);
  }

  /** All licences of a package hold together, unless its own expression says otherwise. */
  private static String licence(List<String> licences, Map<String, String> extracted) {
    if (licences.isEmpty()) {
      return NONE;
    }
    List<String> parts = new ArrayList<>();
    for (String licence : licences) {
      String part;
      if (Licences.isExpression(licence) && !licence.contains("LicenseRef-")) {
        part = licences.size() > 1 && licence.contains(" ") ? "(" + licence + ")" : licence;
      } else {
        part =
            "LicenseRef-"
                + Digest.sha256(licence.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16);
        extracted.put(part, licence);
      }
      parts.add(part);
    }
    return String.join(" AND ", parts);
  }

  private static void relationship(ArrayNode all, String from, String type, String to) {
    ObjectNode one = all.addObject();
    one.put("spdxElementId", from);
    one.put("relationshipType", type);
    one.put("relatedSpdxElement", to);
  }
}
