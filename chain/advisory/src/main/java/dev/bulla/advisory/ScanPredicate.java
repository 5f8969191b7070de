package dev.bulla.advisory;

import dev.bulla.advisory.Finding.ComponentName;
import dev.bulla.advisory.Finding.MatchedPackage;
import dev.bulla.advisory.ScanReport.Suppressed;
import dev.bulla.advisory.ScanReport.Undecided;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.inventory.Location;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@link ScanReport} as predicate of type {@code https://in-toto.io/attestation/vulns/v0.2} and
 * back. docs/scan.md says which members are Bulla's own.
 */
final class ScanPredicate {
  private static final String SCANNER_URI = "https://bulla.dev/scan";
  private static final String SET_URI = "https://bulla.dev/advisory-set";
  private static final String WHAT = "scan statement";

  private ScanPredicate() {}

  static Statement write(
      ScanReport report, Digest subject, Instant started, Instant finished, String scannerVersion) {
    ObjectNode predicate = Json.object();
    ObjectNode scanner = predicate.putObject("scanner");
    scanner.put("uri", SCANNER_URI);
    scanner.put("version", scannerVersion);
    set(report.set(), scanner.putObject("db"));
    ArrayNode results = scanner.putArray("result");
    report.findings().forEach(finding -> result(finding, results.addObject()));
    rest(report, scanner.putObject("report"));
    ObjectNode metadata = predicate.putObject("metadata");
    metadata.put("scanStartedOn", started.truncatedTo(ChronoUnit.SECONDS).toString());
    metadata.put("scanFinishedOn", finished.truncatedTo(ChronoUnit.SECONDS).toString());
    return Statement.about(subject, PredicateTypes.VULNERABILITIES_V02, predicate);
  }

  private static void rest(ScanReport report, ObjectNode rest) {
    rest.put("components", report.components());
    rest.put("matched", report.matched());
    ArrayNode suppressed = rest.putArray("suppressed");
    for (Suppressed one : report.suppressed()) {
      ObjectNode node = suppressed.addObject();
      node.put("id", one.id()).put("level", one.level().id());
      strings(node.putArray("advisories"), one.advisories());
      component(one.component(), node.putObject("component"));
      node.put("owner", one.owner()).put("reason", one.reason());
    }
    ArrayNode undecided = rest.putArray("undecided");
    for (Undecided one : report.undecided()) {
      ObjectNode node = undecided.addObject();
      node.put("advisory", one.advisory());
      component(one.component(), node.putObject("component"));
      node.put("reason", one.reason());
    }
    strings(rest.putArray("warnings"), report.warnings());
  }

  private static void set(SetIdentity set, ObjectNode db) {
    db.put("uri", SET_URI);
    db.put("version", set.digest().toString());
    db.put("lastUpdate", set.newestModified().toString());
    db.put("name", set.name());
    db.put("records", set.records());
    set.date().ifPresent(date -> db.put("date", date.toString()));
    db.put("demonstration", set.demonstration());
  }

  private static void result(Finding finding, ObjectNode result) {
    result.put("id", finding.id());
    ArrayNode severity = result.putArray("severity");
    severity.addObject().put("method", "level").put("score", finding.level().id());
    for (Rating rating : finding.ratings()) {
      severity
          .addObject()
          .put("method", rating.method())
          .put("score", rating.score())
          .put("vector", rating.vector())
          .put("source", rating.source());
    }
    ObjectNode annotation = result.putArray("annotations").addObject();
    annotation.put("level", finding.level().id());
    annotation.put("malicious", finding.malicious());
    annotation.put("summary", finding.summary());
    strings(annotation.putArray("advisories"), finding.advisories());
    strings(annotation.putArray("aliases"), finding.aliases());
    component(finding.component(), annotation.putObject("component"));
    annotation
        .putObject("package")
        .put("ecosystem", finding.matched().ecosystem())
        .put("name", finding.matched().name())
        .put("version", finding.matched().version());
    strings(annotation.putArray("fixedVersions"), finding.fixedVersions());
    ArrayNode locations = annotation.putArray("locations");
    for (Location location : finding.locations()) {
      ObjectNode node = locations.addObject();
      location.layer().ifPresent(layer -> node.put("layer", layer.toString()));
      node.put("path", location.path());
      strings(node.putArray("nested"), location.nested());
    }
  }

  private static void component(ComponentName component, ObjectNode node) {
    node.put("type", component.type())
        .put("name", component.name())
        .put("version", component.version());
    component.purl().ifPresent(purl -> node.put("purl", purl));
  }

  private static void strings(ArrayNode array, List<String> all) {
    all.forEach(array::add);
  }

  static ScanReport read(Statement statement) {
    if (!statement.predicateType().equals(PredicateTypes.VULNERABILITIES_V02)) {
      throw refused(
          "its predicate type is '%s', expected %s"
              .formatted(
                  Shown.text(statement.predicateType()), PredicateTypes.VULNERABILITIES_V02));
    }
    Fields scanner = Fields.of(statement.predicate(), WHAT).object("scanner");
    Fields rest =
        scanner
            .optionalObject("report")
            .orElseThrow(
                () -> refused("it was made by another scanner: 'scanner.report' is missing"));
    List<Finding> findings = new ArrayList<>();
    scanner.objects("result").forEach(result -> findings.add(finding(result)));
    return new ScanReport(
        set(scanner.object("db")),
        count(rest, "components"),
        count(rest, "matched"),
        findings,
        rest.objects("suppressed").stream().map(ScanPredicate::suppressed).toList(),
        rest.objects("undecided").stream().map(ScanPredicate::undecided).toList(),
        rest.strings("warnings"));
  }

  private static Suppressed suppressed(Fields one) {
    return new Suppressed(
        one.string("id"),
        Level.parse(one.string("level")),
        one.strings("advisories"),
        component(one.object("component")),
        one.string("owner"),
        one.string("reason"));
  }

  private static Undecided undecided(Fields one) {
    return new Undecided(
        one.string("advisory"), component(one.object("component")), one.string("reason"));
  }

  private static SetIdentity set(Fields db) {
    try {
      return new SetIdentity(
          db.optionalString("name").orElse(""),
          Digest.parse(db.string("version")),
          count(db, "records"),
          Instant.parse(db.string("lastUpdate")),
          db.optionalString("date").map(LocalDate::parse),
          db.optionalBoolean("demonstration").orElse(false));
    } catch (DateTimeException e) {
      throw db.invalid("lastUpdate", "no date or time: " + e.getMessage());
    }
  }

  private static Finding finding(Fields result) {
    List<Fields> annotations = result.objects("annotations");
    if (annotations.size() != 1) {
      throw result.invalid(
          "annotations", annotations.size() + " annotations, expected exactly one");
    }
    Fields said = annotations.getFirst();
    List<Rating> ratings = new ArrayList<>();
    for (Fields one : result.objects("severity")) {
      if (!one.string("method").equals("level")) {
        ratings.add(
            new Rating(
                one.string("method"),
                one.string("score"),
                one.string("vector"),
                one.string("source")));
      }
    }
    Fields matched = said.object("package");
    List<Location> locations = new ArrayList<>();
    for (Fields one : said.objects("locations")) {
      Optional<Digest> layer = one.optionalString("layer").map(Digest::parse);
      locations.add(new Location(layer, one.string("path"), one.strings("nested")));
    }
    return new Finding(
        result.string("id"),
        Level.parse(said.string("level")),
        said.optionalBoolean("malicious").orElse(false),
        ratings,
        said.string("summary"),
        said.strings("advisories"),
        said.strings("aliases"),
        component(said.object("component")),
        new MatchedPackage(
            matched.string("ecosystem"), matched.string("name"), matched.string("version")),
        said.strings("fixedVersions"),
        locations);
  }

  private static ComponentName component(Fields node) {
    return new ComponentName(
        node.string("type"),
        node.string("name"),
        node.string("version"),
        node.optionalString("purl"));
  }

  private static int count(Fields fields, String name) {
    long value = fields.integer(name);
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw fields.invalid(name, value + ", expected a count");
    }
    return (int) value;
  }

  private static BullaException refused(String why) {
    return new BullaException(
        ErrorCode.STATEMENT_INVALID,
        WHAT + ": " + why,
        "Make the statement with 'bulla scan', or verify it with the tool that made it.");
  }
}
