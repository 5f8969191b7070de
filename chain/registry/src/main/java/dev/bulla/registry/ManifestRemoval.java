package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** How manifests and tags go, with all that is recorded about them. */
final class ManifestRemoval {
  private final ManifestTable manifests;
  private final InstantSource clock;

  ManifestRemoval(ManifestTable manifests, InstantSource clock) {
    this.manifests = manifests;
    this.clock = clock;
  }

  /** Deletes a manifest with its tags; it can be restored until it is collected. */
  boolean delete(String repository, Digest digest) {
    Instant now = clock.instant();
    return manifests.change(
        repository,
        handle -> {
          Optional<Long> id = ManifestTable.idOf(handle, repository);
          if (id.isEmpty()) {
            return false;
          }
          Protection.requireDeletable(handle, id.get(), repository, digest.toString());
          return delete(handle, id.get(), repository, digest.toString(), now);
        });
  }

  /**
   * The same inside a transaction, for who has asked {@link Protection}; it must mark the
   * repository, and {@link ManifestTable#changed} follow its commit.
   */
  static boolean delete(Handle handle, long repository, String name, String digest, Instant now) {
    boolean admitted = ManifestEvents.isAdmitted(handle, repository, digest);
    if (!DeletedManifests.keep(handle, repository, digest, now)) {
      return false;
    }
    handle.execute("DELETE FROM manifest WHERE repository = ? AND digest = ?", repository, digest);
    Protection.forget(handle, repository, Protection.Kind.MANIFEST, digest);
    handle.execute(
        "DELETE FROM attribute_lock WHERE repository = ? AND kind = 'TAG' AND name IN ("
            + "SELECT name FROM tag WHERE repository = ? AND digest = ?)",
        repository,
        repository,
        digest);
    for (String table : List.of("tag", "pending_tag", "referrer", "admission", "pull")) {
      handle.execute(
          "DELETE FROM " + table + " WHERE repository = ? AND digest = ?", repository, digest);
    }
    handle.execute(
        "DELETE FROM receipt WHERE repository = ? AND (subject = ? OR manifest = ?)",
        repository,
        digest,
        digest);
    ManifestEvents.deleted(handle, now, name, digest, admitted);
    return true;
  }

  /** Deletes everything in a repository, or nothing if something must be kept. */
  RepositoryDeletion deleteAll(String repository) {
    Instant now = clock.instant();
    return manifests.change(
        repository,
        handle -> {
          long id =
              ManifestTable.idOf(handle, repository)
                  .orElseThrow(() ->
                      new BullaException(
                          ErrorCode.REPOSITORY_NOT_FOUND, "there is no repository " + repository));
          List<String> digests = names(handle, "SELECT digest FROM manifest", id);
          if (digests.isEmpty()) {
            throw new BullaException(
                ErrorCode.REPOSITORY_NOT_FOUND, "repository " + repository + " holds nothing");
          }
          digests.forEach(digest -> Protection.requireDeletable(handle, id, repository, digest));
          List<String> tags = names(handle, "SELECT name FROM tag", id);
          digests.forEach(digest -> delete(handle, id, repository, digest, now));
          handle.execute("DELETE FROM attribute_lock WHERE repository = ?", id);
          ManifestTable.event(
              handle, now, "registry.repository.deleted", repository, repository, "");
          return new RepositoryDeletion(digests, tags);
        });
  }

  private static List<String> names(Handle handle, String select, long repository) {
    return handle
        .select(select + " WHERE repository = ? ORDER BY 1", repository)
        .mapTo(String.class)
        .list();
  }

  boolean deleteTag(String repository, String tag) {
    Instant now = clock.instant();
    return manifests.change(
        repository,
        handle -> {
          Optional<Long> id = ManifestTable.idOf(handle, repository);
          if (id.isEmpty()) {
            return false;
          }
          Protection.requireTagDeletable(handle, id.get(), repository, tag);
          Protection.forget(handle, id.get(), Protection.Kind.TAG, tag);
          Optional<String> digest =
              handle
                  .select(
                      "DELETE FROM tag WHERE repository = ? AND name = ? RETURNING digest",
                      id.get(),
                      tag)
                  .mapTo(String.class)
                  .findOne();
          digest.ifPresent(
              one -> ManifestEvents.tagDeleted(handle, now, id.get(), repository, tag, one));
          Optional<String> waited =
              handle
                  .select(
                      "DELETE FROM pending_tag WHERE repository = ? AND name = ? RETURNING digest",
                      id.get(),
                      tag)
                  .mapTo(String.class)
                  .findOne();
          if (digest.isEmpty()) {
            waited.ifPresent(
                one -> ManifestEvents.tagDeleted(handle, now, id.get(), repository, tag, one));
          }
          return digest.isPresent() || waited.isPresent();
        });
  }
}
