package dev.bulla.registry;

import dev.bulla.core.json.Json;
import dev.bulla.registry.RetentionReport.Removed;
import dev.bulla.store.Records;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Removes from a project whose content can be had again what nobody has asked for the longest: an
 * image with its parts, its evidence and its tags.
 *
 * <p>What somebody has {@link Protection protected}, what a retention rule keeps by its tag, and
 * what another registry holds a receipt about stays, whatever space it takes. Each image is judged
 * in the transaction in which it goes. What goes cannot be restored here; collection frees the
 * space of its blobs.
 */
public final class Eviction {
  private static final String IN_PROJECT =
      """
      SELECT id FROM repository WHERE name >= ? AND name < ?\
      """;

  private static final String USED =
      """
      SELECT coalesce(sum(b.size), 0) FROM blob b
       WHERE b.digest IN (SELECT l.digest FROM link l WHERE l.repository IN (%1$s))
         AND b.digest IN (SELECT e.child FROM edge e JOIN manifest m ON m.id = e.manifest
           WHERE m.repository IN (%1$s))\
      """
          .formatted(IN_PROJECT);

  private static final String LONGEST_UNUSED_FIRST =
      """
      SELECT r.id, r.name, m.digest,
        CASE WHEN coalesce(p.at, 0) > m.pushed THEN p.at ELSE m.pushed END AS used
        FROM manifest m JOIN repository r ON r.id = m.repository
        LEFT JOIN pull p ON p.repository = m.repository AND p.digest = m.digest
       WHERE r.name >= ? AND r.name < ? AND m.subject IS NULL AND NOT EXISTS (
         SELECT 1 FROM edge e JOIN manifest o ON o.id = e.manifest
          WHERE e.child = m.digest AND o.repository = m.repository AND e.role = 'MANIFEST')
       ORDER BY used, r.name, m.digest\
      """;

  /** The blobs of an image and of its parts. */
  private static final String BLOBS =
      """
      SELECT DISTINCT e.child FROM edge e JOIN manifest m ON m.id = e.manifest
       WHERE m.repository = ? AND e.role <> 'MANIFEST' AND (m.digest = ? OR m.digest IN (
         SELECT c.child FROM edge c JOIN manifest w ON w.id = c.manifest
          WHERE w.repository = m.repository AND w.digest = ? AND c.role = 'MANIFEST'))\
      """;

  /** The size of a blob that no manifest of the project is made of any more. */
  private static final String FREED =
      """
      SELECT b.size FROM blob b WHERE b.digest = ? AND EXISTS (
         SELECT 1 FROM link l WHERE l.digest = b.digest AND l.repository IN (%1$s))
       AND NOT EXISTS (SELECT 1 FROM edge e JOIN manifest m ON m.id = e.manifest
         WHERE e.child = b.digest AND m.repository IN (%1$s))\
      """
          .formatted(IN_PROJECT);

  /**
   * How much may stay.
   *
   * @param bytes of blobs, 0 without bound
   * @param unused what nobody has asked for so long goes; zero without bound
   */
  public record Bounds(long bytes, Duration unused) {
    public static final Bounds NONE = new Bounds(0, Duration.ZERO);

    public Bounds {
      if (bytes < 0 || unused.isNegative()) {
        throw new IllegalArgumentException("negative bounds");
      }
    }
  }

  /** Whether somebody outside relies on a manifest; asked in the transaction. */
  @FunctionalInterface
  public interface Relied {
    boolean on(Handle handle, String repository, String digest);
  }

  /**
   * What went, or would.
   *
   * @param before bytes of the blobs of the project
   * @param after the same afterwards
   * @param kept images that would have gone if nothing protected them
   */
  public record Report(
      String project, boolean dryRun, long before, long after, List<Removed> removed, long kept) {
    public Report {
      removed = List.copyOf(removed);
    }

    public ObjectNode toJson() {
      ObjectNode node = Json.object().put("project", project).put("dryRun", dryRun);
      node.put("bytesBefore", before).put("bytesAfter", after).put("kept", kept);
      ArrayNode all = node.putArray("removed");
      for (Removed one : removed) {
        ObjectNode entry = all.addObject();
        entry.put("repository", one.repository()).put("digest", one.digest());
        ArrayNode tags = entry.putArray("tags");
        one.tags().forEach(tags::add);
        entry.put("reason", one.reason());
      }
      return node;
    }
  }

  private record Image(long id, String repository, String digest, long used) {}

  /** Undoes a dry run. */
  private static final class Undone extends RuntimeException {
    private static final long serialVersionUID = 1;

    Undone() {
      super(null, null, false, false);
    }
  }

  private final Records records;
  private final ManifestTable manifests;
  private final Pulls pulls;
  private final Retention retention;
  private final InstantSource clock;

