package dev.bulla.graph;

import dev.bulla.advisory.Finding.ComponentName;
import dev.bulla.graph.Answer.PackageVersion;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Interned packages: a small number for each name and each version. One instance lives as long as
 * its transaction.
 */
final class Packages {
  private final Sql sql;
  private final Map<PackageIdentity, Long> known = new HashMap<>();

  Packages(Sql sql) {
    this.sql = sql;
  }

  long id(PackageIdentity key) {
    Long found = known.get(key);
    if (found == null) {
      found = intern(key);
      known.put(key, found);
    }
    return found;
  }

  private long intern(PackageIdentity key) {
    long name =
        sql.intern(
            "SELECT id FROM package_name WHERE type = ? AND name = ?",
            "INSERT INTO package_name (type, name) VALUES (?, ?) RETURNING id",
            key.type(),
            key.name());
    long distribution =
        key.os().isEmpty()
            ? 0
            : sql.intern(
                "SELECT id FROM distribution WHERE os = ? AND version = ? AND codename = ?",
                "INSERT INTO distribution (os, version, codename) VALUES (?, ?, ?) RETURNING id",
                key.os(),
                key.osVersion(),
                key.osCodename());
    return sql.intern(
        "SELECT id FROM package_version WHERE name_id = ? AND version = ? AND purl = ?"
            + " AND distribution_id = ? AND source_name = ? AND source_version = ?",
        "INSERT INTO package_version"
            + " (name_id, version, purl, distribution_id, source_name, source_version)"
            + " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        name,
        key.version(),
        key.purl(),
        distribution,
        key.sourceName(),
        key.sourceVersion());
  }

  /**
   * The package of {@code image} that a scan speaks of: by purl, else by name and version; if the
   * image has no such component a package of that name, so that the finding is kept.
   */
  long inImage(long image, ComponentName component) {
    String canonical = PackageIdentity.text(component.purl().flatMap(CanonicalPurl::of).orElse(""));
    return (canonical.isEmpty() ? Optional.<Long>empty() : byPurl(image, canonical))
        .or(() -> byName(image, component))
        .orElseGet(() ->
            id(
                PackageIdentity.named(
                    component.type(), component.name(), component.version(), canonical)));
  }

  private Optional<Long> byPurl(long image, String purl) {
    return sql.first(
        "SELECT v.id FROM package_version AS v INDEXED BY package_version_purl"
            + " CROSS JOIN image_set AS s CROSS JOIN set_member AS m"
            + " WHERE v.purl = ? AND s.image_id = ? AND m.set_id = s.set_id"
            + " AND m.package_id = v.id LIMIT 1",
        row -> row.getLong(1),
        purl,
        image);
  }

  private Optional<Long> byName(long image, ComponentName component) {
    return sql.first(
        "SELECT v.id FROM package_name AS n CROSS JOIN package_version AS v ON v.name_id = n.id"
            + " CROSS JOIN image_set AS s CROSS JOIN set_member AS m"
            + " WHERE n.type = ? AND n.name = ? AND v.version = ? AND s.image_id = ?"
            + " AND m.set_id = s.set_id AND m.package_id = v.id LIMIT 1",
        row -> row.getLong(1),
        component.type(),
        component.name(),
        component.version(),
        image);
  }

  static PackageVersion read(Sql sql, long id) {
    return sql.first(
            "SELECT n.type, n.name, v.version, v.purl FROM package_version AS v"
                + " JOIN package_name AS n ON n.id = v.name_id WHERE v.id = ?",
            row ->
                new PackageVersion(
                    row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
            id)
        .orElseThrow(() -> new IllegalStateException("no package version " + id));
  }
}
