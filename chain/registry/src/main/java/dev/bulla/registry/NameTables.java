package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Latest;
import dev.bulla.store.Records;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Names of projects, repositories and tags. */
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
         AND NOT EXISTS (SELECT 1 FROM attribute_lock a WHERE a.repository = r.id
           AND a.kind = 'REPOSITORY' AND a.list_enabled = 0)
         AND (? = 1
           OR EXISTS (SELECT 1 FROM project p WHERE p.name = r.project AND p.anonymous_pull = 1)
           OR ? = 1 AND NOT EXISTS (
             SELECT 1 FROM project p WHERE p.name = r.project AND p.open = 0))
       ORDER BY r.name LIMIT ?\
      """;

  private final Records records;

  /** Asked on every request, changed hardly ever. */
  private final Latest<Projects> projects;

  /** Those that are not open, and those from which everybody may pull. */
  private record Projects(Set<String> closed, Set<String> everybody) {}

  NameTables(Records records) {
    this.records = records;
    this.projects = new Latest<>(records, "/projects", NameTables::readProjects);
  }

  boolean isOpen(String project) {
    return !projects.get().closed().contains(project);
  }

  boolean isPublic(String project) {
    return projects.get().everybody().contains(project);
  }

  void setOpen(String project, boolean open) {
    set(
        "INSERT INTO project (name, open) VALUES (?, ?) "
            + "ON CONFLICT (name) DO UPDATE SET open = excluded.open",
        project,
        open);
  }

  void setPublic(String project, boolean everybody) {
    set(
        "INSERT INTO project (name, open, anonymous_pull) VALUES (?, 1, ?) "
            + "ON CONFLICT (name) DO UPDATE SET anonymous_pull = excluded.anonymous_pull",
        project,
        everybody);
  }

  private void set(String statement, String project, boolean value) {
    projects.change(handle -> handle.execute(statement, project, value ? 1 : 0));
  }

  private static Projects readProjects(Handle handle) {
    Set<String> closed =
        Set.copyOf(
            handle.select("SELECT name FROM project WHERE open = 0").mapTo(String.class).list());
    return new Projects(
        closed,
        Set.copyOf(
            handle
                .select("SELECT name FROM project WHERE anonymous_pull = 1")
                .mapTo(String.class)
                .list()));
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

  Page<String> repositories(String last, int limit, Registry.Seen seen) {
    int all = seen == Registry.Seen.ALL ? 1 : 0;
    int open = seen == Registry.Seen.OPEN ? 1 : 0;
    return records.read(handle ->
        Page.of(
            handle.select(REPOSITORIES, last, all, open, limit + 1L).mapTo(String.class).list(),
            limit));
  }
}
