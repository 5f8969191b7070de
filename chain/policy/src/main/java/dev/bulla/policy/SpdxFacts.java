package dev.bulla.policy;

import dev.bulla.core.json.Fields;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads SPDX 2.2-2.3 JSON: packages with their licences, without the package that stands for the
 * document's subject.
 */
final class SpdxFacts {
  private static final int MAX_PACKAGES = 200_000;
  private static final int MAX_RELATIONSHIPS = 2_000_000;
  private static final int MAX_REFERENCES = 1_000;
  private static final int MAX_WORDS = 200;
  private static final Pattern REFERENCE = Pattern.compile("LicenseRef-[A-Za-z0-9.-]+");
  private static final Set<String> NO_LICENCE = Set.of("", "NOASSERTION", "NONE");

  private SpdxFacts() {}

  static VerifiedStatement.Reading read(Fields document) {
    String version = document.string("spdxVersion");
    if (!version.startsWith("SPDX-2.")) {
      throw document.invalid("spdxVersion", "'" + version + "', expected SPDX-2.2 or SPDX-2.3");
    }
    Optional<Instant> made =
        document.optionalObject("creationInfo").flatMap(c -> Read.time(c, "created"));
    Set<String> described = described(document);
    Map<String, String> extracted = extracted(document);
    List<SbomFacts.Listed> components = new ArrayList<>();
    for (Fields one : Read.objects(document, "packages", MAX_PACKAGES)) {
      boolean system = Read.text(one, "primaryPackagePurpose").equals("OPERATING-SYSTEM");
      if (!system && !described.contains(Read.text(one, "SPDXID"))) {
        components.add(component(one, extracted));
      }
    }
    return new VerifiedStatement.Reading(
        made.orElse(Instant.EPOCH),
        SbomFacts.section(
            "spdx", version.substring("SPDX-".length()), Read.shown(made), components, List.of()));
  }

  private static Set<String> described(Fields document) {
    Set<String> found = new HashSet<>(Read.texts(document, "documentDescribes", MAX_PACKAGES));
    for (Fields one : Read.objects(document, "relationships", MAX_RELATIONSHIPS)) {
      if (Read.text(one, "relationshipType").equals("DESCRIBES")
          && Read.text(one, "spdxElementId").equals("SPDXRef-DOCUMENT")) {
        found.add(Read.text(one, "relatedSpdxElement"));
      }
    }
    return found;
  }

  /**
   * Names of the licences that are not on the SPDX list: {@code LicenseRef-…} to the words of the
   * package.
   */
  private static Map<String, String> extracted(Fields document) {
    Map<String, String> found = new HashMap<>();
    for (Fields one : Read.objects(document, "hasExtractedLicensingInfos", MAX_PACKAGES)) {
      String text = one.optionalString("extractedText").orElse("");
      String name = Read.text(one, "name");
      boolean named = !NO_LICENCE.contains(name);
      if (named || text.length() <= MAX_WORDS) {
        found.put(Read.text(one, "licenseId"), named ? name : text);
      }
    }
    return found;
  }

  private static SbomFacts.Listed component(Fields one, Map<String, String> extracted) {
    String concluded = Read.text(one, "licenseConcluded");
    String licence = NO_LICENCE.contains(concluded) ? Read.text(one, "licenseDeclared") : concluded;
    String purl =
        Read.objects(one, "externalRefs", MAX_REFERENCES).stream()
            .filter(reference -> Read.text(reference, "referenceType").equals("purl"))
            .map(reference -> Read.text(reference, "referenceLocator"))
            .findFirst()
            .orElse("");
    return new SbomFacts.Listed(
        Read.text(one, "name"),
        Read.text(one, "versionInfo"),
        purl,
        "",
        NO_LICENCE.contains(licence) ? List.of() : List.of(inWords(licence, extracted)));
  }

  private static String inWords(String licence, Map<String, String> extracted) {
    return licence.contains("LicenseRef-")
        ? REFERENCE
            .matcher(licence)
            .replaceAll(found ->
                Matcher.quoteReplacement(extracted.getOrDefault(found.group(), found.group())))
        : licence;
  }
}
