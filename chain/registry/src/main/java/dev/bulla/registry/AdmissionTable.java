package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.registry.Admission.State;
import dev.bulla.store.Records;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/** What was decided about manifests, and the tags that wait for a decision. */
final class AdmissionTable {
  private static final long CACHED = 4L * 1024 * 1024;
  private static final int MAX_PARENTS = 32;
  private static final int MAX_TAGS = 100;

  private static final String FIND =
      """
      SELECT a.state, a.epoch, a.decided, a.valid_until, a.via, a.clauses FROM admission a
        JOIN repository r ON r.id = a.repository WHERE r.name = ? AND a.digest = ?\
      """;

  private static final String LIST =
      """
      SELECT a.state, a.epoch, a.decided, a.valid_until, a.via, a.clauses, a.digest
        FROM admission a JOIN repository r ON r.id = a.repository
       WHERE r.name = ? AND a.digest > ? AND (? = '' OR a.state = ?) ORDER BY a.digest LIMIT ?\
      """;

  private static final String TAGS_OF =
      """
      SELECT t.name FROM tag t JOIN repository r ON r.id = t.repository
       WHERE r.name = ? AND t.digest = ?
      UNION
      SELECT p.name FROM pending_tag p JOIN repository r ON r.id = p.repository
       WHERE r.name = ? AND p.digest = ?
       ORDER BY 1 LIMIT ?\
      """;

  private static final String SAVE =
      """
      INSERT INTO admission (repository, digest, state, epoch, decided, valid_until, via, clauses)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (repository, digest) DO UPDATE SET state = excluded.state, epoch = excluded.epoch,
        decided = excluded.decided, valid_until = excluded.valid_until, via = excluded.via,
        clauses = excluded.clauses\
      """;

  private static final String PROMOTE =
      """
      INSERT INTO tag (repository, name, digest, moved, created)
      SELECT repository, name, digest, ?, ? FROM pending_tag WHERE repository = ? AND digest = ?
      ON CONFLICT (repository, name) DO UPDATE SET digest = excluded.digest, moved = excluded.moved\
      """;

  /** What was decided about the parts of an index follows from what is decided about it. */
  private static final String DOUBT_PARTS =
      """
      UPDATE admission SET epoch = 0
       WHERE repository = ? AND (via = ? OR state NOT IN ('ADMITTED', 'EVIDENCE') AND digest IN (
         SELECT e.child FROM edge e JOIN manifest m ON m.id = e.manifest
          WHERE m.repository = ? AND m.digest = ? AND e.role = 'MANIFEST'))\
      """;

  private static final String PARENTS =
      """
      SELECT m.digest FROM edge e JOIN manifest m ON m.id = e.manifest
        JOIN repository r ON r.id = m.repository
       WHERE r.name = ? AND e.child = ? ORDER BY e.manifest DESC LIMIT ?\
      """;

  private static final String ADMITTED_PARENTS =
      """
      SELECT m.digest FROM edge e JOIN manifest m ON m.id = e.manifest
        JOIN repository r ON r.id = m.repository
        JOIN admission a ON a.repository = m.repository AND a.digest = m.digest
       WHERE r.name = ? AND e.child = ? AND a.state = 'ADMITTED' ORDER BY e.manifest DESC LIMIT ?\
      """;

  private static final String COUNTING_PARENT =
      ADMITTED_PARENTS.replace(
          "ORDER", "AND a.epoch = (SELECT value FROM trust_epoch) AND a.valid_until > ? ORDER");

  private static final String FIRST_PARENTS = PARENTS.replace("DESC", "ASC");

  private static final String PENDING =
      """
      SELECT p.digest FROM pending_tag p JOIN repository r ON r.id = p.repository
       WHERE r.name = ? AND p.name = ?\
      """;

  private final Records records;
  private final InstantSource clock;
  private final RecentReads<Admission> recent;
  private final RecentReads<List<Digest>> recentParents;

  /**
   * @param manifests how often they were changed, with what they are made of
   */
  AdmissionTable(Records records, Generations manifests, InstantSource clock) {
    this.records = records;
    this.clock = clock;
    this.recent =
        new RecentReads<>(
            new Generations(records.changes()),
            CACHED,
            admission -> 256 + admission.clauses().size() * 256);
    this.recentParents = new RecentReads<>(manifests, CACHED, all -> 256 * all.size());
  }

