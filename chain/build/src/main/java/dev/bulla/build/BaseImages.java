package dev.bulla.build;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.Repository;
import java.nio.file.Path;

/** Opens the repository that a base image lies in; the build closes it. */
@FunctionalInterface
public interface BaseImages {
  /** For callers that offer no base images. */
  BaseImages NONE =
      (source, directory) -> {
        throw new BullaException(
            ErrorCode.TEMPLATE_UNSUPPORTED, "base images are not available here: only Scratch is");
      };

  /**
   * @param source an {@code OciLayout} or an {@code Image}
   * @param directory what the path of a layout is relative to
   */
  Repository open(Source source, Path directory);
}
