package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
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
 *
 * <p>Longer than other files because it is the one door to content: every face goes through it.
 */
public final class Registry implements AutoCloseable {
  /** The tables that {@link Records} must be opened with. */
  public static final Schema SCHEMA = new Schema("registry", 11);

  /** The largest manifest: 4 MiB. */
  public static final int MAX_MANIFEST = 4 * 1024 * 1024;

  private final Blobs blobs;
  private final BlobLocks blobLocks;
  private final BlobTable blobTable;
  private final SmallBlobs smallBlobs;
  private final ManifestTable manifests;
  private final NameTables names;
  private final ManifestRemoval removal;
  private final Projects projects;
  private final Deletions deletions;
  private final Upkeep upkeep;
  private final ContentTrust trust;
  private final ContentLocks locks;
  private final RegistryProperties properties;
  private final Listing listing;
  private final Quotas quotas;
  private final UploadRoom uploadRoom;
  private final Pulls pulls;
  private final Retention retention;
  private final Eviction eviction;
  private final Background background = new Background();

  public Registry(Records records, Blobs blobs, InstantSource clock) {
    this.blobs = blobs;
    this.smallBlobs = new SmallBlobs(blobs);
    this.blobLocks =
        records.isShared() ? new SharedBlobLocks(records, blobs) : new LocalBlobLocks();
    this.blobTable = new BlobTable(records, clock);
    this.manifests = new ManifestTable(records, clock);
    this.names = new NameTables(records);
    this.removal = new ManifestRemoval(manifests, clock);
    this.projects = new Projects(records);
    this.deletions =
        new Deletions(this, manifests, removal, blobTable, new DeletedManifests(records));
    this.trust =
        new ContentTrust(
            this,
            manifests,
            new AdmissionTable(records, manifests.generations(), clock),
            new Bindings(records, clock),
            records,
            background,
            clock);
    this.upkeep = new Upkeep(records, blobs, blobLocks, blobTable, manifests, clock);
    this.locks = new ContentLocks(records, manifests, blobTable, clock);
    this.properties = new RegistryProperties(records);
    this.listing = new Listing(records);
    this.quotas = new Quotas(records, clock);
    this.uploadRoom = new UploadRoom(records, clock);
    this.pulls = new Pulls(records, background, clock);
    this.retention = new Retention(records, manifests, pulls, clock);
    this.eviction = new Eviction(records, manifests, pulls, retention, clock);
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

  /** What caches let go. */
  public Eviction eviction() {
    return eviction;
  }

  /** Notes that a manifest was pulled; costs next to nothing. */
  public void pulled(String repository, Digest digest) {
    pulls.pulled(repository, digest);
  }

  /** What projects may have at most. */
  public Quotas quotas() {
    return quotas;
  }

  /** Where the bytes of uploads come in. */
  public UploadRoom uploads() {
    return uploadRoom;
  }

  /** Times, counts and attributes. */
  public RegistryProperties properties() {
    return properties;
  }

  /** What there is. */
  public Listing listing() {
    return listing;
  }

  /** Collection, check and usage. */
  public Upkeep upkeep() {
    return upkeep;
  }

  /** To whom projects are open. */
  public Projects projects() {
    return projects;
  }

  /** What was deleted, and can be restored. */
  public Deletions deletions() {
    return deletions;
  }

  /** What goes on after the request that began it. */
  public Background background() {
    return background;
  }

  /** Ends what goes on; the stores are closed after it. */
  @Override
  public void close() {
    background.close();
    pulls.flushQuietly();
  }

  // Blobs

  public Blobs.Upload beginUpload(String repository, Digest.Algorithm likely) {
    Names.check(repository);
    return blobs.begin(likely);
  }

  /**
   * @param id by which {@link #upload} finds it again: 32 hexadecimal characters
   */
  public Blobs.Upload beginUpload(String repository, String id, Digest.Algorithm likely) {
    Names.check(repository);
    return blobs.begin(id, likely);
  }

  /**
   * @throws BullaException {@link ErrorCode#UPLOAD_NOT_FOUND}
   */
  public Blobs.Upload upload(String repository, String id) {
    Names.check(repository);
    return blobs
        .resume(id)
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.UPLOAD_NOT_FOUND,
                "repository " + repository + " has no such upload",
                "Begin a new upload."));
  }

  /** Ends an upload: verified, durable and linked into the repository when this returns. */
  public void commit(String repository, Blobs.Upload upload, Digest digest) {
    Names.check(repository);
    boolean done = false;
    try {
      blobLocks.shared(
          digest,
          held -> {
            long size = upload.commit(digest);
            blobTable.store(repository, digest, size, upload.id(), held);
            return size;
          });
      done = true;
    } finally {
      if (!done) {
        uploadRoom.release(repository, upload.id());
      }
    }
  }

  /** Links a blob of another repository into this one; false if {@code from} has no such blob. */
  public boolean mount(String repository, Digest digest, String from) {
    Names.check(repository);
    Names.check(from);
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
    Names.check(repository);
    return blobTable
        .promise(repository, digest)
        .orElseThrow(() -> Names.noBlob(repository, digest));
  }

  /** How many bytes a blob has that the repository links; no promise. */
  Optional<Long> linkedSize(String repository, Digest digest) {
    return blobTable.size(repository, digest);
  }

  /**
   * A blob, open for reading.
   *
   * @throws BullaException {@link ErrorCode#BLOB_NOT_FOUND} if the repository does not link it
   */
  public Blob blob(String repository, Digest digest) {
    Names.check(repository);
    long size =
        blobTable.size(repository, digest).orElseThrow(() -> Names.noBlob(repository, digest));
    return smallBlobs.open(repository, digest, size);
  }

  /** The bytes of a small blob, not to be changed, if they and its record are in memory. */
  public Optional<byte[]> blobAtOnce(String repository, Digest digest) {
    Names.check(repository);
    return blobTable.sizeAtOnce(repository, digest).flatMap(size -> smallBlobs.find(digest, size));
  }

  /**
   * Unlinks a blob from the repository. Its bytes stay for others, and are collected if there are
   * none.
   */
  public void deleteBlob(String repository, Digest digest) {
    Names.check(repository);
    if (!blobTable.unlink(repository, digest)) {
      throw Names.noBlob(repository, digest);
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
    return pushManifest(repository, bytes, contentType, digest, tags, PushCondition.NONE);
  }

  /** The same, if what is there now is what is meant. */
  public ManifestPush pushManifest(
      String repository,
      byte[] bytes,
      String contentType,
      Optional<Digest> digest,
      List<String> tags,
      PushCondition condition) {
    Names.check(repository);
    if (bytes.length > MAX_MANIFEST) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "the manifest has %d bytes, at most %d are taken".formatted(bytes.length, MAX_MANIFEST));
    }
    tags.forEach(Names::checkTag);
    digest.ifPresent(d -> d.verify(bytes, "manifest"));
    Digest stored = digest.orElseGet(() -> Digest.sha256(bytes));
    IncomingManifest manifest = IncomingManifest.parse(bytes, contentType);
    return push(
        repository,
        new StoredManifest(manifest.mediaType(), stored, bytes),
        manifest,
        tags,
        condition);
  }

  /**
   * Stores a manifest that comes from another registry: where readers see only what is admitted its
   * tags wait for that, also if the binding would refuse a push.
   *
   * @param partsElsewhere whether its blobs may be fetched later; its manifests may too
   */
  public ManifestPush adopt(
      String repository, StoredManifest manifest, List<String> tags, boolean partsElsewhere) {
    Names.check(repository);
    tags.forEach(Names::checkTag);
    byte[] bytes = manifest.bytes();
    manifest.digest().verify(bytes, "manifest");
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
      trust.pushed(repository, accepted.digest(), accepted.subject(), tags);
    }
    return push;
  }

  /** Stores a manifest that was checked, and has it judged. */
  ManifestPush push(
      String repository,
      StoredManifest manifest,
      IncomingManifest parsed,
      List<String> tags,
      PushCondition condition) {
    boolean pends = trust.decisions().pends(repository, manifest, tags);
    ManifestPush push = manifests.push(repository, manifest, parsed, tags, pends, condition);
    if (push instanceof ManifestPush.Accepted accepted) {
      trust.pushed(repository, accepted.digest(), accepted.subject(), tags);
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
    Names.check(repository);
    return (isDigest(tagOrDigest)
            ? manifests.byDigest(repository, Digest.parse(tagOrDigest))
            : manifests.byTag(repository, tagOrDigest))
        .orElseThrow(() -> Names.noManifest(repository, tagOrDigest));
  }

  /**
   * Deletes a tag, or a manifest with all tags that point at it; a manifest can be restored until
   * it is collected.
   */
  public void deleteManifest(String repository, String tagOrDigest) {
    Names.check(repository);
    if (!isDigest(tagOrDigest)) {
      if (!removal.deleteTag(repository, tagOrDigest)) {
        throw Names.noManifest(repository, tagOrDigest);
      }
      return;
    }
    Digest digest = Digest.parse(tagOrDigest);
    Optional<String> subject = manifests.subjectOf(repository, digest);
    if (!removal.delete(repository, digest)) {
      throw Names.noManifest(repository, tagOrDigest);
    }
    trust.decisions().deleted(repository, digest, subject);
  }

  /**
   * Manifests whose subject is {@code subject}, by digest.
   *
   * @param last the digest after which to go on, or the empty string
   */
  public Page<Referrer> referrers(
      String repository, Digest subject, Optional<String> artifactType, String last, int limit) {
    Names.check(repository);
    return manifests.referrers(repository, subject, artifactType, last, limit);
  }

  /** A manifest by tag or digest, if it is in memory. */
  Optional<StoredManifest> knownManifest(String repository, String reference) {
    return manifests.known(repository, reference);
  }

  /** A manifest, if the repository has it. */
  public Optional<StoredManifest> findManifest(String repository, Digest digest) {
    Names.check(repository);
    return manifests.byDigest(repository, digest);
  }

  /** A repository as it is stored, also what readers do not see; for reading only. */
  public dev.bulla.oci.Repository stored(String repository) {
    Names.check(repository);
    byte[] nothing = new byte[0]; // nobody is judged
    StoredManifest none = new StoredManifest("none", Digest.sha256(nothing), nothing);
    return new StoredRepository(this, repository, none);
  }

  /**
   * Tags by their bytes.
   *
   * @param last the tag after which to go on, or the empty string
   * @throws BullaException {@link ErrorCode#REPOSITORY_NOT_FOUND}
   */
  public Page<String> tags(String repository, String last, int limit) {
    Names.check(repository);
    return names.tags(repository, last, limit);
  }

  /**
   * Names of repositories that have content, by their bytes.
   *
   * @param last the name after which to go on, or the empty string
   * @param seen which of them
   */
  public Page<String> repositories(String last, int limit, Projects.Seen seen) {
    return names.repositories(last, limit, seen);
  }

  /** A reference with a colon is meant as a digest: no tag has one. */
  public static boolean isDigest(String reference) {
    return reference.indexOf(':') >= 0;
  }
}
