package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.registry.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Some repositories of a registry as one, by digest alone, to be written to an archive. */
final class Several implements Repository {
  private final Registry registry;
  private final List<Repository> all = new ArrayList<>();

  Several(Registry registry) {
    this.registry = registry;
  }

  void add(String repository) {
    all.add(registry.stored(repository));
  }

  @Override
  public String name() {
    return "this registry";
  }

  @Override
  public Optional<Descriptor> resolve(String tagOrDigest) {
    return all.stream().flatMap(one -> one.resolve(tagOrDigest).stream()).findFirst();
  }

  @Override
  public Manifest manifest(Descriptor descriptor) {
    for (Repository one : all) {
      if (one.resolve(descriptor.digest().toString()).isPresent()) {
        return one.manifest(descriptor);
      }
    }
    throw new BullaException(
        ErrorCode.MANIFEST_NOT_FOUND, "manifest " + descriptor.digest() + " went meanwhile");
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    for (Repository one : all) {
      if (one.hasBlob(descriptor)) {
        return one.blob(descriptor);
      }
    }
    throw new BullaException(
        ErrorCode.BLOB_NOT_FOUND, "blob " + descriptor.digest() + " went meanwhile");
  }

  @Override
  public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
    throw noWriting();
  }

  @Override
  public boolean hasBlob(Descriptor descriptor) {
    return all.stream().anyMatch(one -> one.hasBlob(descriptor));
  }

  @Override
  public void pushBlob(Descriptor descriptor, BlobSource source) {
    throw noWriting();
  }

  @Override
  public void pushManifest(Manifest manifest, Collection<String> tags) {
    throw noWriting();
  }

  @Override
  public List<Descriptor> referrers(Digest subject, Optional<String> artifactType) {
    return List.of();
  }

  @Override
  public List<String> tags() {
    return List.of();
  }

  @Override
  public void close() {
    // nothing is held
  }

  private static BullaException noWriting() {
    return new BullaException(ErrorCode.INTERNAL, "this view of repositories cannot do that");
  }
}
