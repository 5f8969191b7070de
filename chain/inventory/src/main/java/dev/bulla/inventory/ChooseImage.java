package dev.bulla.inventory;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import dev.bulla.oci.Manifest;
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
    if (platform.isEmpty() && images.size() == 1) {
      return images.getFirst();
    }
    Platform wanted = platform.orElseGet(ChooseImage::here);
    return images.stream()
        .filter(one -> one.platform().map(p -> matches(p, wanted)).orElse(false))
        .findFirst()
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.PLATFORM_NOT_FOUND,
                "index %s has no image for %s".formatted(index.descriptor().digest(), wanted),
                "It has: "
                    + String.join(
                        ", ",
                        images.stream()
                            .map(
                                one -> one.platform().map(Platform::toString).orElse("no platform"))
                            .toList())
                    + "."));
  }

  private static boolean matches(Platform found, Platform wanted) {
    return found.os().equals(wanted.os())
        && found.architecture().equals(wanted.architecture())
        && (wanted.variant().isEmpty() || found.variant().equals(wanted.variant()));
  }

  private static Platform here() {
    String arch = System.getProperty("os.arch", "");
    return new Platform(
        "linux", arch.equals("aarch64") || arch.equals("arm64") ? "arm64" : "amd64");
  }
}
