package dev.bulla.registry;

import dev.bulla.core.json.Json;
import dev.bulla.registry.RetentionReport.Removed;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * Removes tags and manifests that rules name and no rule keeps.
 *
 * <p>A tag goes if some rule is for it and none of the rules that are for it keeps it. A manifest
 * goes with the last of its tags, unless it is part of an index that stays; its evidence and those
 * of its parts that nothing else leads to go with it, and evidence goes in no other way. What is
 * {@link Protection protected} stays. Manifests that go can be restored for a time.
 *
 * <p><b>Beside pushes.</b> What goes is decided in the transaction in which it goes, so a tag that
 * was moved meanwhile is judged by its new age. A dry run does the same and is undone.
 */
public final class Retention {
  /** So many manifests and tags go in one transaction, so that pushes get their turn. */
  private static final int BATCH = 500;

  private static final String TAGS =
      """
      SELECT t.name, t.digest, t.moved, coalesce(p.at, 0) FROM tag t
        LEFT JOIN pull p ON p.repository = t.repository AND p.digest = t.digest
       WHERE t.repository = ? ORDER BY t.moved DESC, t.name\
      """;

  private static final String RULES =
      """
      SELECT glob, tags, keep_last, keep_newer, keep_pulled, untagged FROM retention_rule
       ORDER BY glob, tags\
      """;

  private record Tag(String name, String digest, long moved, long pulled) {}

  record Repository(long id, String name) {}

  /** Undoes a dry run, and carries out what it would have done. */
  private static final class Undone extends RuntimeException {
    private static final long serialVersionUID = 1;

    Undone() {
      super(null, null, false, false);
    }
  }

  private final Records records;
  private final ManifestTable manifests;
  private final Pulls pulls;
  private final InstantSource clock;

  Retention(Records records, ManifestTable manifests, Pulls pulls, InstantSource clock) {
    this.records = records;
    this.manifests = manifests;
    this.pulls = pulls;
    this.clock = clock;
  }

  public List<RetentionRule> rules() {
    return records.read(Retention::rules);
  }

  /** Adds a rule, or replaces that of the same patterns. */
  public void set(RetentionRule rule, String who) {
    records.write(handle -> {
      delete(handle, rule.repositories(), rule.tags());
      handle.execute(
          "INSERT INTO retention_rule (glob, tags, keep_last, keep_newer, keep_pulled, untagged)"
              + " VALUES (?, ?, ?, ?, ?, ?)",
          rule.repositories(),
          rule.tags(),
          rule.keepLast().orElse(-1L),
          millis(rule.keepNewer()),
          millis(rule.keepPulled()),
          millis(rule.untagged()));
      event(handle, "registry.retention.set", rule.repositories() + ":" + rule.tags(), who);
      return rule;
    });
  }

  /** False if there is no such rule. */
  public boolean remove(String repositories, String tags, String who) {
    return records.write(handle -> {
      boolean was = delete(handle, repositories, tags) > 0;
      if (was) {
        event(handle, "registry.retention.removed", repositories + ":" + tags, who);
      }
      return was;
    });
  }

  /** Removes what may go; who calls holds the lease of the upkeep. */
  RetentionReport run(boolean dryRun, Progress progress) {
    pulls.flush();
    List<Removed> all = new ArrayList<>();
    List<Repository> repositories =
        records.read(handle ->
            handle
                .select("SELECT id, name FROM repository ORDER BY name")
                .map((row, context) -> new Repository(row.getLong(1), row.getString(2)))
                .list());
    List<RetentionRule> rules = rules();
    int done = 0;
    for (Repository one : repositories) {
      progress.at("repositories", done++, repositories.size());
      if (rules.stream().anyMatch(rule -> rule.appliesTo(one.name()))) {
        run(one, dryRun, all);
      }
    }
    int shown = Math.min(all.size(), RetentionReport.MAX_ENTRIES);
    return new RetentionReport(dryRun, all.subList(0, shown), all.size() - (long) shown);
  }

  private void run(Repository repository, boolean dryRun, List<Removed> all) {
    int found;
    do {
      List<Removed> gone = new ArrayList<>();
      try {
        records.write(handle -> {
          gone.clear();
          records.changes().mark(handle, repository.name());
          step(handle, repository, dryRun ? Integer.MAX_VALUE : BATCH, gone);
          if (dryRun) {
            throw new Undone();
          }
          return gone.size();
        });
      } catch (Undone e) {
        // nothing has happened
      } finally {
        manifests.changed(repository.name());
      }
      found = gone.size();
      all.addAll(gone);
    } while (!dryRun && found > 0);
  }

