package dev.bulla.graph;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which names mean the same vulnerability.
 *
 * <p>Sources state pairs: two names for one thing. The pairs are kept as stated, for each source;
 * the groups are their connected components, found with a union-find over names and written anew
 * when the advisories change or a statement joins two groups. A wrong alias therefore merges two
 * groups only as long as somebody states it. There are as many names as the advisories about
 * recorded packages have, some ten thousand, which takes well below a second.
 */
final class Vulnerabilities {
  static final String BY_SCAN = "scan";
  static final String BY_ADVISORIES = "advisories";

  /** People look for CVE first. */
  private static final List<String> WELL_KNOWN = List.of("CVE-", "GHSA-");

  private static final Comparator<String> BEST_KNOWN_FIRST =
      Comparator.<String>comparingInt(Vulnerabilities::rank).thenComparing(name -> name);

  private final Map<String, String> parent = new HashMap<>();
  private final Map<String, String> shown = new HashMap<>();

  private Vulnerabilities() {}

  private static int rank(String name) {
    for (int i = 0; i < WELL_KNOWN.size(); i++) {
      if (name.startsWith(WELL_KNOWN.get(i))) {
        return i;
      }
    }
    return WELL_KNOWN.size();
  }

  /** Names are compared without regard to case. */
  static String key(String name) {
    return name.toUpperCase(Locale.ROOT);
  }

  /**
   * States that {@code name} and all of {@code aliases} are one; also makes a lone name known.
   *
   * @return whether that is news
   */
  static boolean stateSame(Sql sql, String source, String name, Collection<String> aliases) {
    int added = state(sql, source, name, name);
    for (String alias : aliases) {
      added += state(sql, source, name, alias);
    }
    return added > 0;
  }

  private static int state(Sql sql, String source, String name, String alias) {
    return sql.update(
        "INSERT INTO alias_statement (source, name, alias) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        source,
        PackageIdentity.text(name),
        PackageIdentity.text(alias));
  }

  /** States that the advisory {@code name} speaks of each of {@code covered}. */
  static void stateBundle(Sql sql, String name, List<String> covered) {
    for (String one : covered) {
      sql.update(
          "INSERT INTO bundle (name, covered) VALUES (?, ?) ON CONFLICT DO NOTHING",
          key(name),
          key(one));
    }
  }

  /**
   * What a scan states about one finding. Only names that join two groups make the groups be
   * computed anew; all else is added in place.
   */
  static void stateByScan(Sql sql, String name, List<String> aliases) {
    if (!stateSame(sql, BY_SCAN, name, aliases)) {
      return;
    }
    TreeMap<String, String> names = new TreeMap<>();
    names.put(key(name), name);
    aliases.forEach(alias -> names.putIfAbsent(key(alias), alias));
    TreeSet<Long> groups = new TreeSet<>();
    names.values().forEach(one -> find(sql, one).ifPresent(groups::add));
    if (groups.size() > 1) {
      regroup(sql);
      return;
    }
    long group = groups.isEmpty() ? group(sql, best(names.keySet())) : groups.first();
    names.forEach((key, shown) ->
        sql.update(
            "INSERT INTO vulnerability_alias (alias, shown, vulnerability_id) VALUES (?, ?, ?)"
                + " ON CONFLICT DO NOTHING",
            key,
            shown,
            group));
  }

  /** Computes the groups from what is stated now. */
  static void regroup(Sql sql) {
    new Vulnerabilities().rewrite(sql);
  }

  private record Stated(String name, String alias) {}

  private void rewrite(Sql sql) {
    for (Stated one :
        sql.list(
            "SELECT name, alias FROM alias_statement ORDER BY source, name, alias",
            row -> new Stated(row.getString(1), row.getString(2)))) {
      remember(one.name());
      remember(one.alias());
      parent.put(root(key(one.name())), root(key(one.alias())));
    }
    Map<String, TreeSet<String>> groups = new TreeMap<>();
    for (String name : shown.keySet()) {
      groups.computeIfAbsent(root(name), unused -> new TreeSet<>()).add(name);
    }
    sql.update("DELETE FROM vulnerability_alias");
    groups.values().forEach(names -> write(sql, names));
    sql.update(
        "DELETE FROM vulnerability WHERE id NOT IN (SELECT vulnerability_id FROM"
            + " vulnerability_alias)");
  }

  private void write(Sql sql, TreeSet<String> names) {
    long group = group(sql, best(names));
    for (String name : names) {
      sql.update(
          "INSERT INTO vulnerability_alias (alias, shown, vulnerability_id) VALUES (?, ?, ?)",
          name,
          shown.get(name),
          group);
    }
  }

  private static String best(Collection<String> names) {
    return names.stream().min(BEST_KNOWN_FIRST).orElseThrow();
  }

  /**
   * The number of the group whose best known name is {@code key}; it stays the same as long as that
   * name does.
   */
  private static long group(Sql sql, String key) {
    return sql.intern(
        "SELECT id FROM vulnerability WHERE name = ?",
        "INSERT INTO vulnerability (name) VALUES (?) RETURNING id",
        key);
  }

  private void remember(String name) {
    parent.putIfAbsent(key(name), key(name));
    shown.putIfAbsent(key(name), name);
  }

  private String root(String name) {
    String at = name;
    for (String up = parent.get(at); up != null && !up.equals(at); up = parent.get(at)) {
      String above = parent.getOrDefault(up, up);
      parent.put(at, above); // halve the path
      at = above;
    }
    return at;
  }

  /** The group that {@code name} belongs to. */
  static Optional<Long> find(Sql sql, String name) {
    return sql.first(
        "SELECT vulnerability_id FROM vulnerability_alias WHERE alias = ?",
        row -> row.getLong(1),
        key(name));
  }

  /**
   * The group of {@code name} and, if it is an advisory that bundles vulnerabilities, the groups of
   * those.
   */
  static Set<Long> findAll(Sql sql, String name) {
    Set<Long> groups = new TreeSet<>();
    find(sql, name).ifPresent(groups::add);
    groups.addAll(
        sql.list(
            "SELECT a.vulnerability_id FROM bundle AS b"
                + " JOIN vulnerability_alias AS a ON a.alias = b.covered WHERE b.name = ?",
            row -> row.getLong(1),
            key(name)));
    return groups;
  }

  /** Whether today's advisories speak of one of the groups at all. */
  static boolean inAdvisories(Sql sql, Collection<Long> groups) {
    return sql.first(
            "SELECT 1 FROM json_each(?) AS g CROSS JOIN vulnerability_alias AS a"
                + " INDEXED BY vulnerability_alias_group ON a.vulnerability_id = g.value"
                + " CROSS JOIN alias_statement AS s ON s.source = ? AND s.name = a.shown LIMIT 1",
            row -> row.getInt(1),
            ContentQuestions.idList(groups),
            BY_ADVISORIES)
        .isPresent();
  }

  /** All names of a group, the best known first. */
  static List<String> names(Sql sql, long group) {
    return sql
        .list(
            "SELECT shown FROM vulnerability_alias INDEXED BY vulnerability_alias_group"
                + " WHERE vulnerability_id = ?",
            row -> row.getString(1),
            group)
        .stream()
        .sorted(BEST_KNOWN_FIRST)
        .toList();
  }
}