  Optional<Admission> find(String repository, Digest digest) {
    return recent.get(
        repository, digest.toString(), () -> records.read(h -> find(h, repository, digest)));
  }

  /** The same if it is in memory. */
  Optional<Admission> known(String repository, Digest digest) {
    return recent.known(repository, digest.toString());
  }

  /**
   * What a decision about a manifest rests on besides the bindings, as text to be compared: its
   * evidence, its waivers and withdrawal, and the decision before.
   */
  String basis(String repository, Digest digest) {
    return records.read(handle ->
        ManifestTable.idOf(handle, repository)
            .map(id -> DecisionBasis.of(handle, id, digest))
            .orElse(""));
  }

  /**
   * Stores a decision; one in favour moves the tags that waited for it.
   *
   * @param basis on which it was taken
   * @return what it is now; empty if the basis is another by now, so that it must be taken anew
   */
  Optional<Admission> save(String repository, Digest digest, Admission decision, String basis) {
    try {
      return records.write(handle -> {
        Optional<Long> id = ManifestTable.idOf(handle, repository);
        if (id.isEmpty()) {
          return Optional.of(decision);
        }
        if (decision.epoch() != epoch(handle)
            || !basis.equals(DecisionBasis.of(handle, id.get(), digest))) {
          return Optional.empty();
        }
        records.changes().mark(handle, repository);
        Optional<Admission> before = find(handle, repository, digest);
        Admission saved = followed(decision, before);
        handle.execute(
            SAVE,
            id.get(),
            digest.toString(),
            saved.state().name(),
            saved.epoch(),
            saved.decided().toEpochMilli(),
            saved.until().toEpochMilli(),
            saved.via(),
            new String(saved.detailBytes(), StandardCharsets.UTF_8));
        handle.execute(DOUBT_PARTS, id.get(), digest.toString(), id.get(), digest.toString());
        if (saved.state() == State.ADMITTED) {
          promote(handle, id.get(), repository, digest.toString());
        }
        if (before.map(Admission::state).filter(saved.state()::equals).isEmpty()) {
          ManifestTable.event(
              handle,
              clock.instant(),
              "registry.trust." + saved.state().name().toLowerCase(Locale.ROOT),
              repository,
              digest.toString(),
              "");
        }
        return Optional.of(saved);
      });
    } finally {
      recent.changed(repository);
    }
  }

  /** Hears of what other processes changed. */
  void refresh() {
    records.changes().refresh();
  }

  private static long epoch(Handle handle) {
    return handle.select("SELECT value FROM trust_epoch").mapTo(Long.class).one();
  }

  /** What was admitted once and is refused now is revoked, and stays so until it is admitted. */
  private static Admission followed(Admission decision, Optional<Admission> before) {
    boolean wasIn =
        before.filter(b -> b.state() == State.ADMITTED || b.state() == State.REVOKED).isPresent();
    return wasIn && !decision.visible() ? decision.in(State.REVOKED) : decision;
  }

