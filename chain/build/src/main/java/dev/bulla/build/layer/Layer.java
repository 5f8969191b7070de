package dev.bulla.build.layer;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import java.nio.file.Path;

/**
 * A finished layer.
 *
 * @param file the compressed bytes
 * @param descriptor of those bytes
 * @param diffId digest of the uncompressed tar
 */
public record Layer(Path file, Descriptor descriptor, Digest diffId) {}
