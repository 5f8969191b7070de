package dev.bulla.pipeline;

import dev.bulla.core.Reference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What to ship and where to.
 *
 * @param template a template file, or a directory that holds one
 * @param registry {@code host:port} of the home's registry, for repositories without a host
 * @param destination replaces the template's distribute entries
 * @param advisories replaces {@code bulla-ship.yaml} and the imported set
 * @param policies in addition to the built-in gates and those of {@code bulla-ship.yaml}
 */
public record ShipRequest(
    Path template,
    String registry,
    Optional<Reference> destination,
    Optional<Path> advisories,
    List<Path> policies) {
  public ShipRequest {
    policies = List.copyOf(policies);
  }
}
