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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Answers for people: plain text, one table per page, the note below it. Outside text is shortened and freed of control
 * characters; whoever needs every byte takes the JSON.
 */
public final class AnswerText {
  private AnswerText() {}

  /** The whole page, ending with a line feed; {@link Page#next} is left to the caller, who knows how to ask on. */
  public static String render(Page<?> page) {
    StringBuilder text = new StringBuilder();
    if (page.items().isEmpty()) {
      text.append("Nothing found.\n");
    } else {
      text.append(table(page.items()));
    }
    if (!page.note().isEmpty()) {
      text.append('\n').append(Shown.text(page.note())).append('\n');
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

  private static String contents(List<Content> items) {
    TextTable table = new TextTable("RELEASE", "IMAGE", "COMPONENT", "WHERE", "SAID BY");
    for (Content one : items) {
      table.row(
          List.of(
              name(one.release()),
              shortened(one.release().image()),
              cell(one.component()),
              one.places().stream().map(AnswerText::place).toList(),
              one.sources().stream().map(AnswerText::source).toList()));
    }
    return table.toString();
  }

  private static String exposures(List<Exposure> items) {
    TextTable table =
        new TextTable("RELEASE", "IMAGE", "VULNERABILITY", "COMPONENT", "FIXED IN", "WHERE", "SAID BY");
    for (Exposure one : items) {
      List<String> vulnerability = new ArrayList<>();
      vulnerability.add(one.vulnerability().getFirst() + " (" + one.severity() + ")");
      vulnerability.addAll(one.vulnerability().subList(1, one.vulnerability().size()));
      List<String> sources = new ArrayList<>();
      if (one.basis() == Answer.Basis.SCAN) {
        sources.add("scan, not in today's advisories");
      }
      one.sources().stream().map(AnswerText::source).forEach(sources::add);
      table.row(
          List.of(
              name(one.release()),
              shortened(one.release().image()),
              vulnerability,
              cell(one.component()),
              one.fixed().isEmpty() ? List.of("no fix known") : one.fixed(),
              one.places().stream().map(AnswerText::place).toList(),
              sources));
    }
    return table.toString();
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
    TextTable table = new TextTable("KIND", "FORMAT", "TRUST", "SIGNER", "DOCUMENT", "BYTES", "LOOKED AT");
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
    return material.uri() + material.digest().map(d -> " " + d.algorithm().id() + ":" + d.shortHex()).orElse("");
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
    text.append(": ").append(Shown.text(rule.message())).append('\n');
    rule.evidence()
        .forEach(
            evidence ->
                text.append("        ")
                    .append(Shown.text(evidence.kind() + " " + evidence.detail()))
                    .append('\n'));
    if (!rule.remediation().isEmpty()) {
      text.append("        ").append(Shown.text(rule.remediation())).append('\n');
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
    return "%s %s %s%s"
        .formatted(
            kind(source.kind()),
            source.document().shortHex(),
            source.trust().id(),
            signer.isEmpty() ? "" : " by " + signer);
  }

  /** The last telling word of a predicate type: {@code bom} of {@code https://cyclonedx.org/bom}. */
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
