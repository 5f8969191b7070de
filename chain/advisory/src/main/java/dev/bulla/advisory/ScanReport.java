package dev.bulla.advisory;

import dev.bulla.advisory.Finding.ComponentName;
import dev.bulla.core.Digest;
import dev.bulla.core.statement.Statement;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a set of advisories knows about an inventory. Equal inputs give equal reports.
 *
 * @param set which advisories were asked
 * @param components how many components the inventory has
 * @param matched how many of them belong to an ecosystem of which the set holds records
 * @param findings worst first, then by id, purl, name and version
 * @param suppressed what language advisories say about packages that a distribution package owns
 * @param undecided pairs that could not be compared
 * @param warnings what else a reader must know; sorted
 */
public record ScanReport(
    SetIdentity set,
    int components,
    int matched,
    List<Finding> findings,
    List<Suppressed> suppressed,
    List<Undecided> undecided,
    List<String> warnings) {

  /** A match that does not count, and why. */
  public record Suppressed(
      String id,
      Level level,
      List<String> advisories,
      ComponentName component,
      String owner,
      String reason) {
    public Suppressed {
      advisories = List.copyOf(advisories);
    }
  }

  /** A component and an advisory that names its package, whose versions could not be compared. */
  public record Undecided(String advisory, ComponentName component, String reason) {}

  public ScanReport {
    findings = List.copyOf(findings);
    suppressed = List.copyOf(suppressed);
    undecided = List.copyOf(undecided);
    warnings = List.copyOf(warnings);
  }

  /** How many findings there are of each level; every level has an entry. */
  public Map<Level, Integer> counts() {
    Map<Level, Integer> counts = new EnumMap<>(Level.class);
    for (Level level : Level.values()) {
      counts.put(level, 0);
    }
    findings.forEach(finding -> counts.merge(finding.level(), 1, Integer::sum));
    return counts;
  }

  /** The statement of docs/scan.md, started and finished at {@code time}. */
  public Statement toStatement(Digest subject, Instant time, String scannerVersion) {
    return toStatement(subject, time, time, scannerVersion);
  }

  /**
   * The report as an in-toto statement about {@code subject} (predicate type {@code
   * https://in-toto.io/attestation/vulns/v0.2}; docs/scan.md has the members).
   */
  public Statement toStatement(
      Digest subject, Instant started, Instant finished, String scannerVersion) {
    return ScanPredicate.write(this, subject, started, finished, scannerVersion);
  }

  /**
   * Reads back what {@link #toStatement} wrote.
   *
   * @throws dev.bulla.core.BullaException {@code STATEMENT_INVALID} for another predicate type or a
   *     vulnerability statement that is not Bulla's; {@code FIELD_INVALID} for a damaged one
   */
  public static ScanReport fromStatement(Statement statement) {
    return ScanPredicate.read(statement);
  }
}
