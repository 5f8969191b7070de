package dev.bulla.advisory;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An OSV record, as far as matching needs it (OSV schema 1.7, ossf.github.io/osv-schema).
 *
 * @param id of the record in its database: {@code GHSA-jfh8-c2jp-5v3q}
 * @param aliases ids of the same vulnerability elsewhere; symmetric and transitive
 * @param upstream ids of the vulnerabilities that a distribution's advisory bundles; directed
 * @param related ids that are neither
 * @param withdrawn when the publisher took it back; such a record never matches
 * @param severityWord what the publisher calls it ({@code HIGH}), before any vector
 */
public record Advisory(
    String id,
    Instant modified,
    Optional<Instant> published,
    Optional<Instant> withdrawn,
    List<String> aliases,
    List<String> upstream,
    List<String> related,
    String summary,
    Optional<String> severityWord,
    List<Severity> severity,
    List<Affected> affected) {

  /** A rating as written: a CVSS vector, or a word under a type of its own ({@code Ubuntu}). */
  public record Severity(String type, String score) {}

  /** One package that the vulnerability is in. */
  public record Affected(
      PackageKey key,
      Optional<String> purl,
      List<Range> ranges,
      List<String> versions,
      Optional<String> severityWord,
      List<Severity> severity) {
    public Affected {
      ranges = List.copyOf(ranges);
      versions = List.copyOf(versions);
      severity = List.copyOf(severity);
    }
  }

  /**
   * Part of a package's history.
   *
   * @param type {@code SEMVER}, {@code ECOSYSTEM} or {@code GIT}
   */
  public record Range(String type, List<Event> events) {
    public Range {
      events = List.copyOf(events);
    }
  }

  /** A turning point of a {@link Range}. */
  public record Event(Kind kind, String version) {
    /** In the order in which events at the same version take effect. */
    public enum Kind {
      FIXED,
      INTRODUCED,
      LAST_AFFECTED,
      LIMIT
    }
  }

  public Advisory {
    aliases = List.copyOf(aliases);
    upstream = List.copyOf(upstream);
    related = List.copyOf(related);
    severity = List.copyOf(severity);
    affected = List.copyOf(affected);
  }

  /** Whether this is a report of malware (OSV id prefix {@code MAL-}). */
  public boolean malicious() {
    return id.startsWith("MAL-");
  }
}
