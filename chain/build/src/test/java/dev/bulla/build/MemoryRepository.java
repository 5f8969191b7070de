package dev.bulla.build;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.VerifyingInputStream;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A repository in memory that insists on right digests when content comes in. */
public final class MemoryRepository implements Repository {
  final Map<Digest, byte[]> blobs = new HashMap<>();
  final Map<Digest, Manifest> manifests = new HashMap<>();
  private final Map<String, Digest> tags = new TreeMap<>();

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public Optional<Descriptor> resolve(String tagOrDigest) {
    Digest digest = tagOrDigest.contains(":") ? Digest.parse(tagOrDigest) : tags.get(tagOrDigest);
    return Optional.ofNullable(digest).map(manifests::get).map(Manifest::descriptor);
  }

  @Override
  public Manifest manifest(Descriptor descriptor) {
    return Optional.ofNullable(manifests.get(descriptor.digest()))
        .orElseThrow(
            () -> new BullaException(ErrorCode.MANIFEST_NOT_FOUND, "no " + descriptor.digest()));
  }

  @Override
  public InputStream blob(Descriptor descriptor) {
    byte[] content = blobs.get(descriptor.digest());
    if (content == null) {
      throw new BullaException(ErrorCode.BLOB_NOT_FOUND, "no " + descriptor.digest());
    }
    return new VerifyingInputStream(
        new ByteArrayInputStream(content), descriptor.digest(), descriptor.size(), "blob");
  }

  @Override
  public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
    try (InputStream in = blob(descriptor)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean hasBlob(Descriptor descriptor) {
    return blobs.containsKey(descriptor.digest());
  }

  @Override
  public void pushBlob(Descriptor descriptor, BlobSource source) {
    try (InputStream in =
        new VerifyingInputStream(
            source.open(), descriptor.digest(), descriptor.size(), "pushed blob")) {
      blobs.put(descriptor.digest(), in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void pushManifest(Manifest manifest, Collection<String> names) {
    manifest.layers().forEach(layer -> require(layer));
    manifest.config().ifPresent(this::require);
    manifests.put(manifest.descriptor().digest(), manifest);
    names.forEach(name -> tags.put(name, manifest.descriptor().digest()));
  }

  private void require(Descriptor descriptor) {
    if (!hasBlob(descriptor)) {
      throw new BullaException(ErrorCode.MANIFEST_INVALID, "no blob " + descriptor.digest());
    }
  }

  @Override
  public List<Descriptor> referrers(Digest subject, Optional<String> artifactType) {
    return List.of();
  }

  @Override
  public List<String> tags() {
    return List.copyOf(tags.keySet());
  }

  @Override
  public void close() {}
}
