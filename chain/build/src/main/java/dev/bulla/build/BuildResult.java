package dev.bulla.build;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.claim.Check;
import dev.bulla.core.statement.Statement;
import java.util.List;

/**
 * A finished image.
 *
 * @param image its manifest, stored in the target repository without a tag
 * @param layers those of the base image first
 * @param diffIds digests of the uncompressed layers, in the same order
 * @param provenance SLSA provenance v1 about {@code image}, to be sealed
 * @param lock canonical JSON: every input by digest, and the writer's version; its digest is in the
 *     provenance
 * @param validation one check for each of the template's, in order; a failed one is here only if
 *     the template goes on anyway
 */
public record BuildResult(
    Descriptor image,
    Descriptor config,
    List<Descriptor> layers,
    List<Digest> diffIds,
    Statement provenance,
    byte[] lock,
    List<Check> validation) {

  public BuildResult {
    layers = List.copyOf(layers);
    diffIds = List.copyOf(diffIds);
    lock = lock.clone();
    validation = List.copyOf(validation);
  }

  @Override
  public byte[] lock() {
    return lock.clone();
  }
}
