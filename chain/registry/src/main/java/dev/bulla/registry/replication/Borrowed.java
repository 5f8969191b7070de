package dev.bulla.registry.replication;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** A repository that somebody else closes. */
record Borrowed(Repository of) implements Repository {
  @Override
  public String name() {
    return of.name();
  }

  @Override
  public Optional<Descriptor> resolve(String tagOrDigest) {
    return of.resolve(tagOrDigest);
  }

  @Override
  public Manifest manifest(Descriptor descriptor) {
    return of.manifest(descriptor);
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    return of.blob(descriptor);
  }

  @Override
  public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
    return of.blobBytes(descriptor, maxBytes);
  }

  @Override
  public boolean hasBlob(Descriptor descriptor) {
    return of.hasBlob(descriptor);
  }

  @Override
  public void pushBlob(Descriptor descriptor, BlobSource source) {
    of.pushBlob(descriptor, source);
  }

  @Override
  public void pushManifest(Manifest manifest, Collection<String> tags) {
    of.pushManifest(manifest, tags);
  }

  @Override
  public List<Descriptor> referrers(Digest subject, Optional<String> artifactType) {
    return of.referrers(subject, artifactType);
  }

  @Override
  public List<String> tags() {
    return of.tags();
  }

  @Override
  public void close() {
    // not ours
  }
}
