package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Chooses the image for a platform. */
public final class Platforms {
  private Platforms() {}

  /**
   * The first image of {@code index} for {@code wanted}. A variant that is not asked for does not
   * matter; {@code arm64} and {@code arm64/v8} are the same.
   *
   * @param index a manifest that is not an index is its own answer
   * @throws BullaException {@code PLATFORM_NOT_FOUND} naming what there is
   */
  public static Descriptor select(Manifest index, Platform wanted) {
    if (!index.isIndex()) {
      return index.descriptor();
    }
    List<Descriptor> images =
        index.manifests().stream().filter(one -> one.platform().isPresent()).toList();
    return images.stream()
        .filter(one -> one.platform().filter(p -> matches(p, wanted)).isPresent())
        .findFirst()
        .orElseThrow(() -> notFound(index, wanted, images));
  }

  /** The platform of the machine that this runs on, in Go's names; Linux, since containers are. */
  public static Platform ofThisMachine() {
    String architecture = System.getProperty("os.arch", "");
    return switch (architecture) {
      case "aarch64" -> new Platform("linux", "arm64");
      case "x86_64", "amd64" -> new Platform("linux", "amd64");
      default -> new Platform("linux", architecture.isEmpty() ? "unknown" : architecture);
    };
  }

  private static boolean matches(Platform offered, Platform wanted) {
    return offered.os().equals(wanted.os())
        && offered.architecture().equals(wanted.architecture())
        && (variant(wanted).isEmpty() || variant(wanted).equals(variant(offered)));
  }

  private static Optional<String> variant(Platform platform) {
    return platform
        .variant()
        .filter(v -> !(platform.architecture().equals("arm64") && v.equals("v8")));
  }

  private static BullaException notFound(Manifest index, Platform wanted, List<Descriptor> images) {
    String offered =
        images.stream()
            .flatMap(one -> one.platform().stream())
            .map(Platform::toString)
            .filter(text -> !text.startsWith("unknown/"))
            .distinct()
            .collect(Collectors.joining(", "));
    return new BullaException(
        ErrorCode.PLATFORM_NOT_FOUND,
        "index %s has no image for %s, only for %s"
            .formatted(
                index.descriptor().digest(), wanted, offered.isEmpty() ? "no platform" : offered),
        "Name one of these platforms.");
  }
}
