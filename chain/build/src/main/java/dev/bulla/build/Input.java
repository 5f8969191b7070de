package dev.bulla.build;

import dev.bulla.core.Digest;
import java.util.Locale;

/**
 * Something that went into an image from outside the template.
 *
 * @param name of the customize step, or {@code source}
 * @param uri {@code file:PATH} relative to the template's directory, the URL of a download, {@code
 *     oci-layout:PATH}, or a {@code pkg:oci} package URL
 * @param digest of the bytes; of a directory the digest of its tree; of a base image that of its
 *     manifest
 * @param size bytes of what the digest is over; of a directory all files together
 * @param pinned whether the template itself demanded this digest
 */
public record Input(Kind kind, String name, String uri, Digest digest, long size, boolean pinned) {
  /** What sort of thing an input is. */
  public enum Kind {
    BASE_IMAGE,
    FILE,
    DIRECTORY,
    ARCHIVE,
    DOWNLOAD;

    /** {@code base-image}, {@code file}, … */
    public String id() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
