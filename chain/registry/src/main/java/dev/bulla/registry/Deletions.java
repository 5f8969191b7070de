package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.util.List;

/** What was deleted and can come back, until it is collected. */
public final class Deletions {
  private final Registry registry;
  private final ManifestTable manifests;
  private final ManifestRemoval removal;
  private final BlobTable blobs;
  private final DeletedManifests deleted;

  Deletions(
      Registry registry,
      ManifestTable manifests,
      ManifestRemoval removal,
      BlobTable blobs,
      DeletedManifests deleted) {
    this.registry = registry;
    this.manifests = manifests;
    this.removal = removal;
    this.blobs = blobs;
    this.deleted = deleted;
  }

  /**
   * Deletes all manifests and tags of a repository, or none if one of them must be kept; they can
   * be restored until they are collected.
   *
   * @throws BullaException {@link ErrorCode#REPOSITORY_NOT_FOUND}, {@link ErrorCode#CONTENT_LOCKED}
   */
  public RepositoryDeletion repository(String repository) {
    Names.check(repository);
    RepositoryDeletion gone = removal.deleteAll(repository);
    blobs.changed(List.of(repository));
    return gone;
  }

  /**
   * What was deleted and can be restored, the newest first.
   *
   * @param repository or the empty string for all
   */
  public List<DeletedManifest> list(String repository, int limit) {
    return deleted.list(repository, limit);
  }

  /**
   * Brings a deleted manifest back, with those of its tags that are not in use for something else.
   *
   * @return the tags that point at it again; or what it lacks
   * @throws BullaException {@link ErrorCode#MANIFEST_NOT_FOUND} if it was not deleted, or too long
   *     ago
   */
  public ManifestPush restore(String repository, Digest digest) {
    Names.check(repository);
    DeletedManifests.Kept kept =
        deleted
            .find(repository, digest)
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.MANIFEST_NOT_FOUND,
                    "repository %s has no deleted manifest %s".formatted(repository, digest),
                    "See 'bulla registry deleted'; what was collected is gone."));
    IncomingManifest parsed =
        IncomingManifest.parse(kept.manifest().bytes(), kept.manifest().mediaType());
    List<String> free =
        kept.tags().stream().filter(tag -> manifests.byTag(repository, tag).isEmpty()).toList();
    return registry.push(repository, kept.manifest(), parsed, free, PushCondition.NONE);
  }
}
