package dev.bulla.registry;

import dev.bulla.core.Digest;
import java.time.Instant;
import java.util.Optional;

/**
 * The order to keep a manifest with its parts and its evidence, whatever else is said.
 *
 * @param released when it ended; empty while it holds
 * @param releasedBy empty while it holds
 */
public record LegalHold(
    long id,
    String repository,
    Digest digest,
    String reason,
    String setBy,
    Instant since,
    Optional<Instant> released,
    String releasedBy) {}