  private void step(Handle handle, Repository repository, int limit, List<Removed> gone) {
    List<RetentionRule> rules =
        rules(handle).stream().filter(rule -> rule.appliesTo(repository.name())).toList();
    Map<String, List<String>> expired = expired(handle, repository, rules);
    for (Map.Entry<String, List<String>> one : expired.entrySet()) {
      if (gone.size() < limit) {
        expire(handle, repository, one.getKey(), one.getValue(), gone);
      }
    }
    Optional<Duration> untagged =
        rules.stream().flatMap(rule -> rule.untagged().stream()).max(Comparator.naturalOrder());
    if (untagged.isPresent() && gone.size() < limit) {
      long before = clock.instant().minus(untagged.get()).toEpochMilli();
      for (String digest : UnreachedManifests.unreached(handle, repository.id(), before)) {
        if (gone.size() < limit
            && Protection.kept(handle, repository.id(), repository.name(), digest).isEmpty()) {
          remove(handle, repository, digest, List.of(), "no tag leads to it", gone);
        }
      }
    }
  }

  /** Tags that some rule keeps; to be asked in a transaction. */
  Set<String> keptTags(Handle handle, long id, String name) {
    Repository repository = new Repository(id, name);
    List<RetentionRule> rules =
        rules(handle).stream().filter(rule -> rule.appliesTo(name)).toList();
    Set<String> kept = new HashSet<>();
    if (!rules.isEmpty()) {
      judged(tags(handle, repository), rules)
          .forEach((tag, stays) -> {
            if (stays) {
              kept.add(tag);
            }
          });
    }
    return kept;
  }

  private static List<Tag> tags(Handle handle, Repository repository) {
    List<Tag> tags =
        handle
            .select(TAGS, repository.id())
            .map((row, context) ->
                new Tag(row.getString(1), row.getString(2), row.getLong(3), row.getLong(4)))
            .list();
    tags.removeIf(tag -> EvidenceRule.isTag(tag.name()));
    return tags;
  }

  /** Whether rules keep tags; without those that no rule is for. */
  private Map<String, Boolean> judged(List<Tag> tags, List<RetentionRule> rules) {
    Map<String, Boolean> kept = new HashMap<>();
    long now = clock.millis();
    for (RetentionRule rule : rules) {
      if (rule.aboutTags()) {
        long rank = 0;
        for (Tag tag : tags) {
          if (NamePattern.matches(rule.tags(), tag.name())) {
            kept.merge(tag.name(), keeps(rule, tag, rank++, now), Boolean::logicalOr);
          }
        }
      }
    }
    return kept;
  }

  /** The tags that may go, by digest. */
  private Map<String, List<String>> expired(
      Handle handle, Repository repository, List<RetentionRule> rules) {
    List<Tag> tags = tags(handle, repository);
    Map<String, Boolean> kept = judged(tags, rules);
    Map<String, List<String>> expired = new LinkedHashMap<>();
    for (Tag tag : tags) {
      if (Boolean.FALSE.equals(kept.get(tag.name()))) {
        expired.computeIfAbsent(tag.digest(), digest -> new ArrayList<>()).add(tag.name());
      }
    }
    return expired;
  }

  private static boolean keeps(RetentionRule rule, Tag tag, long rank, long now) {
    return rule.keepLast().filter(n -> rank < n).isPresent()
        || rule.keepNewer().filter(time -> now - tag.moved() <= time.toMillis()).isPresent()
        || rule.keepPulled().filter(time -> now - tag.pulled() <= time.toMillis()).isPresent();
  }

