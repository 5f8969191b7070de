package dev.bulla.advisory;

import dev.bulla.advisory.Advisory.Affected;
import dev.bulla.advisory.Advisory.Event;
import dev.bulla.advisory.Advisory.Range;
import dev.bulla.advisory.Advisory.Severity;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads OSV JSON: strict about the members that it uses and about JSON itself, blind to all others,
 * as the schema grows.
 *
 * <p>Two deviations that occur in public feeds are accepted: events given as one object instead of
 * an array, and an affected package without a package name (commit ranges only), which is left out.
 */
final class OsvRecord {
  /** Bytes of one record; the largest public ones have about 5 MB. */
  static final int MAX_BYTES = 16 * 1024 * 1024;

  private static final int MAX_AFFECTED = 20_000;
  private static final int MAX_VERSIONS = 200_000;
  private static final int MAX_EVENTS = 10_000;
  private static final int MAX_NAMES = 10_000;
  private static final int MAX_TEXT = 300;

  private final String what;

  private OsvRecord(String what) {
    this.what = what;
  }

  /**
   * @param what names the record in errors
   * @throws BullaException {@code ADVISORY_INVALID} if it is no OSV record; {@code FIELD_INVALID}
   *     for a member of the wrong kind; JSON errors as {@link Json#parse}
   */
  static Advisory parse(byte[] bytes, String what) {
    return new OsvRecord(what).read(Fields.of(Json.parse(bytes, MAX_BYTES, what), what));
  }

  private Advisory read(Fields root) {
    if (!root.has("id") || !root.has("modified")) {
      throw invalid("no OSV record: 'id' and 'modified' are required");
    }
    List<Affected> affected = new ArrayList<>();
    List<Fields> listed = root.objects("affected");
    atMost(listed.size(), MAX_AFFECTED, "affected packages");
    for (Fields one : listed) {
      affected(one).ifPresent(affected::add);
    }
    return new Advisory(
        id(root.string("id")),
        time(root.string("modified"), "modified"),
        root.optionalString("published").map(text -> time(text, "published")),
        root.optionalString("withdrawn").map(text -> time(text, "withdrawn")),
        ids(root, "aliases"),
        ids(root, "upstream"),
        ids(root, "related"),
        shortened(
            root.optionalString("summary")
                .filter(text -> !text.isBlank())
                .or(() -> root.optionalString("details").map(OsvRecord::firstLine))
                .orElse("")),
        word(root, "database_specific", "severity").or(() -> wordInSummary(root)),
        severity(root),
        affected);
  }

  private Optional<Affected> affected(Fields one) {
    Optional<Fields> named =
        one.optionalObject("package").filter(p -> p.has("name") && p.has("ecosystem"));
    if (named.isEmpty()) {
      return Optional.empty();
    }
    List<Range> ranges = new ArrayList<>();
    for (Fields range : one.objects("ranges")) {
      ranges.add(new Range(range.string("type"), events(range)));
    }
    List<String> versions = one.strings("versions");
    atMost(versions.size(), MAX_VERSIONS, "versions of one package");
    Fields key = named.get();
    return Optional.of(
        new Affected(
            new PackageKey(name(key.string("ecosystem")), name(key.string("name"))),
            key.optionalString("purl"),
            ranges,
            versions,
            word(one, "database_specific", "severity")
                .or(() -> word(one, "ecosystem_specific", "severity"))
                .or(() -> word(one, "ecosystem_specific", "urgency"))
                .or(() ->
                    word(one, "database_specific", "informational").map(any -> "informational")),
            severity(one)));
  }

