package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Blobs;
import dev.bulla.store.Leases;
import dev.bulla.store.Records;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What keeps a registry in order while it is used: collection, check with repair, usage.
 *
 * <p>Collection and check exclude each other and themselves by a lease. Thread-safe.
 */
public final class Upkeep {
  private static final String LEASE = "registry.upkeep";

  /** How long a server that was killed keeps others away. */
  private static final Duration LEASE_LENGTH = Duration.ofMinutes(1);

  private static final Duration RENEWAL = Duration.ofSeconds(15);

  private static final String REPOSITORIES =
      """
      SELECT r.name,
        (SELECT count(*) FROM manifest m WHERE m.repository = r.id),
        (SELECT count(*) FROM tag t WHERE t.repository = r.id),
        (SELECT count(*) FROM link l WHERE l.repository = r.id),
        (SELECT coalesce(sum(b.size), 0) FROM link l JOIN blob b ON b.digest = l.digest
          WHERE l.repository = r.id)
        FROM repository r ORDER BY r.name\
      """;

  private static final String PROJECTS =
      """
      SELECT n.project, count(*), (
        SELECT coalesce(sum(b.size), 0) FROM blob b WHERE b.digest IN (
          SELECT l.digest FROM link l JOIN repository o ON o.id = l.repository
           WHERE o.project = n.project))
        FROM repository n GROUP BY n.project ORDER BY n.project\
      """;

  private final Records records;
  private final Blobs blobs;
  private final BlobLocks locks;
  private final BlobTable blobTable;
  private final ManifestTable manifests;
  private final InstantSource clock;
  private final Leases leases;

  Upkeep(
      Records records,
      Blobs blobs,
      BlobLocks locks,
      BlobTable blobTable,
      ManifestTable manifests,
      InstantSource clock) {
    this.records = records;
    this.blobs = blobs;
    this.locks = locks;
    this.blobTable = blobTable;
    this.manifests = manifests;
    this.clock = clock;
    this.leases = new Leases(records, clock, new SecureRandom());
  }

  /**
   * To be called by a process that has just become the home's only writer: what an earlier one was
   * doing when it was killed is over. If others may write the same records, nobody is known to be
   * dead, and leases end by themselves.
   */
  public void begin() {
    if (!records.isShared()) {
      leases.end(LEASE);
    }
  }

  /**
   * Frees what nobody can reach. Pushes and pulls go on meanwhile.
   *
   * @throws BullaException {@link ErrorCode#CONFLICT} if a collection or check is running
   */
  public CollectionReport collect(CollectionRules rules, Progress progress) {
    return alone(() -> collectAlone(rules, progress));
  }

  /**
   * Removes what the rules of {@link Registry#retention} let go. Pushes and pulls go on meanwhile.
   *
   * @throws BullaException {@link ErrorCode#CONFLICT} if a collection or check is running
   */
  public RetentionReport retain(Retention retention, boolean dryRun, Progress progress) {
    return alone(() -> retention.run(dryRun, progress));
  }

  /** One collection, whose steps the caller runs. */
  Collector collector(CollectionRules rules) {
    return new Collector(
        records, blobs, locks, blobTable, new UnreachedManifests(records, manifests), rules, clock);
  }

  private CollectionReport collectAlone(CollectionRules rules, Progress progress) {
    Collector collector = collector(rules);
    collector.mendTimes();
    progress.at("uploads", 0, 0);
    long uploads = collector.uploads();
    progress.at("manifests", 0, 0);
    long untagged = collector.untagged();
    long deleted = collector.deleted();
    progress.at("links", 0, 0);
    long links = collector.links();
    progress.at("blobs", 0, 0);
    Collector.Retired retired = collector.blobs();
    progress.at("files", 0, 0);
    long strays = collector.strays();
    long freed = collector.freed();
    return new CollectionReport(
        rules.dryRun(),
        uploads,
        untagged,
        deleted,
        links,
        retired.blobs(),
        retired.bytes(),
        strays,
        freed);
  }

