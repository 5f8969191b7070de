package dev.bulla.registry.replication;

import dev.bulla.registry.replication.FeedEntry.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * What a feed lacks to lead to what a repository holds, when events were forgotten before they were
 * written into it. The feed goes on from where it was: its past stays as it was signed, and who
 * reads it ends with the present, though not by the way that things went.
 */
final class FeedRepair {
  private static final String ENTRIES =
      """
      SELECT type, digest, tag FROM feed_entry WHERE repository = ? ORDER BY seq\
      """;

  private static final String MANIFESTS =
      """
      SELECT m.digest, m.media_type, m.size, coalesce(m.subject, '') FROM manifest m
        JOIN repository r ON r.id = m.repository WHERE r.name = ? ORDER BY m.id\
      """;

  /** A tag that waits is newer than the one that readers see. */
  private static final String TAGS =
      """
      SELECT t.name, t.digest, 0 AS waits FROM tag t JOIN repository r ON r.id = t.repository
       WHERE r.name = ?
      UNION ALL SELECT p.name, p.digest, 1 FROM pending_tag p
        JOIN repository r ON r.id = p.repository WHERE r.name = ?
      ORDER BY 3, 1\
      """;

  private static final String DECISIONS =
      """
      SELECT a.digest, a.state FROM admission a JOIN repository r ON r.id = a.repository
       WHERE r.name = ? AND a.state IN ('ADMITTED', 'REVOKED') ORDER BY a.digest\
      """;

  /** What readers of the feed believe. */
  private final Set<String> pushed = new TreeSet<>();

  private final Map<String, String> tags = new HashMap<>();
  private final Map<String, Type> decided = new HashMap<>();

  private FeedRepair() {}

  /** Repositories that are here or have a feed. */
  static List<String> repositories(Handle handle) {
    return handle
        .select("SELECT name FROM repository UNION SELECT repository FROM feed_head ORDER BY 1")
        .mapTo(String.class)
        .list();
  }

  /**
   * The entries that lead from the feed to what is here, deletions and revocations first; without
   * numbers and hashes.
   *
   * @param now milliseconds since 1970
   */
  static List<FeedEntry> entries(Handle handle, String repository, long now) {
    FeedRepair believed = new FeedRepair();
    handle
        .select(ENTRIES, repository)
        .map((row, context) ->
            believed.read(Type.valueOf(row.getString(1)), row.getString(2), row.getString(3)))
        .list();
    return believed.upTo(handle, repository, now);
  }

  private boolean read(Type type, String digest, String tag) {
    switch (type) {
      case PUSH -> pushed.add(digest);
      case DELETE -> {
        pushed.remove(digest);
        tags.values().removeIf(digest::equals);
      }
      case TAG -> tags.put(tag, digest);
      case UNTAG -> tags.remove(tag);
      case ADMIT, REVOKE -> decided.put(digest, type);
    }
    return true;
  }

  private List<FeedEntry> upTo(Handle handle, String repository, long now) {
    Map<String, FeedEntry> here = new LinkedHashMap<>();
    handle
        .select(MANIFESTS, repository)
        .map((row, context) ->
            new FeedEntry(
                0,
                Type.PUSH,
                row.getString(1),
                "",
                row.getString(2),
                row.getLong(3),
                row.getString(4),
                now,
                ""))
        .forEach(one -> here.put(one.digest(), one));
    Map<String, String> named = pairs(handle, TAGS, repository, repository);
    List<FeedEntry> entries = new ArrayList<>();
    for (String digest : pushed) {
      if (!here.containsKey(digest)) {
        entries.add(plain(Type.DELETE, digest, "", now));
        tags.values().removeIf(digest::equals);
      }
    }
    tags.forEach((tag, digest) -> {
      if (!named.containsKey(tag)) {
        entries.add(plain(Type.UNTAG, digest, tag, now));
      }
    });
    Map<String, String> states = pairs(handle, DECISIONS, repository);
    decide(states, Type.REVOKE, now, entries);
    here.values().stream().filter(one -> !pushed.contains(one.digest())).forEach(entries::add);
    named.forEach((tag, digest) -> {
      if (!digest.equals(tags.get(tag))) {
        entries.add(plain(Type.TAG, digest, tag, now));
      }
    });
    decide(states, Type.ADMIT, now, entries);
    return entries;
  }

  private void decide(Map<String, String> states, Type type, long now, List<FeedEntry> entries) {
    String state = type == Type.ADMIT ? "ADMITTED" : "REVOKED";
    states.forEach((digest, is) -> {
      if (is.equals(state) && decided.get(digest) != type) {
        entries.add(plain(type, digest, "", now));
      }
    });
  }

  /** The later of two with the same name counts. */
  private static Map<String, String> pairs(Handle handle, String sql, Object... arguments) {
    Map<String, String> pairs = new LinkedHashMap<>();
    handle
        .select(sql, arguments)
        .map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
        .forEach(one -> pairs.put(one.getKey(), one.getValue()));
    return pairs;
  }

  private static FeedEntry plain(Type type, String digest, String tag, long now) {
    return new FeedEntry(0, type, digest, tag, "", 0, "", now, "");
  }
}
