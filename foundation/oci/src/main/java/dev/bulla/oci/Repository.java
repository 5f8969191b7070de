package dev.bulla.oci;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Where the manifests and blobs of one repository live: a repository of a registry, an OCI layout
 * directory, a layout in a tar file. Everything that reads or writes images goes through this port.
 *
 * <p>Content is verified against its descriptor before it is believed. Thread-safe. Failures are
 * {@link dev.bulla.core.BullaException}s whose code says whether the content is absent, wrong or
 * out of reach.
 */
public interface Repository extends AutoCloseable {

  /** What people call this repository: {@code localhost:7080/hello}, a path. */
  String name();

  /** The descriptor that a tag or a digest stands for; empty if there is none. */
  Optional<Descriptor> resolve(String tagOrDigest);

  /**
   * Every manifest that a tag stands for: more than one only where evidence is kept in two places.
   */
  default List<Descriptor> resolveAll(String tag) {
    return resolve(tag).stream().toList();
  }

  /**
   * The manifest with exactly the bytes of the descriptor, at most 4 MiB.
   *
   * @throws dev.bulla.core.BullaException {@code MANIFEST_NOT_FOUND}, {@code DIGEST_MISMATCH},
   *     {@code MANIFEST_INVALID}
   */
  Manifest manifest(Descriptor descriptor);

  /**
   * The bytes of a blob, verified while they are read: the read that reaches the end fails if they
   * were not those of the descriptor. The caller closes the stream.
   *
   * @throws dev.bulla.core.BullaException {@code BLOB_NOT_FOUND} if there is none
   */
  InputStream blob(Descriptor descriptor) throws IOException;

  /**
   * The bytes of a blob from {@code offset} on, for whoever has those before it. Nothing is
   * verified but their number: the caller hashes the whole, and fetches it from the beginning if it
   * is not what it should be.
   *
   * @param offset at most the size of the blob
   * @throws dev.bulla.core.BullaException {@code BLOB_NOT_FOUND} if there is none; {@code
   *     SIZE_MISMATCH} if it has another length
   */
  default InputStream blobFrom(Descriptor descriptor, long offset) throws IOException {
    InputStream in = blob(descriptor);
    in.skipNBytes(offset);
    return in;
  }

  /** The whole of a small blob, verified; refuses one of more than {@code maxBytes}. */
  byte[] blobBytes(Descriptor descriptor, int maxBytes);

  boolean hasBlob(Descriptor descriptor);

  /**
   * Stores a blob unless it is there; returns once it is durable as far as this kind of repository
   * can tell.
   */
  void pushBlob(Descriptor descriptor, BlobSource source);

  /**
   * Stores a manifest under its digest and the given tags; a manifest with a subject becomes a
   * referrer of it.
   */
  void pushManifest(Manifest manifest, Collection<String> tags);

  /**
   * Manifests whose subject is {@code subject}, in a stable order; those of one artifact type if
   * given.
   */
  List<Descriptor> referrers(Digest subject, Optional<String> artifactType);

  /**
   * Removes a manifest, with every tag that names it, and what lists it as a referrer; blobs stay.
   *
   * @return whether it was there
   * @throws dev.bulla.core.BullaException what the repository says if it does not allow that
   */
  default boolean delete(Manifest manifest) {
    throw new dev.bulla.core.BullaException(
        dev.bulla.core.ErrorCode.USAGE, name() + ": nothing can be removed here");
  }

  /** All tags, sorted. */
  List<String> tags();

  @Override
  void close();
}
