package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.store.Records;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What there is, as its owner sees it: also what is not listed or not admitted. Thread-safe. */
public final class Listing {
  private static final String REPOSITORIES =
      """
      SELECT r.name,
        (SELECT count(*) FROM manifest m WHERE m.repository = r.id),
        (SELECT count(*) FROM tag t WHERE t.repository = r.id),
        (SELECT coalesce(max(m.pushed), r.created) FROM manifest m WHERE m.repository = r.id)
        FROM repository r
       WHERE r.name > ?
         AND (EXISTS (SELECT 1 FROM manifest m WHERE m.repository = r.id)
           OR EXISTS (SELECT 1 FROM link l WHERE l.repository = r.id))
       ORDER BY r.name LIMIT ?\
      """;

  private static final String TAGS =
      """
      SELECT x.name, t.digest, t.moved, p.digest FROM (
          SELECT a.name FROM (SELECT name FROM tag
             WHERE repository = ? AND name > ? ORDER BY name LIMIT ?) a
          UNION SELECT b.name FROM (SELECT name FROM pending_tag
             WHERE repository = ? AND name > ? ORDER BY name LIMIT ?) b) x
        LEFT JOIN tag t ON t.repository = ? AND t.name = x.name
        LEFT JOIN pending_tag p ON p.repository = ? AND p.name = x.name
       ORDER BY x.name LIMIT ?\
      """;

  /**
   * A repository.
   *
   * @param pushed when a manifest came last
   */
  public record Entry(String name, long manifests, long tags, Instant pushed) {}

  /**
   * A tag.
   *
   * @param digest that readers get; empty if nothing was ever admitted
   * @param moved when it came to point there
   * @param waiting what was pushed and is not admitted yet
   */
  public record Tag(
      String name, Optional<Digest> digest, Optional<Instant> moved, Optional<Digest> waiting) {}

  private final Records records;

  Listing(Records records) {
    this.records = records;
  }

  /**
   * Repositories that hold something, by name.
   *
   * @param glob {@code *} stands for a part of a name, {@code **} also for slashes
   * @param last the name after which to go on, or the empty string
   */
  public Page<Entry> repositories(String glob, String last, int limit) {
    NamePattern.checkRepositories(glob);
    List<Entry> found = new ArrayList<>();
    Page<Entry> page = new Page<>(List.of(), true);
    for (String after = last; page.more() && found.size() <= limit; ) {
      String from = after;
      page =
          records.read(handle ->
              Page.of(
                  handle
                      .select(REPOSITORIES, from, limit + 1L)
                      .map((row, context) ->
                          new Entry(
                              row.getString(1),
                              row.getLong(2),
                              row.getLong(3),
                              Instant.ofEpochMilli(row.getLong(4))))
                      .list(),
                  limit));
      page.entries().stream()
          .filter(one -> NamePattern.matches(glob, one.name()))
          .forEach(found::add);
      after = page.entries().isEmpty() ? after : page.entries().getLast().name();
    }
    return Page.of(found, limit);
  }

  /**
   * Tags of a repository by name, also those that wait.
   *
   * @param last the tag after which to go on, or the empty string
   * @throws dev.bulla.core.BullaException {@code REPOSITORY_NOT_FOUND}
   */
  public Page<Tag> tags(String repository, String last, int limit) {
    Names.check(repository);
    return records.read(handle -> {
      long id =
          ManifestTable.idOf(handle, repository)
              .orElseThrow(() -> RegistryProperties.noRepository(repository));
      long some = limit + 1L;
      return Page.of(
          handle
              .select(TAGS, id, last, some, id, last, some, id, id, some)
              .map((row, context) -> {
                Optional<Digest> digest = Optional.ofNullable(row.getString(2)).map(Digest::parse);
                long moved = row.getLong(3);
                return new Tag(
                    row.getString(1),
                    digest,
                    digest.map(there -> Instant.ofEpochMilli(moved)),
                    Optional.ofNullable(row.getString(4)).map(Digest::parse));
              })
              .list(),
          limit);
    });
  }
}
