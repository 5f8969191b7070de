package dev.bulla.build;

import dev.bulla.core.Digest;
import dev.bulla.core.Reference;
import java.util.Optional;

/** What an image starts from. */
public sealed interface Source {

  /** Nothing: the image holds the template's own layers only. */
  record Scratch() implements Source {}

  /**
   * An image in an OCI layout directory or tar.
   *
   * @param path as written in the template; relative to its directory
   * @param reference tag in the layout; empty if the digest says it all
   */
  record OciLayout(String path, Optional<String> reference, Optional<Digest> digest)
      implements Source {}

  /**
   * An image in a registry.
   *
   * @param digest overrides what the reference says; a digest may be part of the reference too
   */
  record Image(Reference reference, Optional<Digest> digest) implements Source {
    /** The digest that the template demands, wherever it says so. */
    public Optional<Digest> pinned() {
      return digest.or(reference::digest);
    }
  }

  /** Whether the template itself names the exact content. */
  default boolean isPinned() {
    return switch (this) {
      case Scratch scratch -> true;
      case OciLayout layout -> layout.digest().isPresent();
      case Image image -> image.pinned().isPresent();
    };
  }
}
