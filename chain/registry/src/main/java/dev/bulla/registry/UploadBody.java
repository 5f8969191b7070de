package dev.bulla.registry;

import dev.bulla.core.Digest;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Bytes that a request brings to an upload.
 *
 * @param at where the caller believes that they begin
 * @param length how many there are, if the caller said so
 * @param digest of the whole blob, if these are its last bytes
 */
public record UploadBody(
    OptionalLong at, InputStream bytes, OptionalLong length, Optional<Digest> digest) {}