  Eviction(
      Records records,
      ManifestTable manifests,
      Pulls pulls,
      Retention retention,
      InstantSource clock) {
    this.records = records;
    this.manifests = manifests;
    this.pulls = pulls;
    this.retention = retention;
    this.clock = clock;
  }

  /** Bytes of the blobs that the images of a project are made of and that are here, each once. */
  public long usedBytes(String project) {
    return records.read(handle -> used(handle, project));
  }

  private static long used(Handle handle, String project) {
    String from = project + "/";
    String to = project + "0";
    return handle.select(USED, from, to, from, to).mapTo(Long.class).one();
  }

  /** Removes what is beyond the bounds, or only tells. */
  public Report run(String project, Bounds bounds, Relied relied, boolean dryRun) {
    pulls.flush();
    Work work = new Work(project, bounds, relied);
    long before = usedBytes(project);
    work.bytes = before;
    List<Image> images = images(project);
    if (dryRun) {
      try {
        records.write(handle -> {
          work.reset(before);
          images.forEach(image -> work.look(handle, image));
          throw new Undone();
        });
      } catch (Undone e) {
        // nothing has happened
      }
      images.forEach(image -> manifests.changed(image.repository));
      return work.report(true, before, work.bytes);
    }
    for (Image image : images) {
      if (work.wants(image)) {
        try {
          records.write(handle -> {
            records.changes().mark(handle, image.repository);
            return work.look(handle, image);
          });
        } finally {
          manifests.changed(image.repository);
        }
      }
    }
    return work.report(false, before, usedBytes(project));
  }

  private List<Image> images(String project) {
    return records.read(handle ->
        handle
            .select(LONGEST_UNUSED_FIRST, project + "/", project + "0")
            .map((row, context) ->
                new Image(row.getLong(1), row.getString(2), row.getString(3), row.getLong(4)))
            .list());
  }

  /** One run. */
  private final class Work {
    private final String project;
    private final Bounds bounds;
    private final Relied relied;
    private final List<Removed> removed = new ArrayList<>();
    private long bytes;
    private long kept;

    Work(String project, Bounds bounds, Relied relied) {
      this.project = project;
      this.bounds = bounds;
      this.relied = relied;
    }

    /** A transaction may be tried again. */
    void reset(long before) {
      removed.clear();
      bytes = before;
      kept = 0;
    }

    boolean wants(Image image) {
      return reason(image).isPresent();
    }

    private Optional<String> reason(Image image) {
      long age = clock.millis() - image.used;
      if (bounds.unused.isPositive() && age > bounds.unused.toMillis()) {
        return Optional.of("nobody has asked for it for " + bounds.unused.toHours() + " hours");
      }
      return bounds.bytes > 0 && bytes > bounds.bytes
          ? Optional.of("asked for the longest ago, and the cache is full")
          : Optional.empty();
    }

    boolean look(Handle handle, Image image) {
      Optional<String> reason = reason(image);
      if (reason.isEmpty()) {
        return false;
      }
      List<String> tags = tags(handle, image);
      boolean evidence = !tags.isEmpty() && tags.stream().allMatch(EvidenceRule::isTag);
      if (evidence) {
        return false; // goes with what it is about
      }
      Set<String> keeping = retention.keptTags(handle, image.id, image.repository);
      if (tags.stream().anyMatch(keeping::contains)
          || Protection.kept(handle, image.id, image.repository, image.digest).isPresent()
          || relied.on(handle, image.repository, image.digest)) {
        kept++;
        return false;
      }
      List<String> blobs =
          handle.select(BLOBS, image.id, image.digest, image.digest).mapTo(String.class).list();
      List<Removed> gone = new ArrayList<>();
      Retention.Repository in = new Retention.Repository(image.id, image.repository);
      retention.remove(handle, in, image.digest, tags, reason.get(), gone);
      for (Removed one : gone) {
        handle.execute(
            "DELETE FROM deleted_manifest WHERE repository = ? AND digest = ?",
            image.id,
            one.digest());
      }
      blobs.forEach(blob -> bytes -= freed(handle, blob));
      return removed.addAll(gone);
    }

    private List<String> tags(Handle handle, Image image) {
      return handle
          .select(
              "SELECT name FROM tag WHERE repository = ? AND digest = ? ORDER BY name",
              image.id,
              image.digest)
          .mapTo(String.class)
          .list();
    }

    private long freed(Handle handle, String blob) {
      String from = project + "/";
      String to = project + "0";
      return handle.select(FREED, blob, from, to, from, to).mapTo(Long.class).findOne().orElse(0L);
    }

    Report report(boolean dryRun, long before, long after) {
      return new Report(project, dryRun, before, after, removed, kept);
    }
  }
}