  private void expire(
      Handle handle, Repository in, String digest, List<String> tags, List<Removed> gone) {
    String reason = "kept by no rule";
    List<String> all =
        handle
            .select("SELECT name FROM tag WHERE repository = ? AND digest = ?", in.id(), digest)
            .mapTo(String.class)
            .list();
    boolean whole =
        new TreeSet<>(tags).containsAll(all)
            && !isInUse(handle, in.id(), digest, false)
            && Protection.kept(handle, in.id(), in.name(), digest).isEmpty();
    if (whole) {
      remove(handle, in, digest, tags, reason, gone);
      return;
    }
    List<String> removed = new ArrayList<>();
    for (String tag : tags) {
      if (Protection.tagKept(handle, in.id(), in.name(), tag).isEmpty()) {
        handle.execute("DELETE FROM tag WHERE repository = ? AND name = ?", in.id(), tag);
        Protection.forget(handle, in.id(), Protection.Kind.TAG, tag);
        ManifestEvents.tagDeleted(handle, clock.instant(), in.id(), in.name(), tag, digest);
        removed.add(tag);
      }
    }
    if (!removed.isEmpty()) {
      gone.add(new Removed(in.name(), digest, removed, false, reason));
    }
  }

  /** Deletes a manifest, its evidence, and those of its parts that nothing else leads to. */
  void remove(
      Handle handle,
      Repository in,
      String digest,
      List<String> tags,
      String reason,
      List<Removed> gone) {
    List<String> parts =
        list(
            handle,
            "SELECT e.child FROM edge e JOIN manifest m ON m.id = e.manifest"
                + " WHERE m.repository = ? AND m.digest = ? AND e.role = 'MANIFEST'",
            in.id(),
            digest);
    List<String> evidence =
        new ArrayList<>(
            list(
                handle,
                "SELECT digest FROM referrer WHERE repository = ? AND subject = ?",
                in.id(),
                digest));
    for (String tag : EvidenceRule.tagsOf(digest)) {
      evidence.addAll(
          list(handle, "SELECT digest FROM tag WHERE repository = ? AND name = ?", in.id(), tag));
    }
    if (!ManifestRemoval.delete(handle, in.id(), in.name(), digest, clock.instant())) {
      return;
    }
    gone.add(new Removed(in.name(), digest, tags, true, reason));
    for (String one : evidence) {
      if (!isInUse(handle, in.id(), one, true) && free(handle, in, one)) {
        remove(handle, in, one, List.of(), "evidence of " + digest, gone);
      }
    }
    for (String one : parts) {
      if (!isInUse(handle, in.id(), one, false)
          && list(handle, "SELECT name FROM tag WHERE repository = ? AND digest = ?", in.id(), one)
              .isEmpty()
          && free(handle, in, one)) {
        remove(handle, in, one, List.of(), "part of " + digest, gone);
      }
    }
  }

  private static boolean free(Handle handle, Repository in, String digest) {
    return Protection.kept(handle, in.id(), in.name(), digest).isEmpty();
  }

  /**
   * Whether something leads to a manifest.
   *
   * @param tags whether tags count; those by which evidence is found never do
   */
  private static boolean isInUse(Handle handle, long repository, String digest, boolean tags) {
    if (tags
        && list(
                handle,
                "SELECT name FROM tag WHERE repository = ? AND digest = ?",
                repository,
                digest)
            .stream()
            .anyMatch(tag -> !EvidenceRule.isTag(tag))) {
      return true;
    }
    return handle
        .select(
            "SELECT 1 FROM pending_tag WHERE repository = ? AND digest = ? UNION ALL SELECT 1 FROM"
                + " edge e JOIN manifest m ON m.id = e.manifest WHERE m.repository = ? AND e.child"
                + " = ? LIMIT 1",
            repository,
            digest,
            repository,
            digest)
        .mapTo(Integer.class)
        .findFirst()
        .isPresent();
  }

  private static List<String> list(Handle handle, String sql, long repository, String argument) {
    return handle.select(sql, repository, argument).mapTo(String.class).list();
  }

  private static int delete(Handle handle, String repositories, String tags) {
    return handle.execute(
        "DELETE FROM retention_rule WHERE glob = ? AND tags = ?", repositories, tags);
  }

  private void event(Handle handle, String type, String rule, String who) {
    Instant now = clock.instant();
    Outbox.append(handle, now, type, rule, Json.object().put("by", who));
  }

  private static List<RetentionRule> rules(Handle handle) {
    return handle
        .select(RULES)
        .map((row, context) ->
            new RetentionRule(
                row.getString(1),
                row.getString(2),
                Optional.of(row.getLong(3)).filter(n -> n >= 0),
                time(row.getLong(4)),
                time(row.getLong(5)),
                time(row.getLong(6))))
        .list();
  }

  private static long millis(Optional<Duration> time) {
    return time.map(Duration::toMillis).orElse(-1L);
  }

  private static Optional<Duration> time(long millis) {
    return millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
  }
}
