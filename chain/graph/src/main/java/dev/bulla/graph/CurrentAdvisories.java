package dev.bulla.graph;

import dev.bulla.advisory.Advisory;
import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.Finding;
import dev.bulla.advisory.Matcher;
import dev.bulla.advisory.ScanReport;
import dev.bulla.advisory.SetIdentity;
import dev.bulla.advisory.version.VersionOrder;
import dev.bulla.core.Digest;
import dev.bulla.inventory.Component;
import dev.bulla.inventory.Inventory;
import dev.bulla.inventory.Inventory.Distribution;
import dev.bulla.inventory.Location;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The advisory set that today's answers are taken from, matched when it or a package version
 * arrives, never when somebody asks.
 *
 * <p>The matcher judges inventories; so the package versions that have not been judged yet are
 * handed to it as inventories of their own, one for each distribution and package type, in pieces.
 * A package's number is its location there, which is how a finding is led back to it. Whether a
 * component belongs to a distribution package is a matter of the image, not of the version, and is
 * looked at when the question is asked.
 */
final class CurrentAdvisories {
  /** States of a package version; 0 is "not judged by the current set yet". */
  private static final int JUDGED = 1;

  /** The set has no record at all for the package's ecosystem. */
  static final int NO_RECORDS = 2;

  private static final int PIECE = 5_000;
  private static final int MAX_PURL = 4_000;

  private final Sql sql;
  private final AdvisorySet set;
  private boolean newNames;

  CurrentAdvisories(Sql sql, AdvisorySet set) {
    this.sql = sql;
    this.set = set;
  }

  /** Makes {@code set} the current one and judges what has not been judged by it. */
  void use() {
    if (!isCurrent()) {
      replace();
    }
    judgeNew();
  }

  private boolean isCurrent() {
    return digest(sql).filter(set.digest().toString()::equals).isPresent();
  }

  /** Whether {@link #judgeNew} would change anything. */
  boolean pending() {
    return isCurrent() && (unjudged(sql) > 0 || !scanned().isEmpty());
  }

  /** Judges what is new, unless another set has been imported meanwhile. */
  void judgeNew() {
    if (!isCurrent()) {
      return;
    }
    if (unjudged(sql) > 0) {
      judge();
    }
    stateScanned();
    if (newNames) {
      Vulnerabilities.regroup(sql);
    }
  }

  /**
   * Makes the set responsible for every vulnerability of which it has a record, also a withdrawn
   * one: an old scan does not speak against it.
   */
  private void stateScanned() {
    scanned().forEach(name -> state(name, List.of()));
  }

  /** Names of which only scans have spoken so far, though the set has a record of them. */
  private List<String> scanned() {
    return sql
        .list(
            "SELECT DISTINCT s.alias FROM alias_statement AS s WHERE s.source = ?1 AND NOT EXISTS"
                + " (SELECT 1 FROM alias_statement AS t WHERE t.source = ?2 AND t.name = s.alias)",
            row -> row.getString(1),
            Vulnerabilities.BY_SCAN,
            Vulnerabilities.BY_ADVISORIES)
        .stream()
        .filter(name -> set.find(name).isPresent())
        .toList();
  }

  private void replace() {
    SetIdentity identity = set.identity();
    sql.update("DELETE FROM affects");
    sql.update("DELETE FROM bundle");
    sql.update("DELETE FROM alias_statement WHERE source = ?", Vulnerabilities.BY_ADVISORIES);
    sql.update("UPDATE package_version SET matched = 0 WHERE matched <> 0");
    sql.update(
        "INSERT INTO advisory_set (id, digest, description, newest_modified, undecided)"
            + " VALUES (1, ?1, ?2, ?3, 0) ON CONFLICT (id) DO UPDATE SET digest = excluded.digest,"
            + " description = excluded.description, newest_modified = excluded.newest_modified,"
            + " undecided = 0",
        identity.digest().toString(),
        identity.description()
            + (set.leftOut().isEmpty()
                ? ""
                : ", %d unreadable left out".formatted(set.leftOut().size())),
        identity.newestModified().toEpochMilli());
    newNames = true; // names that nobody states any more must go
  }

  private record Unjudged(long id, Component component) {}

  private void judge() {
    long undecided = 0;
    for (Kind kind : kinds()) {
      for (List<Unjudged> piece = piece(kind); !piece.isEmpty(); piece = piece(kind)) {
        undecided += judge(kind.distribution(), piece);
      }
    }
    sql.update("UPDATE advisory_set SET undecided = undecided + ?", undecided);
  }

  private long judge(Optional<Distribution> distribution, List<Unjudged> piece) {
    Inventory inventory =
        new Inventory(
            Optional.empty(),
            "knowledge graph",
            distribution,
            piece.stream().map(Unjudged::component).toList(),
            List.of());
    ScanReport report = Matcher.match(inventory, set);
    for (Finding finding : report.findings()) {
      state(finding.id(), finding.aliases());
      for (Location place : finding.locations()) {
        sql.update(
            "INSERT INTO affects (name, package_id, level, fixed, advisories) VALUES (?, ?, ?, ?,"
                + " ?) ON CONFLICT DO NOTHING",
            Vulnerabilities.key(finding.id()),
            Long.parseLong(place.path()),
            finding.level().id(),
            ComponentSets.texts(finding.fixedVersions()),
            ComponentSets.texts(finding.advisories()));
      }
    }
    stateNames(piece);
    // a piece is of one kind: the set has records for the ecosystem of all of it or of none
    int state = report.matched() > 0 ? JUDGED : NO_RECORDS;
    piece.forEach(
        one -> sql.update("UPDATE package_version SET matched = ? WHERE id = ?", state, one.id()));
    return report.undecided().size();
  }

