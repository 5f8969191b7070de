package dev.bulla.policy;

import dev.bulla.core.json.Fields;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Reads CycloneDX 1.4-1.6 JSON: components, nested ones included, with their licences. */
final class CycloneDxFacts {
  private static final int MAX_COMPONENTS = 200_000;
  private static final int MAX_LICENCES = 1_000;
  private static final int MAX_PROPERTIES = 100_000;

  private CycloneDxFacts() {}

  static VerifiedStatement.Reading read(Fields bom) {
    if (!bom.string("bomFormat").equals("CycloneDX")) {
      throw bom.invalid("bomFormat", "'" + bom.string("bomFormat") + "', expected CycloneDX");
    }
    Optional<Instant> made = bom.optionalObject("metadata").flatMap(m -> Read.time(m, "timestamp"));
    List<SbomFacts.Listed> components = new ArrayList<>();
    Deque<Fields> open = new ArrayDeque<>(Read.objects(bom, "components", MAX_COMPONENTS));
    while (!open.isEmpty()) {
      Fields one = open.removeFirst();
      if (!Read.text(one, "type").equals("operating-system")) {
        components.add(component(one));
      }
      open.addAll(Read.objects(one, "components", MAX_COMPONENTS));
      if (components.size() + open.size() > MAX_COMPONENTS) {
        throw bom.invalid("components", "more than " + MAX_COMPONENTS + " components");
      }
    }
    return new VerifiedStatement.Reading(
        made.orElse(Instant.EPOCH),
        SbomFacts.section(
            "cyclonedx", bom.string("specVersion"), Read.shown(made), components, warnings(bom)));
  }

  private static SbomFacts.Listed component(Fields one) {
    String group = Read.text(one, "group");
    String name = Read.text(one, "name");
    List<String> licences = new ArrayList<>();
    for (Fields choice : Read.objects(one, "licenses", MAX_LICENCES)) {
      String expression = Read.text(choice, "expression");
      choice
          .optionalObject("license")
          .map(licence -> licence.has("id") ? Read.text(licence, "id") : Read.text(licence, "name"))
          .or(() -> Optional.of(expression))
          .filter(text -> !text.isBlank())
          .ifPresent(licences::add);
    }
    return new SbomFacts.Listed(
        group.isEmpty() ? name : group + (group.startsWith("@") ? "/" : ":") + name,
        Read.text(one, "version"),
        Read.text(one, "purl"),
        place(one),
        licences);
  }

  /** The first place of those that docs/sbom.md describes. */
  private static String place(Fields component) {
    StringBuilder place = new StringBuilder();
    for (Fields one : Read.objects(component, "properties", MAX_PROPERTIES)) {
      String name = Read.text(one, "name");
      if (name.equals("bulla:path")) {
        if (!place.isEmpty()) {
          return place.toString();
        }
        place.append(Read.text(one, "value"));
      } else if (name.equals("bulla:nested") && !place.isEmpty()) {
        place.append('!').append(Read.text(one, "value"));
      }
    }
    return place.toString();
  }

  /** What the cataloguer could not read. */
  private static List<String> warnings(Fields bom) {
    List<String> found = new ArrayList<>();
    Optional<Fields> metadata = bom.optionalObject("metadata");
    if (metadata.isPresent()) {
      for (Fields one : Read.objects(metadata.get(), "properties", MAX_PROPERTIES)) {
        if (Read.text(one, "name").equals("bulla:warning")) {
          found.add(Read.text(one, "value"));
        }
      }
    }
    return found;
  }
}
