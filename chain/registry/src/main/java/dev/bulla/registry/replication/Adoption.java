package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Parallel;
import dev.bulla.oci.Repository;
import dev.bulla.registry.ManifestPush;
import dev.bulla.registry.Registry;
import dev.bulla.registry.StoredManifest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Brings images from elsewhere into a repository of this registry, whole or not at all.
 *
 * <p>An image comes after everything that belongs to it: its blobs, its parts with what belongs to
 * them, its evidence with the evidence about that. So no reader sees it without its evidence, and
 * where a trust policy is bound it is judged once, when nothing is missing any more. If a piece
 * cannot be had, the image is not taken, and the failure names the piece. What is here already is
 * not fetched again. For one thread.
 */
final class Adoption {
  private static final int MAX_DEPTH = 32;

  /** What belongs to an image, as whoever has it at home says. */
  interface Belongings {
    /** Manifests whose subject it is. */
    Collection<Descriptor> about(Digest subject);

    /** Manifests that lie beside it under tags of their own, as cosign keeps them. */
    Map<String, Descriptor> taggedFor(Digest subject);

    /** Whether it is here already, with everything. */
    boolean isHeld(Digest digest);

    /** It is here, with everything. */
    void held(Digest digest);

    /** A tag of {@link #taggedFor} points where it should. */
    void tagHeld(String tag, Digest digest);
  }

  private final Registry registry;
  private final String repository;
  private final Repository source;
  private final Belongings belongings;
  private final BlobFetch fetch;
  private final int parallelism;
  private final boolean blobsLater;
  private final Set<Digest> done = new HashSet<>();
  private final Set<Digest> under = new HashSet<>();
  private long bytes;

  /**
   * @param blobsLater whether images may be taken without their configuration and layers
   */
  Adoption(
      Registry registry,
      String repository,
      Repository source,
      Belongings belongings,
      BlobFetch fetch,
      int parallelism,
      boolean blobsLater) {
    this.registry = registry;
    this.repository = repository;
    this.source = source;
    this.belongings = belongings;
    this.fetch = fetch;
    this.parallelism = parallelism;
    this.blobsLater = blobsLater;
  }

  /** Bytes of blobs that were fetched. */
  synchronized long bytes() {
    return bytes;
  }

  /**
   * Takes a manifest with everything that belongs to it.
   *
   * @throws BullaException what a piece that cannot be had failed with, or {@link
   *     ErrorCode#REPLICATION_INCOMPLETE} with its name
   */
  void take(Descriptor root) {
    take(root, 0);
  }

  private void take(Descriptor one, int depth) {
    Digest digest = one.digest();
    if (done.contains(digest) || belongings.isHeld(digest) || !under.add(digest)) {
      return; // a circle is possible through tags alone
    }
    try {
      if (depth > MAX_DEPTH) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE,
            "%s: parts and evidence more than %d levels deep".formatted(digest, MAX_DEPTH));
      }
      Manifest manifest = manifest(one.bare());
      if (!blobsLater || isSmall(manifest)) {
        blobs(manifest);
      }
      manifest.manifests().forEach(part -> piece(digest, "part", part, depth));
      belongings.about(digest).forEach(piece -> piece(digest, "evidence", piece, depth));
      belongings
          .taggedFor(digest)
          .forEach((tag, evidence) -> {
            piece(digest, "evidence", evidence, depth);
            store(manifest(evidence.bare()), List.of(tag));
            belongings.tagHeld(tag, evidence.digest());
          });
      store(manifest, List.of());
      done.add(digest);
      belongings.held(digest);
    } finally {
      under.remove(digest);
    }
  }

  /** What is here is not asked for again. */
  private Manifest manifest(Descriptor one) {
    Optional<StoredManifest> known = registry.findManifest(repository, one.digest());
    if (known.isEmpty() || known.get().bytes().length != one.size()) {
      return source.manifest(one);
    }
    StoredManifest stored = known.get();
    return Manifest.parse(stored.bytes(), stored.mediaType(), stored.digest().algorithm());
  }

  private void piece(Digest whole, String what, Descriptor piece, int depth) {
    try {
      take(piece, depth + 1);
    } catch (BullaException e) {
      if (e.code().kind() == ErrorCode.Kind.UNAVAILABLE
          || e.code() == ErrorCode.REPLICATION_INCOMPLETE) {
        throw e;
      }
      throw new BullaException(
          ErrorCode.REPLICATION_INCOMPLETE,
          "%s: its %s %s cannot be had: %s".formatted(whole, what, piece.digest(), e.reason()),
          "It is not shown here until all of it is there. Push the piece again at the source, or"
              + " delete it there.",
          e);
    }
  }

  /** Points a tag at a manifest that was taken. */
  void tag(String tag, Digest digest) {
    StoredManifest stored = registry.manifest(repository, digest.toString());
    registry.adopt(repository, stored, List.of(tag), true);
  }

  private void store(Manifest manifest, List<String> tags) {
    StoredManifest stored =
        new StoredManifest(
            manifest.descriptor().mediaType(), manifest.descriptor().digest(), manifest.bytes());
    boolean later = blobsLater && !isSmall(manifest);
    if (registry.adopt(repository, stored, tags, later) instanceof ManifestPush.Incomplete lacks) {
      throw new BullaException(
          ErrorCode.REPLICATION_INCOMPLETE,
          "%s cannot be taken: %s lacks %s"
              .formatted(stored.digest(), repository, lacks.digests()));
    }
  }

  /** Evidence is fetched at once: a verifier reads it. */
  private boolean isSmall(Manifest manifest) {
    return registry.trust().isEvidence(manifest.bytes(), List.of());
  }

  private void blobs(Manifest manifest) {
    Map<Digest, Descriptor> wanted = new LinkedHashMap<>();
    Room.blobs(manifest).forEach(one -> wanted.put(one.digest(), one));
    List<Descriptor> all = new ArrayList<>(wanted.values());
    new Room(registry, repository).take(all);
    Parallel.forEach(all, parallelism, this::blob);
  }

  /** Has a blob in the repository. */
  void blob(Descriptor blob) {
    if (isLinked(blob) || isMounted(blob)) {
      return;
    }
    long came = fetch.fetch(blob);
    synchronized (this) {
      bytes += came;
    }
  }

  private boolean isLinked(Descriptor blob) {
    try {
      long size = registry.blobSize(repository, blob.digest());
      if (size != blob.size()) {
        throw new BullaException(
            ErrorCode.SIZE_MISMATCH,
            "blob %s has %d bytes, its descriptor says %d"
                .formatted(blob.digest(), size, blob.size()));
      }
      return true;
    } catch (BullaException e) {
      if (e.code() == ErrorCode.BLOB_NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private boolean isMounted(Descriptor blob) {
    for (String other : registry.repositoriesWith(blob.digest(), 1)) {
      return registry.mount(repository, blob.digest(), other) && isLinked(blob);
    }
    return false;
  }
}
