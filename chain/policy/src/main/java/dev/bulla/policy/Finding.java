package dev.bulla.policy;

import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One vulnerability on one component, as a scan statement has it. */
record Finding(
    String id,
    Level level,
    boolean malicious,
    List<String> aliases,
    List<String> advisories,
    String type,
    String name,
    String version,
    String purl,
    List<String> fixed,
    List<Place> places) {
  private static final int MAX_LIST = 1_000;
  private static final int SHOWN_PLACES = 3;
  private static final int SHOWN_NAMES = 4;

  /** Worst first; a malicious package before all. */
  static final Comparator<Finding> WORST_FIRST =
      Comparator.comparing((Finding finding) -> !finding.malicious)
          .thenComparing(finding -> finding.level)
          .thenComparing(Finding::id)
          .thenComparing(Finding::name)
          .thenComparing(Finding::version);

  /**
   * Where a component lies: layer digest (empty outside images), file, and archives within
   * archives.
   */
  record Place(String layer, String path, List<String> nested) {
    @Override
    public String toString() {
      String where = nested.isEmpty() ? path : path + "!" + String.join("!", nested);
      String digest = layer.substring(layer.indexOf(':') + 1);
      return layer.isEmpty()
          ? Shown.text(where)
          : Shown.text(where)
              + " (layer "
              + Shown.text(digest.substring(0, Math.min(12, digest.length())))
              + ")";
    }
  }

  /**
   * Reads an element of {@code scanner.result}; docs/scan.md has the shape, other scanners leave
   * parts out.
   */
  static Finding read(Fields result) {
    Optional<Fields> note = Read.objects(result, "annotations", MAX_LIST).stream().findFirst();
    Optional<Fields> component = note.flatMap(n -> n.optionalObject("component"));
    List<Place> places = new ArrayList<>();
    if (note.isPresent()) {
      for (Fields one : Read.objects(note.get(), "locations", MAX_LIST)) {
        places.add(
            new Place(
                Read.text(one, "layer"),
                Read.text(one, "path"),
                Read.texts(one, "nested", MAX_LIST)));
      }
    }
    return new Finding(
        result.string("id"),
        level(result, note),
        note.flatMap(n -> n.optionalBoolean("malicious")).orElse(false),
        note.map(n -> Read.texts(n, "aliases", MAX_LIST)).orElse(List.of()),
        note.map(n -> Read.texts(n, "advisories", MAX_LIST)).orElse(List.of()),
        component.map(c -> Read.text(c, "type")).orElse(""),
        component.map(c -> Read.text(c, "name")).orElse("a component that the scan does not name"),
        component.map(c -> Read.text(c, "version")).orElse(""),
        component.map(c -> Read.text(c, "purl")).orElse(""),
        note.map(n -> Read.texts(n, "fixedVersions", MAX_LIST)).orElse(List.of()),
        List.copyOf(places));
  }

  /** The worst level that the element names; without any, the worst of its scores. */
  private static Level level(Fields result, Optional<Fields> note) {
    List<Level> named = new ArrayList<>();
    List<Level> scored = new ArrayList<>();
    note.flatMap(n -> Level.parse(Read.text(n, "level"))).ifPresent(named::add);
    for (Fields one : Read.objects(result, "severity", MAX_LIST)) {
      List<Level> said = Read.text(one, "method").equals("level") ? named : scored;
      Level.parse(Read.text(one, "score")).ifPresent(said::add);
    }
    return (named.isEmpty() ? scored : named)
        .stream().min(Comparator.naturalOrder()).orElse(Level.UNKNOWN);
  }

  ObjectNode node() {
    ObjectNode node =
        Json.object()
            .put("id", id)
            .put("severity", level.id())
            .put("malicious", malicious)
            .put("type", type)
            .put("name", name)
            .put("version", version)
            .put("purl", purl)
            .put("text", text());
    Read.addAll(node.putArray("aliases"), aliases);
    Read.addAll(node.putArray("advisories"), advisories);
    Read.addAll(node.putArray("fixed"), fixed);
    ArrayNode all = node.putArray("locations");
    for (Place place : places) {
      ObjectNode one = all.addObject().put("layer", place.layer).put("path", place.path);
      Read.addAll(one.putArray("nested"), place.nested);
    }
    return node;
  }

  /**
   * One sentence without a full stop: component, place, advisories with severity, and what to do.
   */
  String text() {
    List<String> others =
        advisories.stream()
            .filter(name -> !name.equals(id))
            .limit(SHOWN_NAMES)
            .map(Shown::text)
            .toList();
    return "%s %s%s: %s %s%s, %s"
        .formatted(
            Shown.text(name),
            Shown.text(version),
            where(),
            Shown.text(id),
            malicious ? "malicious" : level.id(),
            others.isEmpty() ? "" : " (" + String.join(", ", others) + ")",
            action());
  }

  private String where() {
    if (places.isEmpty()) {
      return "";
    }
    List<String> shown = places.stream().limit(SHOWN_PLACES).map(Place::toString).toList();
    int more = places.size() - shown.size();
    return " in " + String.join(" and ", shown) + (more > 0 ? " and " + more + " more places" : "");
  }

  private String action() {
    return fixed.isEmpty()
        ? "no fixed version is named"
        : "fixed in "
            + String.join(" or ", fixed.stream().limit(SHOWN_NAMES).map(Shown::text).toList());
  }
}
