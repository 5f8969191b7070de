package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Records;
import java.util.List;

/** Names of repositories and tags. */
final class NameTables {
  private static final String TAGS =
      """
      SELECT t.name FROM tag t JOIN repository r ON r.id = t.repository
       WHERE r.name = ? AND t.name > ? AND NOT EXISTS (
         SELECT 1 FROM attribute_lock a WHERE a.repository = r.id AND a.kind = 'TAG'
            AND a.name = t.name AND a.list_enabled = 0)
       ORDER BY t.name LIMIT ?\
      """;

  private static final String REPOSITORIES =
      """
      SELECT r.name FROM repository r
       WHERE r.name > ?
         AND (EXISTS (SELECT 1 FROM manifest m WHERE m.repository = r.id)
           OR EXISTS (SELECT 1 FROM link l WHERE l.repository = r.id)
             AND NOT EXISTS (SELECT 1 FROM deleted_manifest d WHERE d.repository = r.id))
         AND (? = 1 OR NOT EXISTS (SELECT 1 FROM attribute_lock a WHERE a.repository = r.id
           AND a.kind = 'REPOSITORY' AND a.list_enabled = 0))
         AND (? = 1
           OR EXISTS (SELECT 1 FROM project p WHERE p.name = r.project AND p.anonymous_pull = 1)
           OR ? = 1 AND NOT EXISTS (
             SELECT 1 FROM project p WHERE p.name = r.project AND p.open = 0))
       ORDER BY r.name LIMIT ?\
      """;

  private final Records records;

  NameTables(Records records) {
    this.records = records;
  }

  Page<String> tags(String repository, String last, int limit) {
    return records.read(handle -> {
      boolean known =
          handle
              .select("SELECT 1 FROM repository WHERE name = ?", repository)
              .mapTo(Integer.class)
              .findOne()
              .isPresent();
      if (!known) {
        throw new BullaException(
            ErrorCode.REPOSITORY_NOT_FOUND, "there is no repository " + repository);
      }
      List<String> found =
          handle.select(TAGS, repository, last, limit + 1L).mapTo(String.class).list();
      return Page.of(found, limit);
    });
  }

  Page<String> repositories(String last, int limit, Projects.Seen seen) {
    int stored = seen == Projects.Seen.STORED ? 1 : 0;
    int all = seen == Projects.Seen.ALL ? 1 : stored;
    int open = seen == Projects.Seen.OPEN ? 1 : 0;
    return records.read(handle ->
        Page.of(
            handle
                .select(REPOSITORIES, last, stored, all, open, limit + 1L)
                .mapTo(String.class)
                .list(),
            limit));
  }
}
