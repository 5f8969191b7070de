package dev.bulla.graph;

import dev.bulla.advisory.PackageQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The package versions that a question means. Names are found by index; a range is decided version
 * by version, in the order of the package's own ecosystem, over the few versions that a name has.
 */
final class PackageSelection {
  /** Types whose names have several spellings: every name of the type is looked at. */
  private static final Set<String> SPELLED_FREELY = Set.of("pypi", "golang");

  private static final Pattern EPOCH = Pattern.compile("[?&]epoch=([0-9]{1,9})(?:&|$)");

  static final String VERSIONS_OF_NAME =
      "SELECT v.id, n.name, v.version, v.purl FROM package_name AS n INDEXED BY package_name_key"
          + " CROSS JOIN package_version AS v INDEXED BY package_version_key ON v.name_id = n.id"
          + " WHERE n.type = ?1 AND n.name = ?2 ORDER BY v.id";

  private static final String VERSIONS_OF_TYPE =
      "SELECT v.id, n.name, v.version, v.purl FROM package_name AS n INDEXED BY package_name_key"
          + " CROSS JOIN package_version AS v INDEXED BY package_version_key ON v.name_id = n.id"
          + " WHERE n.type = ?1 ORDER BY v.id";

  private final Sql sql;

  PackageSelection(Sql sql) {
    this.sql = sql;
  }

  private record Version(long id, String name, String version, String purl) {}

  List<Long> of(PackageQuery query) {
    List<Version> candidates =
        query.name().isPresent() && !SPELLED_FREELY.contains(query.type())
            ? read(VERSIONS_OF_NAME, query.type(), query.name().get())
            : read(VERSIONS_OF_TYPE, query.type());
    return candidates.stream()
        .filter(one -> query.matches(query.type(), one.name(), comparable(query.type(), one)))
        .map(Version::id)
        .toList();
  }

  private List<Version> read(String text, Object... values) {
    return sql.list(
        text,
        row -> new Version(row.getLong(1), row.getString(2), row.getString(3), row.getString(4)),
        values);
  }

  /** An RPM's epoch is part of its version and is written in its purl. */
  private static String comparable(String type, Version one) {
    if (type.equals("rpm") && one.version().indexOf(':') < 0) {
      Matcher epoch = EPOCH.matcher(one.purl());
      if (epoch.find()) {
        return epoch.group(1) + ":" + one.version();
      }
    }
    return one.version();
  }

  /** What to tell somebody whose question means nothing that was recorded. */
  String advice(PackageQuery query) {
    if (query.name().isEmpty()) {
      return "No recorded package of type " + query.type() + " has such a version.";
    }
    String name = query.name().get();
    List<String> versions =
        read(VERSIONS_OF_NAME, query.type(), name).stream()
            .map(Version::version)
            .distinct()
            .toList();
    if (!versions.isEmpty()) {
      return "Recorded versions of %s are: %s."
          .formatted(name, String.join(", ", versions.stream().limit(10).toList()));
    }
    String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1);
    List<String> near =
        new ArrayList<>(
            sql.list(
                "SELECT name FROM package_name WHERE type = ?1 AND instr(name, ?2) > 0 ORDER BY"
                    + " name LIMIT 5",
                row -> row.getString(1),
                query.type(),
                last));
    return near.isEmpty()
        ? "No package of that name has been recorded."
        : "No package of that name has been recorded; there are: " + String.join(", ", near) + ".";
  }
}
