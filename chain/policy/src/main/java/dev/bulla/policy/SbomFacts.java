package dev.bulla.policy;

import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The section {@code sbom}: a CycloneDX or SPDX document boiled down to what rules ask for. */
final class SbomFacts {
  private static final int SHOWN_COMPONENTS = 5;
  private static final int SHOWN_WARNINGS = 20;

  /**
   * A listed component.
   *
   * @param purl empty if it has none
   * @param place where its evidence lies, empty if the document does not say
   * @param licences identifiers, expressions or names; empty if none is stated
   */
  record Listed(String name, String version, String purl, String place, List<String> licences) {

    /** For people. */
    String shown() {
      String named = (name + " " + version).strip();
      return place.isEmpty() ? named : named + " in " + place;
    }
  }

  private SbomFacts() {}

  static ObjectNode of(List<VerifiedStatement> verified) {
    return VerifiedStatement.section(
        verified,
        type -> isCycloneDx(type) || isSpdx(type),
        section("", "", "", List.of(), List.of()),
        SbomFacts::read);
  }

  /** Producers add a version to the type; both are read the same way. */
  private static boolean isCycloneDx(String type) {
    return type.equals(PredicateTypes.CYCLONEDX) || type.startsWith(PredicateTypes.CYCLONEDX + "/");
  }

  private static boolean isSpdx(String type) {
    return type.equals(PredicateTypes.SPDX) || type.startsWith(PredicateTypes.SPDX + "/");
  }

  private static VerifiedStatement.Reading read(VerifiedStatement one) {
    return isCycloneDx(one.statement().predicateType())
        ? CycloneDxFacts.read(one.predicate())
        : SpdxFacts.read(one.predicate());
  }

  static ObjectNode section(
      String format,
      String specVersion,
      String createdAt,
      List<Listed> components,
      List<String> warnings) {
    ObjectNode section = Json.object();
    section.put("format", format);
    section.put("specVersion", specVersion);
    section.put("createdAt", createdAt);
    section.put("componentCount", components.size());
    section.put("warningCount", warnings.size());
    Read.addAll(section.putArray("warnings"), warnings.stream().limit(SHOWN_WARNINGS).toList());
    licences(components, section);
    packages(components, section);
    return section;
  }

  private static void licences(List<Listed> components, ObjectNode section) {
    Map<String, List<String>> users = new TreeMap<>();
    long unknown = 0;
    for (Listed one : components) {
      if (one.licences().isEmpty()) {
        unknown++;
      }
      for (String licence : new TreeSet<>(one.licences())) {
        users.computeIfAbsent(licence, _ -> new ArrayList<>()).add(one.shown());
      }
    }
    ObjectNode counts = section.putObject("licences");
    ArrayNode use = section.putArray("licenceUse");
    users.forEach((licence, by) -> {
      counts.put(licence, by.size());
      ObjectNode entry = use.addObject().put("licence", licence).put("count", by.size());
      Read.addAll(entry.putArray("components"), by.stream().limit(SHOWN_COMPONENTS).toList());
    });
    section.put("unknownLicence", unknown);
  }

  private static void packages(List<Listed> components, ObjectNode section) {
    Map<String, Long> types = new TreeMap<>();
    Map<String, TreeSet<String>> versions = new TreeMap<>();
    for (Listed one : components) {
      if (!one.purl().isEmpty()) {
        types.merge(purlType(one.purl()), 1L, Long::sum);
        versions
            .computeIfAbsent(withoutVersion(one.purl()), _ -> new TreeSet<>())
            .add(one.version());
      }
    }
    ObjectNode typeCounts = section.putObject("purlTypes");
    types.forEach(typeCounts::put);
    ObjectNode all = section.putObject("packages");
    versions.forEach((purl, found) -> Read.addAll(all.putArray(purl), List.copyOf(found)));
  }

  /** {@code maven} of {@code pkg:maven/group/name@1}; what is no package URL counts as itself. */
  private static String purlType(String purl) {
    int slash = purl.indexOf('/');
    return purl.startsWith("pkg:") && slash > 4 ? purl.substring(4, slash) : "";
  }

  private static String withoutVersion(String purl) {
    int end = purl.length();
    for (char mark : new char[] {'#', '?'}) {
      int at = purl.indexOf(mark);
      end = at >= 0 ? Math.min(end, at) : end;
    }
    int version = purl.lastIndexOf('@', end - 1);
    return purl.substring(0, version > purl.lastIndexOf('/', end - 1) ? version : end);
  }
}