  private List<Event> events(Fields range) {
    List<Event> events = new ArrayList<>();
    List<ObjectNode> nodes = new ArrayList<>();
    if (range.node().get("events") instanceof ObjectNode single) {
      nodes.add(single);
    } else {
      range.objects("events").forEach(event -> nodes.add(event.node()));
    }
    atMost(nodes.size(), MAX_EVENTS, "events of one range");
    for (ObjectNode node : nodes) {
      for (Event.Kind kind : Event.Kind.values()) {
        JsonNode version = node.get(kind.name().toLowerCase(Locale.ROOT));
        if (version != null && !version.isNull()) {
          if (!version.isString()) {
            throw range.invalid("events", "an event whose version is not a string");
          }
          events.add(new Event(kind, version.stringValue()));
        }
      }
    }
    return events;
  }

  private List<Severity> severity(Fields fields) {
    List<Severity> all = new ArrayList<>();
    for (Fields one : fields.objects("severity")) {
      all.add(new Severity(one.string("type"), one.string("score")));
    }
    atMost(all.size(), MAX_NAMES, "severities");
    return all;
  }

  private List<String> ids(Fields root, String name) {
    List<String> ids = root.strings(name);
    atMost(ids.size(), MAX_NAMES, name);
    return ids.stream().map(this::id).toList();
  }

  /** A word inside one of the objects whose shape each database chooses for itself. */
  private static Optional<String> word(Fields fields, String object, String name) {
    JsonNode node = fields.node().get(object);
    JsonNode value = node == null ? null : node.get(name);
    return value == null || !value.isString() ? Optional.empty() : Optional.of(value.stringValue());
  }

  /**
   * The advisories of the RPM distributions say it in front: {@code Important: curl security
   * update}.
   */
  private static Optional<String> wordInSummary(Fields root) {
    String summary = root.optionalString("summary").orElse("");
    int colon = summary.indexOf(": ");
    return colon > 0 && root.string("id").matches("[A-Z]{2}SA-[0-9:-]+")
        ? Optional.of(summary.substring(0, colon))
        : Optional.empty();
  }

  private String id(String text) {
    boolean plain = text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    if (text.isEmpty() || text.length() > 256 || !plain) {
      throw invalid(
          "'" + Shown.text(text) + "' is no id: expected 1 to 256 visible ASCII characters");
    }
    return text;
  }

  private String name(String text) {
    if (text.isBlank() || text.length() > 1024 || !isPlain(text)) {
      throw invalid("'" + Shown.text(text) + "' is no ecosystem or package name");
    }
    return text;
  }

  private static boolean isPlain(String text) {
    return text.codePoints().noneMatch(c -> Character.isISOControl(c) || isSurrogate(c));
  }

  private Instant time(String text, String name) {
    try {
      // Some feeds write a time that is not known as year 1, without leading zeros.
      String padded = "0".repeat(Math.max(0, 4 - Math.max(text.indexOf('-'), 0))) + text;
      return DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(padded, Instant::from);
    } catch (DateTimeException e) {
      throw invalid(
          "'%s' is '%s', expected a time such as 2026-01-31T12:00:00Z"
              .formatted(name, Shown.text(text)));
    }
  }

  private void atMost(int found, int limit, String things) {
    if (found > limit) {
      throw invalid("%d %s, at most %d are read".formatted(found, things, limit));
    }
  }

  /**
   * The first line of a description, without the marks of a heading, for records without a summary.
   */
  private static String firstLine(String details) {
    return details
        .lines()
        .map(line -> line.replaceFirst("^#+", "").strip())
        .filter(line -> !line.isEmpty())
        .findFirst()
        .orElse("");
  }

  /** At most {@link #MAX_TEXT} characters on one line, fit to be written out again. */
  private static String shortened(String text) {
    StringBuilder plain = new StringBuilder();
    text.codePoints()
        .limit(MAX_TEXT)
        .map(c -> isSurrogate(c) ? 0xfffd : Character.isISOControl(c) ? ' ' : c)
        .forEach(plain::appendCodePoint);
    return plain.toString();
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  private BullaException invalid(String why) {
    return new BullaException(
        ErrorCode.ADVISORY_INVALID,
        what + ": " + why,
        "Take the file out of the set, or ask its publisher; nothing of the set was used.");
  }
}
