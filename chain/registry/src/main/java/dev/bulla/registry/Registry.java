package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.oci.Manifest;
import dev.bulla.store.Blob;
import dev.bulla.store.Blobs;
import dev.bulla.store.Records;
import dev.bulla.store.Schema;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Images and artifacts by name: what the distribution protocol can ask for, without HTTP.
 *
 * <p>Blobs are acknowledged when their file and their link are durable, manifests and tags when
 * their transaction is. A repository comes to be with its first content. Thread-safe; failures are
 * {@link BullaException}s whose codes the protocol face translates.
 */
public final class Registry {
  /** The tables that {@link Records} must be opened with. */
  public static final Schema SCHEMA = new Schema("registry", 9);

  /** The largest manifest: 4 MiB. */
  public static final int MAX_MANIFEST = 4 * 1024 * 1024;

  private final Blobs blobs;
  private final BlobLocks blobLocks;
  private final BlobTable blobTable;
  private final ManifestTable manifests;
  private final NameTables names;
  private final DeletedManifests deleted;
  private final Upkeep upkeep;
  private final ContentTrust trust;
  private final ContentLocks locks;
  private final RegistryProperties properties;
  private final Quotas quotas;
  private final Pulls pulls;
  private final Retention retention;

  public Registry(Records records, Blobs blobs, InstantSource clock) {
    this.blobs = blobs;
    this.blobLocks =
        records.isShared() ? new SharedBlobLocks(records, blobs) : new LocalBlobLocks();
    this.blobTable = new BlobTable(records, clock);
    this.manifests = new ManifestTable(records, clock);
    this.names = new NameTables(records);
    this.deleted = new DeletedManifests(records);
    this.trust =
        new ContentTrust(
            this,
            manifests,
            new AdmissionTable(records, clock),
            new Bindings(records, clock),
            records,
            clock);
    this.upkeep = new Upkeep(records, blobs, blobLocks, blobTable, manifests, clock);
    this.locks = new ContentLocks(records, manifests, blobTable, clock);
    this.properties = new RegistryProperties(records);
    this.quotas = new Quotas(records, clock);
    this.pulls = new Pulls(records, clock);
    this.retention = new Retention(records, manifests, pulls, clock);
  }

  /** What readers may see. */
  public ContentTrust trust() {
    return trust;
  }

  /** What may not be changed. */
  public ContentLocks locks() {
    return locks;
  }

  /** Which tags and manifests may go. */
  public Retention retention() {
    return retention;
  }

  /** Notes that a manifest was pulled; costs next to nothing. */
  public void pulled(String repository, Digest digest) {
    pulls.pulled(repository, digest);
  }

  /** What projects may have at most. */
  public Quotas quotas() {
    return quotas;
  }

  /** Times, counts and attributes. */
  public RegistryProperties properties() {
    return properties;
  }

  /** Collection, check and usage. */
  public Upkeep upkeep() {
    return upkeep;
  }

  /**
   * Whether callers without a credential may use {@code repository}, if they are on this machine;
   * its project decides.
   */
  public boolean isOpen(String repository) {
    return names.isOpen(projectOf(repository));
  }

  /** Opens or closes all repositories of a project to callers without a credential. */
  public void setOpen(String project, boolean open) {
    names.setOpen(project, open);
  }

  /** Whether everybody may pull from {@code repository}; its project decides. */
  public boolean isPublic(String repository) {
    return names.isPublic(projectOf(repository));
  }

  /** Lets everybody pull from all repositories of a project, or no longer. */
  public void setPublic(String project, boolean everybody) {
    names.setPublic(project, everybody);
  }

  // Blobs

  public Blobs.Upload beginUpload(String repository, Digest.Algorithm likely) {
    check(repository);
    return blobs.begin(likely);
  }

