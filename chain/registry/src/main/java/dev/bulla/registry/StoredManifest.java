package dev.bulla.registry;

import dev.bulla.core.Digest;

/**
 * A manifest as it was pushed.
 *
 * @param digest by which it was pushed, or its SHA-256 if it was pushed by tag
 * @param bytes exactly those of the push; not to be changed
 */
public record StoredManifest(String mediaType, Digest digest, byte[] bytes) {}
