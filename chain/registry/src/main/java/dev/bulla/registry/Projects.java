package dev.bulla.registry;

import dev.bulla.store.Latest;
import dev.bulla.store.Records;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** To whom projects are open: the first components of the names of repositories. */
public final class Projects {
  /** Asked on every request, changed hardly ever. */
  private final Latest<Access> access;

  /** Those that are not open, and those from which everybody may pull. */
  private record Access(Set<String> closed, Set<String> everybody) {}

  Projects(Records records) {
    this.access = new Latest<>(records, "/projects", Projects::read);
  }

  /** Repositories by what their projects allow. */
  public enum Seen {
    /** Those of projects from which everybody may pull. */
    PUBLIC,
    /** Those, and those of open projects. */
    OPEN,
    /** Those of all projects, if their names are to be listed. */
    ALL,
    /** All. */
    STORED
  }

  /** The project of a repository. */
  static String of(String repository) {
    int slash = repository.indexOf('/');
    return slash < 0 ? repository : repository.substring(0, slash);
  }

  /**
   * Whether callers without a credential may use {@code repository}, if they are on this machine;
   * its project decides.
   */
  public boolean isOpen(String repository) {
    return !access.get().closed().contains(of(repository));
  }

  /** Whether everybody may pull from {@code repository}; its project decides. */
  public boolean isPublic(String repository) {
    return access.get().everybody().contains(of(repository));
  }

  /** Opens or closes all repositories of a project to callers without a credential. */
  public void setOpen(String project, boolean open) {
    set(
        "INSERT INTO project (name, open) VALUES (?, ?) "
            + "ON CONFLICT (name) DO UPDATE SET open = excluded.open",
        project,
        open);
  }

  /** Lets everybody pull from all repositories of a project, or no longer. */
  public void setPublic(String project, boolean everybody) {
    set(
        "INSERT INTO project (name, open, anonymous_pull) VALUES (?, 1, ?) "
            + "ON CONFLICT (name) DO UPDATE SET anonymous_pull = excluded.anonymous_pull",
        project,
        everybody);
  }

  private void set(String statement, String project, boolean value) {
    access.change(handle -> handle.execute(statement, project, value ? 1 : 0));
  }

  private static Access read(Handle handle) {
    return new Access(
        names(handle, "SELECT name FROM project WHERE open = 0"),
        names(handle, "SELECT name FROM project WHERE anonymous_pull = 1"));
  }

  private static Set<String> names(Handle handle, String select) {
    return Set.copyOf(handle.select(select).mapTo(String.class).list());
  }
}
