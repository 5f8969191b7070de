package dev.bulla.inventory;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Platforms;
import dev.bulla.oci.Repository;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the one image that is meant: the manifest itself, or the image of a platform in an index.
 */
final class ChooseImage {
  private static final int MAX_DEPTH = 4;

  private ChooseImage() {}

  static Manifest from(Repository repository, Descriptor start, Optional<Platform> platform) {
    Manifest manifest = repository.manifest(start);
    for (int depth = 0; manifest.isIndex(); depth++) {
      if (depth == MAX_DEPTH) {
        throw new BullaException(
            ErrorCode.MANIFEST_INVALID,
            "index %s: indexes are nested more than %d deep".formatted(start.digest(), MAX_DEPTH));
      }
      manifest = repository.manifest(choose(manifest, platform));
    }
    return manifest;
  }

  private static Descriptor choose(Manifest index, Optional<Platform> platform) {
    List<Descriptor> images = new ArrayList<>();
    for (Descriptor one : index.manifests()) {
      // attestation manifests stand beside the images of some builders, for the platform
      // unknown/unknown
      boolean unknown = one.platform().map(p -> p.os().equals("unknown")).orElse(false);
      if (!unknown && one.artifactType().isEmpty()) {
        images.add(one);
      }
    }
    return platform.isEmpty() && images.size() == 1
        ? images.getFirst()
        : Platforms.select(index, platform.orElseGet(Platforms::ofThisMachine));
  }
}
