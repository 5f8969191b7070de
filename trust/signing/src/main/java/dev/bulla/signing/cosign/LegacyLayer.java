package dev.bulla.signing.cosign;

import dev.bulla.core.Digest;
import java.util.function.Supplier;

/**
 * One piece of evidence under a tag of cosign 1 or 2, read when it is asked for.
 *
 * @param manifest that the tag points at
 * @param number of the layer among those of its kind, from 0
 */
public record LegacyLayer(Digest manifest, int number, Supplier<CosignEvidence> content)
    implements Supplier<CosignEvidence> {
  @Override
  public CosignEvidence get() {
    return content.get();
  }
}
