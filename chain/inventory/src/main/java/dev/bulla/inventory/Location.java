package dev.bulla.inventory;

import dev.bulla.core.Digest;
import java.util.List;
import java.util.Optional;

/**
 * Where a component lies.
 *
 * @param layer blob digest of the image layer that put the evidence file there; empty for a
 *     directory
 * @param path of the evidence file, absolute in the image ({@code /app/app.jar}), relative in a
 *     directory
 * @param nested archives inside that file down to the component, outermost first ({@code
 *     BOOT-INF/lib/log4j-core-2.14.1.jar})
 */
public record Location(Optional<Digest> layer, String path, List<String> nested) {
  public Location {
    nested = List.copyOf(nested);
  }

  /** {@code /app/app.jar!BOOT-INF/lib/x.jar}, without the layer. */
  @Override
  public String toString() {
    return nested.isEmpty() ? path : path + "!" + String.join("!", nested);
  }
}