  /**
   * Makes every name known that an advisory about one of the packages has, whether it affects the
   * version or not.
   */
  private void stateNames(List<Unjudged> piece) {
    record Named(String ecosystem, String name) {}
    Set<Named> names = new HashSet<>();
    for (Unjudged one : piece) {
      Component component = one.component();
      Optional<VersionOrder> order = VersionOrder.ofPurlType(component.type());
      for (String ecosystem : set.ecosystems().keySet()) {
        if (order.isPresent() && VersionOrder.of(ecosystem).equals(order)) {
          names.add(new Named(ecosystem, component.name()));
          component.sourceName().ifPresent(source -> names.add(new Named(ecosystem, source)));
        }
      }
    }
    for (Named named : names) {
      for (Advisory advisory : set.forPackage(named.ecosystem(), named.name())) {
        state(advisory.id(), set.aliasesOf(advisory.id()));
        advisory.upstream().forEach(covered -> state(covered, set.aliasesOf(covered)));
        Vulnerabilities.stateBundle(sql, advisory.id(), advisory.upstream());
      }
    }
  }

  private void state(String name, Collection<String> aliases) {
    newNames |= Vulnerabilities.stateSame(sql, Vulnerabilities.BY_ADVISORIES, name, aliases);
  }

  /** Packages whose advisories come from the same place. */
  private record Kind(long number, Optional<Distribution> distribution, String type) {}

  private List<Kind> kinds() {
    return sql.list(
        "SELECT DISTINCT v.distribution_id, d.os, d.version, d.codename, n.type"
            + " FROM package_version AS v INDEXED BY package_version_unmatched"
            + " CROSS JOIN package_name AS n ON n.id = v.name_id"
            + " LEFT JOIN distribution AS d ON d.id = v.distribution_id WHERE v.matched = 0"
            + " ORDER BY v.distribution_id, n.type",
        row -> new Kind(row.getLong(1), distribution(row, 2), row.getString(5)));
  }

  private List<Unjudged> piece(Kind kind) {
    return sql.list(
        "SELECT v.id, n.type, n.name, v.version, v.purl, v.source_name, v.source_version"
            + " FROM package_version AS v INDEXED BY package_version_unmatched"
            + " CROSS JOIN package_name AS n ON n.id = v.name_id"
            + " WHERE v.matched = 0 AND v.distribution_id = ? AND n.type = ? ORDER BY v.id LIMIT "
            + PIECE,
        row -> new Unjudged(row.getLong(1), component(row)),
        kind.number(),
        kind.type());
  }

  private static Optional<Distribution> distribution(ResultSet row, int from) throws SQLException {
    String os = row.getString(from);
    return os == null
        ? Optional.empty()
        : Optional.of(
            new Distribution(os, row.getString(from + 1), stated(row.getString(from + 2)), os));
  }

  private static Component component(ResultSet row) throws SQLException {
    Location number = new Location(Optional.empty(), Long.toString(row.getLong(1)), List.of());
    return new Component(
        row.getString(2),
        row.getString(3),
        row.getString(4),
        stated(row.getString(5)).filter(purl -> purl.length() <= MAX_PURL),
        List.of(),
        stated(row.getString(6)),
        stated(row.getString(7)),
        Optional.empty(),
        List.of(number),
        Map.of(),
        Map.of());
  }

  private static Optional<String> stated(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  static boolean any(Sql sql) {
    return digest(sql).isPresent();
  }

  private static Optional<String> digest(Sql sql) {
    return sql.first("SELECT digest FROM advisory_set", row -> row.getString(1));
  }

  private static long unjudged(Sql sql) {
    return sql.first(
            "SELECT count(*) FROM package_version INDEXED BY package_version_unmatched WHERE"
                + " matched = 0",
            row -> row.getLong(1))
        .orElse(0L);
  }

  /**
   * Says from what an answer is taken and what it leaves open, so that "nothing found" never looks
   * like "clean".
   */
  static String note(Sql sql) {
    record Current(String digest, String description, Instant newest, long undecided) {}
    Optional<Current> current =
        sql.first(
            "SELECT digest, description, newest_modified, undecided FROM advisory_set",
            row ->
                new Current(
                    row.getString(1),
                    row.getString(2),
                    Instant.ofEpochMilli(row.getLong(3)),
                    row.getLong(4)));
    if (current.isEmpty()) {
      return "No advisories have been imported; only what scans said is known.";
    }
    StringBuilder note =
        new StringBuilder(
            "Judged by: %s (%s, newest %s)."
                .formatted(
                    current.get().description(),
                    Digest.parse(current.get().digest()).shortHex(),
                    current.get().newest()));
    long unjudged = unjudged(sql);
    if (unjudged > 0) {
      note.append(
          " %d package versions came later and are not judged yet: import the advisories again."
              .formatted(unjudged));
    }
    if (current.get().undecided() > 0) {
      note.append(
          " In %d cases a version could not be compared.".formatted(current.get().undecided()));
    }
    return note.toString();
  }
}