  /**
   * @throws BullaException {@link ErrorCode#UPLOAD_NOT_FOUND}
   */
  public Blobs.Upload upload(String repository, String id) {
    check(repository);
    return blobs
        .resume(id)
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.UPLOAD_NOT_FOUND,
                "there is no upload " + Shown.text(id) + " in " + repository,
                "Begin a new upload."));
  }

  /** Ends an upload: verified, durable and linked into the repository when this returns. */
  public void commit(String repository, Blobs.Upload upload, Digest digest) {
    check(repository);
    blobLocks.shared(
        digest,
        held -> {
          long size = upload.commit(digest);
          blobTable.store(repository, digest, size, held);
          return size;
        });
  }

  /** Links a blob of another repository into this one; false if {@code from} has no such blob. */
  public boolean mount(String repository, Digest digest, String from) {
    check(repository);
    check(from);
    return blobTable.mount(repository, digest, from);
  }

  /** Some repositories that have a blob, by name. */
  public List<String> repositoriesWith(Digest digest, int limit) {
    return blobTable.repositoriesWith(digest, limit);
  }

  /**
   * The size of a blob in bytes. Who is told it may rely on the blob for a push: it is whole, and
   * collection leaves it alone for a while.
   *
   * @throws BullaException {@link ErrorCode#BLOB_NOT_FOUND} if the repository does not link it, or
   *     its file was found damaged
   */
  public long blobSize(String repository, Digest digest) {
    check(repository);
    return blobTable.promise(repository, digest).orElseThrow(() -> noBlob(repository, digest));
  }

  /**
   * A blob, open for reading.
   *
   * @throws BullaException {@link ErrorCode#BLOB_NOT_FOUND} if the repository does not link it
   */
  public Blob blob(String repository, Digest digest) {
    check(repository);
    long size = blobTable.size(repository, digest).orElseThrow(() -> noBlob(repository, digest));
    return blobs
        .open(digest)
        .or(() -> blobs.revive(digest) ? blobs.open(digest) : Optional.empty())
        .filter(blob -> blob.size() == size)
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.STORE_CORRUPT,
                "blob %s of %s is recorded with %d bytes, but its file is absent or cut"
                    .formatted(digest, repository, size),
                "Push it again, or restore the blobs directory from a backup."));
  }

  /**
   * Unlinks a blob from the repository. Its bytes stay for others, and are collected if there are
   * none.
   */
  public void deleteBlob(String repository, Digest digest) {
    check(repository);
    if (!blobTable.unlink(repository, digest)) {
      throw noBlob(repository, digest);
    }
  }

  // Manifests

  /**
   * Stores a manifest under {@code digest}, or its SHA-256 if there is none, and points tags at it.
   *
   * @param contentType of the request, may be empty
   * @throws BullaException {@code INPUT_TOO_LARGE}, {@code DIGEST_MISMATCH}, {@code
   *     MANIFEST_INVALID}, JSON errors
   */
  public ManifestPush pushManifest(
      String repository,
      byte[] bytes,
      String contentType,
      Optional<Digest> digest,
      List<String> tags) {
    check(repository);
    if (bytes.length > MAX_MANIFEST) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "the manifest has %d bytes, at most %d are taken".formatted(bytes.length, MAX_MANIFEST));
    }
    tags.forEach(Registry::checkTag);
    Digest stored = digest.map(d -> verified(d, bytes)).orElseGet(() -> Digest.sha256(bytes));
    IncomingManifest manifest = IncomingManifest.parse(bytes, contentType);
    return push(
        repository, new StoredManifest(manifest.mediaType(), stored, bytes), manifest, tags);
  }

  /**
   * Stores a manifest that comes from another registry: where readers see only what is admitted its
   * tags wait for that, also if the binding would refuse a push.
   *
   * @param partsElsewhere whether its blobs may be fetched later; its manifests may too
   */
  public ManifestPush adopt(
      String repository, StoredManifest manifest, List<String> tags, boolean partsElsewhere) {
    check(repository);
    tags.forEach(Registry::checkTag);
    byte[] bytes = manifest.bytes();
    verified(manifest.digest(), bytes);
    IncomingManifest parsed = IncomingManifest.parse(bytes, manifest.mediaType());
    boolean pends = trust.enforced(repository) && !trust.isEvidence(bytes, tags);
    ManifestPush push =
        manifests.push(
            repository,
            new StoredManifest(parsed.mediaType(), manifest.digest(), bytes),
            partsElsewhere ? parsed.withPartsElsewhere() : parsed,
            tags,
            pends);
    if (push instanceof ManifestPush.Accepted accepted) {
      trust.decisions().pushed(repository, accepted.digest(), accepted.subject(), tags);
    }
    return push;
  }

  private ManifestPush push(
      String repository, StoredManifest manifest, IncomingManifest parsed, List<String> tags) {
    boolean pends = trust.decisions().pends(repository, manifest, tags);
    ManifestPush push = manifests.push(repository, manifest, parsed, tags, pends);
    if (push instanceof ManifestPush.Accepted accepted) {
      trust.decisions().pushed(repository, accepted.digest(), accepted.subject(), tags);
    }
    return push;
  }

  /** Stores what this registry says itself; nothing is judged because of it. */
  void pushReceipt(String repository, Manifest manifest) {
    byte[] bytes = manifest.bytes();
    String type = manifest.descriptor().mediaType();
    manifests.push(
        repository,
        new StoredManifest(type, manifest.descriptor().digest(), bytes),
        IncomingManifest.parse(bytes, type),
        List.of(),
        false);
  }

  /**
   * @param tagOrDigest names it
   * @throws BullaException {@link ErrorCode#MANIFEST_NOT_FOUND}
   */
  public StoredManifest manifest(String repository, String tagOrDigest) {
    check(repository);
    return (isDigest(tagOrDigest)
            ? manifests.byDigest(repository, Digest.parse(tagOrDigest))
            : manifests.byTag(repository, tagOrDigest))
        .orElseThrow(() -> noManifest(repository, tagOrDigest));
  }

  /**
   * Deletes a tag, or a manifest with all tags that point at it; a manifest can be restored until
   * it is collected.
   */
  public void deleteManifest(String repository, String tagOrDigest) {
    check(repository);
    if (!isDigest(tagOrDigest)) {
      if (!manifests.deleteTag(repository, tagOrDigest)) {
        throw noManifest(repository, tagOrDigest);
      }
      return;
    }
    Digest digest = Digest.parse(tagOrDigest);
    Optional<String> subject = manifests.subjectOf(repository, digest);
    if (!manifests.delete(repository, digest)) {
      throw noManifest(repository, tagOrDigest);
    }
    trust.decisions().deleted(repository, digest, subject);
  }

  /**
   * Deletes all manifests and tags of a repository, or none if one of them must be kept; they can
   * be restored until they are collected.
   *
   * @throws BullaException {@link ErrorCode#REPOSITORY_NOT_FOUND}, {@link ErrorCode#CONTENT_LOCKED}
   */
  public RepositoryDeletion deleteRepository(String repository) {
    check(repository);
    RepositoryDeletion gone = manifests.deleteAll(repository);
    blobTable.changed(List.of(repository));
    return gone;
  }

  /**
   * What was deleted and can be restored, the newest first.
   *
   * @param repository or the empty string for all
   */
  public List<DeletedManifest> deleted(String repository, int limit) {
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
    check(repository);
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
    return push(repository, kept.manifest(), parsed, free);
  }

  /**
   * Manifests whose subject is {@code subject}, by digest.
   *
   * @param last the digest after which to go on, or the empty string
   */
  public Page<Referrer> referrers(
      String repository, Digest subject, Optional<String> artifactType, String last, int limit) {
    check(repository);
    return manifests.referrers(repository, subject, artifactType, last, limit);
  }

  /** A manifest, if the repository has it. */
  public Optional<StoredManifest> findManifest(String repository, Digest digest) {
    check(repository);
    return manifests.byDigest(repository, digest);
  }

  /** A repository as it is stored, also what readers do not see; for reading only. */
  public dev.bulla.oci.Repository stored(String repository) {
    check(repository);
    byte[] nothing = new byte[0]; // nobody is judged
    StoredManifest none = new StoredManifest("none", Digest.sha256(nothing), nothing);
    return new StoredRepository(this, repository, none);
  }

  // Names

  /**
   * Tags by their bytes.
   *
   * @param last the tag after which to go on, or the empty string
   * @throws BullaException {@link ErrorCode#REPOSITORY_NOT_FOUND}
   */
  public Page<String> tags(String repository, String last, int limit) {
    check(repository);
    return names.tags(repository, last, limit);
  }

  /**
   * Names of repositories that have content, by their bytes.
   *
   * @param openOnly leaves out those of closed projects
   */
  public Page<String> repositories(String last, int limit, boolean openOnly) {
    return repositories(last, limit, openOnly ? Seen.OPEN : Seen.ALL);
  }

  /**
   * @param seen which of them
   */
  public Page<String> repositories(String last, int limit, Seen seen) {
    return names.repositories(last, limit, seen);
  }

  /** Repositories by what their projects allow. */
  public enum Seen {
    /** Those of projects from which everybody may pull. */
    PUBLIC,
    /** Those, and those of open projects. */
    OPEN,
    ALL
  }

  /** The first component of a repository's name. */
  static String projectOf(String repository) {
    int slash = repository.indexOf('/');
    return slash < 0 ? repository : repository.substring(0, slash);
  }

  /** A reference with a colon is meant as a digest: no tag has one. */
  public static boolean isDigest(String reference) {
    return reference.indexOf(':') >= 0;
  }

  private static Digest verified(Digest digest, byte[] bytes) {
    digest.verify(bytes, "manifest");
    return digest;
  }

  static void check(String repository) {
    if (!Reference.isRepository(repository)) {
      throw new BullaException(
          ErrorCode.REFERENCE_INVALID,
          "'" + Shown.text(repository) + "' is not the name of a repository",
          "Use lower-case letters and digits, separated by '/', '.', '_' or '-'.");
    }
  }

  private static void checkTag(String tag) {
    if (!Reference.isTag(tag)) {
      throw new BullaException(
          ErrorCode.MANIFEST_INVALID,
          "'" + Shown.text(tag) + "' is not a tag",
          "Use at most 128 letters, digits, '_', '.' and '-', not beginning with '.' or '-'.");
    }
  }

  static BullaException noBlob(String repository, Digest digest) {
    return new BullaException(
        ErrorCode.BLOB_NOT_FOUND, "repository " + repository + " has no blob " + digest);
  }

  static BullaException noManifest(String repository, String reference) {
    return new BullaException(
        ErrorCode.MANIFEST_NOT_FOUND,
        "repository " + repository + " has no manifest " + Shown.text(reference));
  }
}
