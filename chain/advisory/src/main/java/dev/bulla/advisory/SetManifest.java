package dev.bulla.advisory;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The file {@code set.json} beside the records, by which a set says what it is.
 *
 * @param leftOut files that could not be read when the set was imported, with the reason
 */
record SetManifest(
    String name,
    Optional<LocalDate> date,
    boolean demonstration,
    List<SourceOfRecords> sources,
    List<String> leftOut) {
  static final String FILE = "set.json";
  static final SetManifest NONE =
      new SetManifest("", Optional.empty(), false, List.of(), List.of());

  /** Where records come from and under which licence they may be passed on. */
  record SourceOfRecords(String name, String url, String licence) {}

  SetManifest {
    sources = List.copyOf(sources);
    leftOut = List.copyOf(leftOut);
  }

  static SetManifest parse(byte[] bytes, String what) {
    Fields root = Fields.of(Json.parse(bytes, 1024 * 1024, what), what);
    root.only("name", "date", "demonstration", "sources", "note", "leftOut");
    List<SourceOfRecords> sources = new ArrayList<>();
    for (Fields one : root.objects("sources")) {
      one.only("name", "url", "licence", "attribution", "records");
      sources.add(
          new SourceOfRecords(
              one.string("name"),
              one.optionalString("url").orElse(""),
              one.optionalString("licence").orElse("")));
    }
    return new SetManifest(
        root.optionalString("name").map(Shown::text).orElse(""),
        root.optionalString("date").map(text -> date(text, what)),
        root.optionalBoolean("demonstration").orElse(false),
        sources,
        root.strings("leftOut"));
  }

  byte[] toJson() {
    ObjectNode root = Json.object();
    root.put("name", name);
    date.ifPresent(day -> root.put("date", day.toString()));
    root.put("demonstration", demonstration);
    ArrayNode all = root.putArray("sources");
    for (SourceOfRecords source : sources) {
      all.addObject()
          .put("name", source.name())
          .put("url", source.url())
          .put("licence", source.licence());
    }
    if (!leftOut.isEmpty()) {
      ArrayNode files = root.putArray("leftOut");
      leftOut.forEach(files::add);
    }
    return Json.pretty(root);
  }

  /**
   * What several sets are together: a demonstration as soon as one of them is, of the latest date.
   */
  SetManifest with(SetManifest other) {
    if (equals(NONE)) {
      return other;
    }
    if (other.equals(NONE)) {
      return this;
    }
    List<SourceOfRecords> both = new ArrayList<>(sources);
    both.addAll(other.sources);
    Optional<LocalDate> latest =
        date.isPresent() && other.date.isPresent() && date.get().isBefore(other.date.get())
            ? other.date
            : date.or(() -> other.date);
    String names = name.equals(other.name) ? name : name + " + " + other.name;
    List<String> left = new ArrayList<>(leftOut);
    left.addAll(other.leftOut);
    return new SetManifest(names, latest, demonstration || other.demonstration, both, left);
  }

  SetManifest leavingOut(List<String> files) {
    List<String> left = new ArrayList<>(leftOut);
    left.addAll(files);
    return new SetManifest(name, date, demonstration, sources, left);
  }

  private static LocalDate date(String text, String what) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw new BullaException(
          ErrorCode.ADVISORY_INVALID,
          "%s: 'date' is '%s', expected a day such as 2026-01-31".formatted(what, Shown.text(text)),
          e);
    }
  }
}
