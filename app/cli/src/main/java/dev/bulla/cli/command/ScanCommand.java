package dev.bulla.cli.command;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.AdvisoryStore;
import dev.bulla.advisory.Finding;
import dev.bulla.advisory.Level;
import dev.bulla.advisory.Matcher;
import dev.bulla.advisory.ScanReport;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import dev.bulla.inventory.Inventory;
import dev.bulla.pipeline.Sizes;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla scan}: matches an image or directory with an advisory set. */
@CommandLine.Command(
    description =
        "Finds known vulnerabilities in an image or directory. Nothing is fetched from the"
            + " network.",
    footer = {
      "",
      "Ends with 3 if --fail-on is given and a finding is as bad or worse.",
      "",
      "Examples:",
      "  bulla scan 127.0.0.1:7470/hello:1.0",
      "  bulla scan --advisories osv/all.zip --fail-on high ."
    })
public final class ScanCommand extends Command {
  private static final List<String> LEVELS = List.of("critical", "high", "medium", "low");

  @CommandLine.Mixin Target target = new Target();

  @CommandLine.Option(
      names = "--advisories",
      paramLabel = "DIR|ZIP",
      description = "OSV records to match with (default: the imported set); repeatable.")
  List<String> advisories = List.of();

  @CommandLine.Option(
      names = "--fail-on",
      paramLabel = "LEVEL",
      description =
          "critical, high, medium, low: end with 3 from this level on; low counts unrated findings"
              + " too.")
  @Nullable String failOn;

  @Override
  public int run(Session session) {
    Level limit = failOn == null ? null : level(failOn);
    try (AdvisorySet set = open(session)) {
      Target.Found found = target.catalogue(session);
      ScanReport report = Matcher.match(found.inventory(), set);
      if (session.json()) {
        session.document(document(found, report));
      } else {
        print(session, found.inventory(), report);
      }
      boolean refused =
          limit != null
              && report.findings().stream().anyMatch(finding -> counts(finding.level(), limit));
      return refused ? ErrorCode.POLICY_REFUSED.exitCode() : 0;
    }
  }

  /** Nobody has rated an unknown one: it counts where every finding does. */
  private static boolean counts(Level level, Level limit) {
    return level == Level.UNKNOWN ? limit == Level.LOW : level.compareTo(limit) <= 0;
  }

  /** A level that was misspelt would let everything pass. */
  private static Level level(String word) {
    if (!LEVELS.contains(word)) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--fail-on is '%s', expected one of %s"
              .formatted(Shown.text(word), String.join(", ", LEVELS)));
    }
    return Level.parse(word);
  }

  private AdvisorySet open(Session session) {
    if (!advisories.isEmpty()) {
      return AdvisorySet.load(
          advisories.stream().map(session::existing).toArray(java.nio.file.Path[]::new));
    }
    return new AdvisoryStore(session.home().directory())
        .current()
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.ADVISORY_SET_MISSING,
                "no advisory set: nothing can be said about vulnerabilities",
                "Import one with 'bulla advisory import DIR|ZIP', or give --advisories"
                    + " DIR|ZIP."));
  }

  /** The statement of docs/scan.md; what has no digest has no subject. */
  private static ObjectNode document(Target.Found found, ScanReport report) {
    Digest subject = found.image().orElseGet(() -> Digest.sha256(new byte[0]));
    Statement statement = report.toStatement(subject, Instant.now(), Session.VERSION);
    ObjectNode document = Json.parseObject(statement.toJson(), "scan");
    if (found.image().isEmpty()) {
      document.putArray("subject");
    }
    return document;
  }

  private static void print(Session session, Inventory inventory, ScanReport report) {
    for (Finding finding : report.findings()) {
      session
          .text()
          .printf(
              "%-9s%-18s%s%n         fixed in: %s%n         advisories: %s%n",
              finding.level().id(),
              finding.id(),
              finding.component(),
              finding.fixedVersions().isEmpty()
                  ? "no fix known"
                  : String.join(", ", finding.fixedVersions()),
              String.join(", ", finding.advisories()));
      finding.locations().forEach(place -> session.text().println("         in: " + place));
    }
    String counts =
        report.counts().entrySet().stream()
            .filter(entry -> entry.getValue() > 0)
            .map(entry -> entry.getValue() + " " + entry.getKey().id())
            .collect(Collectors.joining(", "));
    session
        .text()
        .printf(
            "%s: %s%s in %s, by %s%n",
            inventory.name(),
            Sizes.count(report.findings().size(), "finding"),
            counts.isEmpty() ? "" : " (" + counts + ")",
            Sizes.count(report.components(), "component"),
            report.set().description());
    report
        .undecided()
        .forEach(one ->
            session
                .err()
                .printf(
                    "undecided: %s on %s: %s%n", one.advisory(), one.component(), one.reason()));
    report.warnings().forEach(warning -> session.err().println("warning: " + Shown.text(warning)));
  }
}
