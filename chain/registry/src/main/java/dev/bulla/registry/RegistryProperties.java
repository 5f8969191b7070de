package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.Protection.Kind;
import dev.bulla.store.Records;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * What is recorded about repositories, manifests and tags beside their content: times, counts,
 * attributes. Thread-safe.
 */
public final class RegistryProperties {
  /** How lists are ordered; entries of the same time by name. */
  public enum Order {
    NAME,
    OLDEST_FIRST,
    NEWEST_FIRST
  }

  /**
   * Where a list goes on.
   *
   * @param name of the last entry, or the empty string at the beginning
   * @param time of the last entry; counts only if the list is ordered by time
   */
  public record After(String name, long time) {
    public static final After BEGINNING = new After("", 0);
  }

  /**
   * @param updated the newest push or move of a tag
   */
  public record RepositoryRow(
      String name,
      Instant created,
      Instant updated,
      long manifests,
      long tags,
      Attributes attributes) {}

  /**
   * @param size of the manifest and of what it is made of directly, in bytes
   */
  public record ManifestRow(
      Digest digest,
      String mediaType,
      long size,
      Instant pushed,
      List<String> tags,
      Attributes attributes) {}

  /** A tag as it is. */
  public record TagRow(
      String name, Digest digest, Instant created, Instant moved, Attributes attributes) {}

  private static final String REPOSITORY =
      """
      SELECT r.id, r.created,
        (SELECT count(*) FROM manifest m WHERE m.repository = r.id),
        (SELECT count(*) FROM tag t WHERE t.repository = r.id),
        (SELECT coalesce(max(m.pushed), 0) FROM manifest m WHERE m.repository = r.id),
        (SELECT coalesce(max(t.moved), 0) FROM tag t WHERE t.repository = r.id)
        FROM repository r WHERE r.name = ?\
      """;

  private static final String MANIFESTS =
      """
      SELECT m.digest, m.media_type, m.size + (
          SELECT coalesce(sum(b.size), 0) FROM blob b WHERE b.digest IN (
            SELECT e.child FROM edge e WHERE e.manifest = m.id AND e.role IN ('CONFIG', 'LAYER'))),
        m.pushed
        FROM manifest m WHERE m.repository = ? AND %s LIMIT ?\
      """;

  private static final String TAGS =
      """
      SELECT t.name, t.digest, t.created, t.moved FROM tag t
       WHERE t.repository = ? AND (? = '' OR t.digest = ?) AND %s LIMIT ?\
      """;

  /** A manifest or tag whose attributes leave it out of lists. */
  private static final String UNLISTED =
      """
      EXISTS (SELECT 1 FROM attribute_lock a WHERE a.repository = %s AND a.kind = '%s'
        AND a.name = %s AND a.list_enabled = 0)\
      """;

  private final Records records;

  RegistryProperties(Records records) {
    this.records = records;
  }

  /**
   * @throws BullaException {@link ErrorCode#REPOSITORY_NOT_FOUND} also if it holds no manifest
   */
  public RepositoryRow repository(String name) {
    Names.check(name);
    return records.read(handle ->
        handle
            .select(REPOSITORY, name)
            .map((row, context) ->
                new RepositoryRow(
                    name,
                    Instant.ofEpochMilli(row.getLong(2)),
                    Instant.ofEpochMilli(
                        Math.max(row.getLong(2), Math.max(row.getLong(5), row.getLong(6)))),
                    row.getLong(3),
                    row.getLong(4),
                    Protection.attributes(handle, row.getLong(1), Kind.REPOSITORY, "")))
            .findOne()
            .filter(row -> row.manifests() > 0)
            .orElseThrow(() -> noRepository(name)));
  }

  /**
   * A manifest.
   *
   * @throws BullaException {@link ErrorCode#MANIFEST_NOT_FOUND}
   */
  public ManifestRow manifest(String repository, Digest digest) {
    Names.check(repository);
    return records.read(handle -> {
      long id = ManifestTable.idOf(handle, repository).orElseThrow(() -> noRepository(repository));
      String sql = MANIFESTS.formatted("m.digest = ?");
      return manifests(handle, id, sql, id, digest.toString(), 1).stream()
          .findFirst()
          .orElseThrow(() -> Names.noManifest(repository, digest.toString()));
    });
  }

