package dev.bulla.registry;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** A manifest that is about another, as the referrers API reports it. */
public record Referrer(
    String digest,
    String mediaType,
    long size,
    Optional<String> artifactType,
    ObjectNode annotations) {}
