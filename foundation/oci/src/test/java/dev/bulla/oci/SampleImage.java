package dev.bulla.oci;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Platform;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A small image with all its bytes, for tests. */
record SampleImage(byte[] config, List<byte[]> layers, Manifest manifest) {
  static final byte[] EMPTY = "{}".getBytes(StandardCharsets.US_ASCII);

  /** Two layers; different seeds give different images. */
  static SampleImage of(int seed) {
    return of(seed, 5_000, 70_000);
  }

  static SampleImage of(int seed, int... layerSizes) {
    byte[] config =
        """
        {"architecture":"amd64","os":"linux","config":{"Env":["SEED=%d"]},
         "rootfs":{"type":"layers","diff_ids":[]}}\
        """
            .formatted(seed)
            .getBytes(StandardCharsets.UTF_8);
    List<byte[]> layers = new ArrayList<>();
    List<Descriptor> descriptors = new ArrayList<>();
    for (int i = 0; i < layerSizes.length; i++) {
      byte[] layer = new byte[layerSizes[i]];
      new Random(seed * 31L + i).nextBytes(layer);
      layers.add(layer);
      descriptors.add(Descriptor.of(MediaTypes.OCI_LAYER_TAR, layer));
    }
    Manifest manifest =
        Manifest.image(
            Descriptor.of(MediaTypes.OCI_CONFIG, config),
            descriptors,
            Optional.empty(),
            Optional.empty(),
            Map.of());
    return new SampleImage(config, layers, manifest);
  }

  Descriptor descriptor() {
    return manifest.descriptor();
  }

  Digest digest() {
    return descriptor().digest();
  }

  Descriptor layer(int index) {
    return manifest.layers().get(index);
  }

  void pushTo(Repository repository, String... tags) {
    repository.pushBlob(manifest.config().orElseThrow(), BlobSource.of(config));
    for (int i = 0; i < layers.size(); i++) {
      repository.pushBlob(layer(i), BlobSource.of(layers.get(i)));
    }
    repository.pushManifest(manifest, List.of(tags));
  }

  /** Pushes a referrer of {@code subject} and returns its manifest. */
  static Manifest attach(
      Repository repository, Descriptor subject, String artifactType, String text) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    Descriptor blob = Descriptor.of("text/plain", content);
    Descriptor empty = Descriptor.of(MediaTypes.OCI_EMPTY, EMPTY);
    repository.pushBlob(blob, BlobSource.of(content));
    repository.pushBlob(empty, BlobSource.of(EMPTY));
    Manifest referrer =
        Manifest.image(
            empty,
            List.of(blob),
            Optional.of(artifactType),
            Optional.of(subject),
            Map.of("note", text));
    repository.pushManifest(referrer, List.of());
    return referrer;
  }

  /** Pushes both images and an index over them. */
  static Manifest index(
      Repository repository, SampleImage amd64, SampleImage arm64, String... tags) {
    amd64.pushTo(repository);
    arm64.pushTo(repository);
    Manifest index =
        Manifest.index(
            List.of(
                amd64.descriptor().withPlatform(new Platform("linux", "amd64")),
                arm64.descriptor().withPlatform(new Platform("linux", "arm64"))),
            Map.of());
    repository.pushManifest(index, List.of(tags));
    return index;
  }
}
