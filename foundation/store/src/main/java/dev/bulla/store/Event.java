package dev.bulla.store;

import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/**
 * Something that happened and was written in the same transaction as its effect.
 *
 * @param sequence grows by the order of commits; may have gaps
 * @param type for example {@code registry.manifest.pushed}
 * @param subject what it happened to, for example a digest
 * @param payload what else a reader needs
 * @param author on whose behalf it happened
 */
public record Event(
    long sequence, Instant at, String type, String subject, ObjectNode payload, Actor author) {}