  /** Manifests that lists may name. */
  public Page<ManifestRow> manifests(String repository, Order order, After after, int limit) {
    Names.check(repository);
    return records.read(handle -> {
      long id = ManifestTable.idOf(handle, repository).orElseThrow(() -> noRepository(repository));
      String sql =
          MANIFESTS.formatted(
              "NOT "
                  + UNLISTED.formatted("m.repository", Kind.MANIFEST, "m.digest")
                  + " AND "
                  + following("m.digest", "m.pushed", order, after));
      return Page.of(manifests(handle, id, sql, arguments(order, after, limit, id)), limit);
    });
  }

  /**
   * A tag.
   *
   * @throws BullaException {@link ErrorCode#MANIFEST_NOT_FOUND}
   */
  public TagRow tag(String repository, String tag) {
    Names.check(repository);
    return records.read(handle -> {
      long id = ManifestTable.idOf(handle, repository).orElseThrow(() -> noRepository(repository));
      return tags(handle, id, TAGS.formatted("t.name = ?"), id, "", "", tag, 1).stream()
          .findFirst()
          .orElseThrow(() -> Names.noManifest(repository, tag));
    });
  }

  /** Tags that lists may name; of one manifest, if {@code digest} is there. */
  public Page<TagRow> tags(
      String repository, Optional<Digest> digest, Order order, After after, int limit) {
    Names.check(repository);
    String of = digest.map(Digest::toString).orElse("");
    return records.read(handle -> {
      long id = ManifestTable.idOf(handle, repository).orElseThrow(() -> noRepository(repository));
      String sql =
          TAGS.formatted(
              "NOT "
                  + UNLISTED.formatted("t.repository", Kind.TAG, "t.name")
                  + " AND "
                  + following("t.name", "t.moved", order, after));
      return Page.of(tags(handle, id, sql, arguments(order, after, limit, id, of, of)), limit);
    });
  }

  private static List<ManifestRow> manifests(
      Handle handle, long repository, String sql, Object... arguments) {
    return handle
        .select(sql, arguments)
        .map((row, context) -> {
          String digest = row.getString(1);
          return new ManifestRow(
              Digest.parse(digest),
              row.getString(2),
              row.getLong(3),
              Instant.ofEpochMilli(row.getLong(4)),
              handle
                  .select(
                      "SELECT name FROM tag WHERE repository = ? AND digest = ? ORDER BY name",
                      repository,
                      digest)
                  .mapTo(String.class)
                  .list(),
              Protection.attributes(handle, repository, Kind.MANIFEST, digest));
        })
        .list();
  }

  private static List<TagRow> tags(
      Handle handle, long repository, String sql, Object... arguments) {
    return handle
        .select(sql, arguments)
        .map((row, context) -> {
          long created = row.getLong(3);
          long moved = row.getLong(4);
          return new TagRow(
              row.getString(1),
              Digest.parse(row.getString(2)),
              Instant.ofEpochMilli(created == 0 ? moved : created),
              Instant.ofEpochMilli(moved),
              Protection.attributes(handle, repository, Kind.TAG, row.getString(1)));
        })
        .list();
  }

  /** What comes after an entry, in order; its parameters are {@link #arguments}. */
  private static String following(String name, String time, Order order, After after) {
    boolean begins = after.name().isEmpty();
    return switch (order) {
      case NAME -> "%s > ? ORDER BY %s".formatted(name, name);
      case OLDEST_FIRST ->
          begins
              ? "%s > ? ORDER BY %s, %s".formatted(name, time, name)
              : "(%s > ? OR %s = ? AND %s > ?) ORDER BY %s, %s"
                  .formatted(time, time, name, time, name);
      case NEWEST_FIRST ->
          begins
              ? "%s > ? ORDER BY %s DESC, %s".formatted(name, time, name)
              : "(%s < ? OR %s = ? AND %s > ?) ORDER BY %s DESC, %s"
                  .formatted(time, time, name, time, name);
    };
  }

  private static Object[] arguments(Order order, After after, int limit, Object... first) {
    List<Object> all = new ArrayList<>(List.of(first));
    if (order != Order.NAME && !after.name().isEmpty()) {
      all.add(after.time());
      all.add(after.time());
    }
    all.add(after.name());
    all.add(limit + 1L);
    return all.toArray();
  }

  static BullaException noRepository(String name) {
    return new BullaException(ErrorCode.REPOSITORY_NOT_FOUND, "there is no repository " + name);
  }
}
