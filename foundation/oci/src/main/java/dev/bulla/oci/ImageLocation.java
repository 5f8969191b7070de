package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where an image named on the command line is: in a registry or in a layout. */
public sealed interface ImageLocation {

  /** {@code REGISTRY/REPOSITORY[:TAG|@DIGEST]}. */
  record InRegistry(Reference reference) implements ImageLocation {
    @Override
    public Opened open(RegistryClient client) {
      return ImageLocation.resolve(client.repository(reference), reference.selector(), toString());
    }

    @Override
    public String toString() {
      return reference.toString();
    }
  }

  /**
   * {@code PATH@DIGEST}, {@code PATH:TAG}, or {@code PATH} of a layout with one image.
   *
   * @param selector tag or digest; empty for the only image
   */
  record InLayout(Path path, Optional<String> selector) implements ImageLocation {
    private static final Pattern EVIDENCE_TAG =
        Pattern.compile("sha(?:256|384|512)-[0-9a-f]{64,128}(?:\\..*)?");

    @Override
    public Opened open(RegistryClient client) {
      Repository layout = Layout.open(path);
      try {
        return ImageLocation.resolve(
            layout, selector.orElseGet(() -> only((LayoutRepository) layout)), toString());
      } catch (RuntimeException e) {
        layout.close();
        throw e;
      }
    }

    private String only(LayoutRepository layout) {
      List<String> images =
          layout.listed().stream()
              .filter(one -> !isEvidence(one))
              .filter(one -> layout.manifest(one.bare()).subject().isEmpty())
              .map(one -> one.digest().toString())
              .distinct()
              .toList();
      if (images.size() == 1) {
        return images.getFirst();
      }
      throw new BullaException(
          ErrorCode.REFERENCE_INVALID,
          "%s holds %d images".formatted(path, images.size()),
          "Say which: PATH:TAG or PATH@DIGEST. Tags there: "
              + String.join(", ", layout.tags())
              + ".");
    }

    /** Signatures that lie beside an image by their tag or by cosign's word. */
    private static boolean isEvidence(Descriptor entry) {
      String tag = entry.annotations().getOrDefault(LayoutIndex.REF_NAME, "");
      String kind = entry.annotations().getOrDefault(CosignKinds.KIND, "");
      return EVIDENCE_TAG.matcher(tag).matches()
          || kind.startsWith(CosignKinds.PREFIX) && !kind.startsWith(CosignKinds.PREFIX + "image");
    }

    @Override
    public String toString() {
      return path + selector.map(s -> (s.indexOf(':') >= 0 ? "@" : ":") + s).orElse("");
    }
  }

  /**
   * An image that has been found. Closing it closes a layout; the registry client stays open.
   *
   * @param descriptor media type, digest and size of its manifest
   */
  record Opened(Repository repository, Descriptor descriptor) implements AutoCloseable {
    /** The manifest, verified. */
    public Manifest manifest() {
      return repository.manifest(descriptor);
    }

    @Override
    public void close() {
      repository.close();
    }
  }

  /**
   * Finds the image.
   *
   * @param client used for an image in a registry
   * @throws BullaException {@code MANIFEST_NOT_FOUND} if there is none, and what the repository
   *     throws
   */
  Opened open(RegistryClient client);

  /**
   * Reads an argument as oras and notation do: in a layout the selector follows the last {@code @}
   * if that is a digest, else the last colon if what follows is a tag; the path before it may hold
   * both characters.
   *
   * @param ociLayout whether the argument names a layout ({@code --oci-layout})
   * @throws BullaException {@code REFERENCE_INVALID}
   */
  static ImageLocation parse(String argument, boolean ociLayout) {
    if (!ociLayout) {
      return new InRegistry(Reference.parse(argument));
    }
    int at = argument.lastIndexOf('@');
    if (at > 0 && isDigest(argument.substring(at + 1))) {
      return inLayout(argument, at);
    }
    int colon = argument.lastIndexOf(':');
    if (colon > 0 && Reference.isTag(argument.substring(colon + 1))) {
      return inLayout(argument, colon);
    }
    if (argument.isEmpty()) {
      throw invalid(argument);
    }
    return new InLayout(path(argument, argument), Optional.empty());
  }

  private static ImageLocation inLayout(String argument, int separator) {
    return new InLayout(
        path(argument.substring(0, separator), argument),
        Optional.of(argument.substring(separator + 1)));
  }

  private static Path path(String text, String argument) {
    try {
      return Path.of(text);
    } catch (java.nio.file.InvalidPathException e) {
      throw invalid(argument);
    }
  }

  private static boolean isDigest(String text) {
    try {
      Digest.parse(text);
      return true;
    } catch (BullaException e) {
      return false;
    }
  }

  private static BullaException invalid(String argument) {
    return new BullaException(
        ErrorCode.REFERENCE_INVALID,
        "'" + Shown.text(argument) + "' does not name an image in a layout",
        "Write PATH:TAG or PATH@DIGEST.");
  }

  private static Opened resolve(Repository repository, String selector, String shown) {
    Descriptor found =
        repository
            .resolve(selector)
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.MANIFEST_NOT_FOUND,
                    "there is no image %s".formatted(shown),
                    "Check the tag or digest, and that it was pushed."));
    return new Opened(repository, found);
  }
}