  /**
   * Compares blobs with their digests, and records with manifests. Pushes and pulls go on
   * meanwhile.
   *
   * @throws BullaException {@link ErrorCode#CONFLICT} if a collection or check is running
   */
  public CheckReport check(CheckRules rules, RepairSource source, Progress progress) {
    return alone(() -> checkAlone(rules, source, progress));
  }

  private CheckReport checkAlone(CheckRules rules, RepairSource source, Progress progress) {
    List<CheckFinding> findings = new ArrayList<>();
    long[] more = {0};
    Consumer<CheckFinding> heard =
        finding -> {
          if (findings.size() < CheckReport.MAX_FINDINGS) {
            findings.add(finding);
          } else {
            more[0]++;
          }
        };
    Scrub scrub = new Scrub(records, blobs, locks, blobTable, clock, rules, source);
    scrub.run(progress, heard);
    RecordCheck recordCheck = new RecordCheck(records);
    recordCheck.run(progress, heard);
    strays(progress, heard);
    return new CheckReport(
        scrub.count(),
        scrub.bytes(),
        recordCheck.manifests(),
        recordCheck.tags(),
        findings,
        more[0]);
  }

  /** How much space is used by what. */
  public Usage usage() {
    Map<String, Quota> quotas = new Quotas(records, clock).all();
    List<Usage.Project> projects =
        records.read(handle ->
            handle
                .select(PROJECTS)
                .map((row, context) ->
                    new Usage.Project(
                        row.getString(1),
                        row.getLong(2),
                        row.getLong(3),
                        quotas.getOrDefault(row.getString(1), Quota.NONE)))
                .list());
    List<Usage.Repository> repositories =
        records.read(handle ->
            handle
                .select(REPOSITORIES)
                .map((row, context) ->
                    new Usage.Repository(
                        row.getString(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5)))
                .list());
    return new Usage(
        projects,
        repositories,
        number("SELECT coalesce(sum(size), 0) FROM blob"),
        number("SELECT coalesce(sum(size), 0) FROM manifest"),
        blobs.retiredBytes(),
        blobs.uploads().size(),
        number("SELECT count(*) FROM deleted_manifest"));
  }

  private void strays(Progress progress, Consumer<CheckFinding> findings) {
    progress.at("files", 0, 0);
    try (Stream<Digest> files = blobs.list()) {
      files
          .filter(digest -> !isRecorded(digest))
          // a push may be between its file and its record
          .filter(digest -> locks.shared(digest, held -> !isRecorded(digest)))
          .forEach(digest ->
              findings.accept(
                  new CheckFinding(
                      CheckFinding.Kind.STRAY_FILE,
                      digest.toString(),
                      List.of(),
                      "no record knows this file",
                      false)));
    }
  }

  private boolean isRecorded(Digest digest) {
    return number("SELECT count(*) FROM blob WHERE digest = ?", digest.toString()) > 0;
  }

  private long number(String sql, Object... arguments) {
    return records.read(handle -> handle.select(sql, arguments).mapTo(Long.class).one());
  }

  private <T> T alone(Supplier<T> work) {
    try (Leases.Lease lease =
        leases
            .take(LEASE, LEASE_LENGTH)
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.CONFLICT,
                    "a collection or check of this registry is running",
                    "Wait until it ends."))) {
      Thread keeper = Thread.ofVirtual().name("upkeep-lease").start(() -> keep(lease));
      try {
        return work.get();
      } finally {
        keeper.interrupt();
      }
    }
  }

  private static void keep(Leases.Lease lease) {
    boolean held = true;
    while (held) {
      try {
        Thread.sleep(RENEWAL);
        held = lease.renew();
      } catch (InterruptedException e) {
        return;
      } catch (BullaException e) {
        // the records are away: perhaps they are back the next time
      }
    }
  }
}
