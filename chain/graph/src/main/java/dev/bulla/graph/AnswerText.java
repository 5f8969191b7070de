package dev.bulla.graph;

import dev.bulla.core.Digest;
import dev.bulla.core.Shown;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.graph.Answer.Content;
import dev.bulla.graph.Answer.Difference;
import dev.bulla.graph.Answer.Evidence;
import dev.bulla.graph.Answer.Exposure;
import dev.bulla.graph.Answer.PackageVersion;
import dev.bulla.graph.Answer.Provenance;
import dev.bulla.graph.Answer.Refusal;
import dev.bulla.graph.Answer.Release;
import dev.bulla.graph.Answer.Source;
import dev.bulla.graph.Answer.Status;
import dev.bulla.inventory.Location;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Answers for people: plain text, the note below it. Outside text is shortened and freed of control
 * characters; whoever needs every byte takes the JSON.
 */
public final class AnswerText {
  private static final int MAX_LINE = 2_000;
  private static final int PIECE = 200;

  private AnswerText() {}

  /**
   * The whole page, ending with a line feed; {@link Page#next} is left to the caller, who knows how
   * to ask on.
   */
  public static String render(Page<?> page) {
    StringBuilder text = new StringBuilder();
    if (page.items().isEmpty()) {
      text.append("Nothing found.\n");
    } else {
      text.append(table(page.items()));
    }
    if (!page.note().isEmpty()) {
      text.append('\n').append(shown(page.note())).append('\n');
    }
    return text.toString();
  }

  private static String table(List<? extends Answer> items) {
    return switch (items.getFirst()) {
      case Release r -> all(items, Release.class, AnswerText::releases);
      case Content c -> all(items, Content.class, AnswerText::contents);
      case Exposure e -> all(items, Exposure.class, AnswerText::exposures);
      case Difference d -> all(items, Difference.class, AnswerText::differences);
      case Evidence e -> all(items, Evidence.class, AnswerText::evidence);
      case Provenance p -> all(items, Provenance.class, AnswerText::provenance);
      case Refusal r -> all(items, Refusal.class, AnswerText::refusals);
      case Source s -> all(items, Source.class, AnswerText::sources);
      case PackageVersion p -> all(items, PackageVersion.class, AnswerText::packages);
    };
  }

  private static <T> String all(
      List<? extends Answer> items, Class<T> type, Function<List<T>, String> table) {
    return table.apply(items.stream().map(type::cast).toList());
  }

  private static String releases(List<Release> items) {
    TextTable table = new TextTable("RELEASE", "IMAGE", "PLATFORM", "RECORDED");
    for (Release one : items) {
      table.row(
          List.of(name(one), shortened(one.image()), cell(one.platform()), cell(one.recorded())));
    }
    return table.toString();
  }

  /**
   * One release as a table of its components; several as paragraphs, because the lines would be too
   * long to read.
   */
  private static String contents(List<Content> items) {
    if (items.stream().map(Content::release).distinct().count() > 1) {
      StringBuilder text = new StringBuilder();
      for (Content one : items) {
        heading(text, one.release());
        line(text, 2, one.component().toString());
        one.places().forEach(place -> line(text, 4, place(place)));
        one.sources().forEach(source -> line(text, 4, "said by " + source(source)));
      }
      return text.toString();
    }
    StringBuilder text = new StringBuilder();
    heading(text, items.getFirst().release());
    TextTable table = new TextTable("COMPONENT", "LICENCES", "WHERE");
    for (Content one : items) {
      table.row(
          List.of(
              cell(one.component()),
              one.licences(),
              one.places().stream().map(AnswerText::place).toList()));
    }
    text.append(table);
    items.stream()
        .flatMap(item -> item.sources().stream())
        .distinct()
        .forEach(source -> line(text, 0, "said by " + source(source)));
    return text.toString();
  }

  private static String exposures(List<Exposure> items) {
    StringBuilder text = new StringBuilder();
    for (Exposure one : items) {
      heading(text, one.release());
      List<String> others = one.vulnerability().subList(1, one.vulnerability().size());
      line(
          text,
          2,
          "%s (%s)%s"
              .formatted(
                  one.vulnerability().getFirst(),
                  one.severity(),
                  others.isEmpty() ? "" : ", also " + String.join(", ", others)));
      line(
          text,
          2,
          one.component()
              + (one.fixed().isEmpty()
                  ? ", no fix known"
                  : ", fixed in " + String.join(", ", one.fixed())));
      one.places().forEach(place -> line(text, 4, place(place)));
      if (one.basis() == Answer.Basis.SCAN) {
        line(text, 4, "as a scan said when it was made");
      }
      one.sources().forEach(source -> line(text, 4, "said by " + source(source)));
    }
    return text.toString();
  }

  private static void heading(StringBuilder text, Release release) {
    text.append(text.isEmpty() ? "" : "\n");
    line(
        text,
        0,
        "%s  %s%s"
            .formatted(
                release.reference(),
                shortened(release.image()).getFirst(),
                release.status() == Status.REFUSED ? "  (refused, never published)" : ""));
  }

  private static void line(StringBuilder text, int indent, String content) {
    text.repeat(' ', indent).append(shown(content)).append('\n');
  }