  /** What was decided last, by digest; decisions that no longer count are among them. */
  Page<ContentTrust.Decided> list(
      String repository, Optional<State> state, String last, int limit) {
    String only = state.map(State::name).orElse("");
    return records.read(handle ->
        Page.of(
            handle
                .select(LIST, repository, last, only, only, limit + 1L)
                .map((row, context) ->
                    new ContentTrust.Decided(
                        Digest.parse(row.getString(7)),
                        Admission.read(
                            State.valueOf(row.getString(1)),
                            row.getLong(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getString(5),
                            row.getString(6))))
                .list(),
            limit));
  }

  /** Manifests of a repository, by digest. */
  List<Digest> manifests(String repository, String last, int limit) {
    return records.read(handle ->
        handle
            .select(
                "SELECT m.digest FROM manifest m JOIN repository r ON r.id = m.repository"
                    + " WHERE r.name = ? AND m.digest > ? ORDER BY m.digest LIMIT ?",
                repository,
                last,
                limit)
            .mapTo(String.class)
            .map(Digest::parse)
            .list());
  }

  /** Some tags that lead to a manifest or wait for it, by name. */
  List<String> tagsOf(String repository, Digest digest) {
    return records.read(handle ->
        handle
            .select(TAGS_OF, repository, digest.toString(), repository, digest.toString(), MAX_TAGS)
            .mapTo(String.class)
            .list());
  }

  /**
   * Has a decision taken anew when it is asked for next, and those that followed from it.
   *
   * @return how many that are
   */
  int doubt(String repository, Digest digest) {
    try {
      return records.write(handle -> {
        records.changes().mark(handle, repository);
        return handle.execute(
            "UPDATE admission SET epoch = 0 WHERE (digest = ? OR via = ?)"
                + " AND repository = (SELECT id FROM repository WHERE name = ?)",
            digest.toString(),
            digest.toString(),
            repository);
      });
    } finally {
      recent.changed(repository);
    }
  }

  /**
   * Manifests of the repository of which something is a part: one whose admission counts if there
   * is any, others that were admitted, then the newest. So nobody takes a part of an admitted image
   * away by pushing many others of it.
   */
  List<Digest> parents(String repository, Digest child) {
    long now = clock.millis();
    Set<Digest> all =
        new LinkedHashSet<>(digests(COUNTING_PARENT, repository, child.toString(), now, 1));
    all.addAll(parents(ADMITTED_PARENTS, repository, child));
    all.addAll(parents(PARENTS, repository, child));
    return List.copyOf(all);
  }

  /** The oldest of them. */
  List<Digest> firstParents(String repository, Digest child) {
    return parents(FIRST_PARENTS, repository, child);
  }

  private List<Digest> parents(String sql, String repository, Digest child) {
    return digests(sql, repository, child.toString(), MAX_PARENTS);
  }

  private List<Digest> digests(String sql, Object... arguments) {
    return records.read(
        handle -> handle.select(sql, arguments).mapTo(String.class).map(Digest::parse).list());
  }

  /** All of {@link #parents}, as they were when the repository was changed last. */
  List<Digest> recentParents(String repository, Digest child) {
    return recentParents
        .get(repository, child.toString(), () -> Optional.of(parents(repository, child)))
        .orElseThrow();
  }

  /** The same if it is in memory. */
  Optional<List<Digest>> knownParents(String repository, Digest child) {
    return recentParents.known(repository, child.toString());
  }

  Optional<Digest> pending(String repository, String tag) {
    return records.read(handle ->
        handle.select(PENDING, repository, tag).mapTo(String.class).map(Digest::parse).findOne());
  }

  /** The tags of what is no longer bound point where they would. */
  List<String> promoteAll(Predicate<String> repositories) {
    record Waiting(long id, String name, String digest) {}
    List<Waiting> waiting =
        records.read(handle ->
            handle
                .select(
                    "SELECT DISTINCT r.id, r.name, p.digest FROM pending_tag p"
                        + " JOIN repository r ON r.id = p.repository")
                .map((row, context) ->
                    new Waiting(row.getLong(1), row.getString(2), row.getString(3)))
                .list());
    waiting.removeIf(one -> !repositories.test(one.name()));
    return records.write(handle -> {
      for (Waiting one : waiting) {
        records.changes().mark(handle, one.name());
        promote(handle, one.id(), one.name(), one.digest());
      }
      return waiting.stream().map(Waiting::name).distinct().toList();
    });
  }

  /** Points the tags that waited for a manifest at it, but those that were locked meanwhile. */
  private void promote(Handle handle, long repository, String name, String digest) {
    List<String> waiting =
        handle
            .select(
                "SELECT name FROM pending_tag WHERE repository = ? AND digest = ?",
                repository,
                digest)
            .mapTo(String.class)
            .list();
    for (String tag : waiting) {
      if (!Protection.movable(handle, repository, name, tag, digest)) {
        handle.execute(
            "DELETE FROM pending_tag WHERE repository = ? AND name = ?", repository, tag);
      } else {
        ManifestTable.event(handle, clock.instant(), "registry.tag.moved", name, digest, tag);
      }
    }
    long now = clock.millis();
    handle.execute(PROMOTE, now, now, repository, digest);
    handle.execute(
        "DELETE FROM pending_tag WHERE repository = ? AND digest = ?", repository, digest);
  }

  private static Optional<Admission> find(Handle handle, String repository, Digest digest) {
    return handle
        .select(FIND, repository, digest.toString())
        .map((row, context) ->
            Admission.read(
                State.valueOf(row.getString(1)),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getString(5),
                row.getString(6)))
        .findOne();
  }
}
