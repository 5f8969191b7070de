package dev.bulla.inventory;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.VerifyingInputStream;
import dev.bulla.core.json.Json;
import dev.bulla.inventory.archive.TarReader;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Blobs in memory, with the verification that a real repository does. */
final class MemoryRepository implements Repository {
  private final Map<Digest, byte[]> blobs = new HashMap<>();
  private Descriptor image = Descriptor.of(MediaTypes.OCI_EMPTY, new byte[0]);

  /** A layout in a tar file of the test resources. */
  static MemoryRepository ofResource(String name) throws IOException {
    MemoryRepository repository = new MemoryRepository();
    try (InputStream in = MemoryRepository.class.getResourceAsStream(name)) {
      TarReader tar = new TarReader(in);
      while (tar.next()) {
        if (tar.type() == TarReader.Type.FILE) {
          byte[] content = new byte[(int) tar.size()];
          int done = 0;
          while (done < content.length) {
            done += tar.read(content, done, content.length - done);
          }
          if (tar.pathText().endsWith("index.json")) {
            var entry = Json.parse(content, name).path("manifests").path(0);
            repository.image =
                new Descriptor(
                    entry.path("mediaType").stringValue(),
                    Digest.parse(entry.path("digest").stringValue()),
                    entry.path("size").longValue());
          }
          repository.blobs.put(Digest.sha256(content), content);
        }
      }
    }
    return repository;
  }

  /** An image of these layer blobs, lowest first. */
  static MemoryRepository ofLayers(byte[]... layers) {
    MemoryRepository repository = new MemoryRepository();
    Descriptor config =
        repository.put(
            MediaTypes.OCI_CONFIG, "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    List<Descriptor> all =
        java.util.Arrays.stream(layers)
            .map(layer -> repository.put(MediaTypes.OCI_LAYER_TAR, layer))
            .toList();
    Manifest manifest = Manifest.image(config, all, Optional.empty(), Optional.empty(), Map.of());
    repository.pushManifest(manifest, List.of());
    repository.image = manifest.descriptor();
    return repository;
  }

  Descriptor image() {
    return image;
  }

  Inventory catalogue() {
    return CatalogueImage.catalogue(this, image, Optional.empty());
  }

  Descriptor put(String type, byte[] content) {
    blobs.put(Digest.sha256(content), content);
    return Descriptor.of(type, content);
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public Optional<Descriptor> resolve(String tagOrDigest) {
    return Optional.of(image);
  }

  @Override
  public Manifest manifest(Descriptor descriptor) {
    return Manifest.parse(blobs.get(descriptor.digest()), descriptor.mediaType());
  }

  @Override
  public InputStream blob(Descriptor descriptor) {
    return new VerifyingInputStream(
        new ByteArrayInputStream(blobs.get(descriptor.digest())),
        descriptor.digest(),
        descriptor.size(),
        "blob");
  }

  @Override
  public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
    return blobs.get(descriptor.digest()).clone();
  }

  @Override
  public boolean hasBlob(Descriptor descriptor) {
    return blobs.containsKey(descriptor.digest());
  }

  @Override
  public void pushBlob(Descriptor descriptor, BlobSource source) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void pushManifest(Manifest manifest, Collection<String> tags) {
    blobs.put(manifest.descriptor().digest(), manifest.bytes());
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
  public void close() {}
}