  /**
   * As {@link Shown#text}, for lines that may be long: paths of jars in jars are worth reading to
   * their end.
   */
  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length() && i < MAX_LINE; i += PIECE) {
      shown.append(Shown.text(text.substring(i, Math.min(text.length(), i + PIECE))));
    }
    return text.length() > MAX_LINE ? shown.append('…').toString() : shown.toString();
  }

  private static String differences(List<Difference> items) {
    TextTable table = new TextTable("CHANGE", "PACKAGE", "BEFORE", "AFTER", "VULNERABILITY");
    for (Difference one : items) {
      table.row(
          List.of(
              cell(one.change().id()),
              cell(one.type() + " " + one.name()),
              one.before(),
              one.after(),
              one.vulnerability().stream().limit(1).toList()));
    }
    return table.toString();
  }

  private static String evidence(List<Evidence> items) {
    TextTable table =
        new TextTable("KIND", "FORMAT", "TRUST", "SIGNER", "DOCUMENT", "BYTES", "LOOKED AT");
    for (Evidence one : items) {
      EvidenceDocument document = one.document();
      table.row(
          List.of(
              cell(document.kind()),
              cell(document.format()),
              cell(
                  document.trust().id()
                      + document.code().map(code -> " (" + code.id() + ")").orElse("")),
              signer(document.authority(), document.identity()),
              cell(document.digest()),
              cell(document.size()),
              cell(document.verifiedAt())));
    }
    return table.toString();
  }

  private static String provenance(List<Provenance> items) {
    TextTable table = new TextTable("BUILDER", "TYPE", "FINISHED", "MATERIALS", "SAID BY");
    for (Provenance one : items) {
      table.row(
          List.of(
              cell(one.build().builder()),
              cell(one.build().buildType()),
              cell(one.build().finished().map(Object::toString).orElse("")),
              one.build().materials().stream().map(AnswerText::material).toList(),
              cell(source(one.source()))));
    }
    return table.toString();
  }

  private static String material(ReleaseRecord.Material material) {
    return material.uri()
        + material.digest().map(d -> " " + d.algorithm().id() + ":" + d.shortHex()).orElse("");
  }

  /** Not a table: the messages are sentences. */
  private static String refusals(List<Refusal> items) {
    StringBuilder text = new StringBuilder();
    for (Refusal one : items) {
      text.append(text.isEmpty() ? "" : "\n")
          .append(Shown.text(one.name()))
          .append(" refused at ")
          .append(one.time())
          .append(" (phase ")
          .append(Shown.text(one.phase()))
          .append(", policy ")
          .append(Shown.text(one.policy()))
          .append(")\n");
      one.image().ifPresent(image -> text.append("  image ").append(image).append('\n'));
      for (RuleResult rule : one.rules()) {
        rule(text, rule);
      }
    }
    return text.toString();
  }

  private static void rule(StringBuilder text, RuleResult rule) {
    text.append("  ")
        .append(rule.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' '))
        .append("  ")
        .append(Shown.text(rule.id()));
    if (!rule.blocks()) {
      text.append('\n');
      return;
    }
    text.append(": ").append(shown(rule.message())).append('\n');
    rule.evidence()
        .forEach(evidence ->
            text.append("        ")
                .append(shown(evidence.kind() + " " + evidence.detail()))
                .append('\n'));
    if (!rule.remediation().isEmpty()) {
      text.append("        ").append(shown(rule.remediation())).append('\n');
    }
  }

  private static String sources(List<Source> items) {
    TextTable table = new TextTable("DOCUMENT", "KIND", "TRUST", "SIGNER");
    for (Source one : items) {
      table.row(
          List.of(
              cell(one.document()),
              cell(one.kind()),
              cell(one.trust().id()),
              signer(one.authority(), one.identity())));
    }
    return table.toString();
  }

  private static String packages(List<PackageVersion> items) {
    TextTable table = new TextTable("TYPE", "NAME", "VERSION");
    for (PackageVersion one : items) {
      table.row(List.of(cell(one.type()), cell(one.name()), cell(one.version())));
    }
    return table.toString();
  }

  private static List<String> name(Release release) {
    return release.status() == Status.REFUSED
        ? List.of(release.reference(), "refused, never published")
        : List.of(release.reference());
  }

  private static List<String> shortened(Digest digest) {
    return List.of(digest.algorithm().id() + ":" + digest.shortHex());
  }

  private static String place(Location place) {
    return place + place.layer().map(layer -> " (layer " + layer.shortHex() + ")").orElse("");
  }

  private static String source(Source source) {
    String signer = source.authority().isEmpty() ? source.identity() : source.authority();
    return "%s %s, %s%s"
        .formatted(
            kind(source.kind()),
            source.document().shortHex(),
            source.trust().id(),
            signer.isEmpty() ? "" : " by " + signer);
  }

  /**
   * The last telling word of a predicate type: {@code bom} of {@code https://cyclonedx.org/bom}.
   */
  private static String kind(String kind) {
    return kind.substring(kind.lastIndexOf('/') + 1);
  }

  private static List<String> signer(String authority, String identity) {
    if (authority.isEmpty()) {
      return List.of(identity);
    }
    return identity.isEmpty() ? List.of(authority) : List.of(authority, identity);
  }

  private static List<String> cell(Object value) {
    return List.of(value.toString());
  }
}
