package dev.bulla.registry;

import java.time.Instant;
import org.jdbi.v3.core.Handle;

/** The rows of repositories, for use inside a transaction of another table. */
final class Repositories {
  private Repositories() {}

  /** The id of a repository, which is made if it is new. */
  static long idOf(Handle handle, String name, Instant now) {
    handle.execute(
        "INSERT INTO repository (name, project, created) VALUES (?, ?, ?)"
            + " ON CONFLICT (name) DO NOTHING",
        name,
        Projects.of(name),
        now.toEpochMilli());
    return handle.select("SELECT id FROM repository WHERE name = ?", name).mapTo(Long.class).one();
  }
}
