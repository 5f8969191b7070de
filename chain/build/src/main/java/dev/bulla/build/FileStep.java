package dev.bulla.build;

import dev.bulla.build.layer.Entry;
import dev.bulla.build.layer.ImagePath;
import dev.bulla.core.Digest;
import java.util.Optional;

/**
 * The customize step {@code File}: puts a file, a directory, an archive's content or a download
 * into the image, as one layer.
 *
 * @param name unique in the template
 * @param sourceUri a path below the template's directory, or an http or https URL
 * @param sha256Checksum of the file's or archive's bytes, or of a directory's tree; always there
 *     for a URL
 * @param destination absolute in the image
 * @param intoDirectory whether a single file goes below the destination under its own name
 * @param mode permission bits of files; empty: 0755 if the source is executable, else 0644
 * @param unpack whether the source is an archive whose content is wanted
 */
public record FileStep(
    String name,
    String sourceUri,
    Optional<Digest> sha256Checksum,
    ImagePath destination,
    boolean intoDirectory,
    Optional<Integer> mode,
    Entry.Owner owner,
    boolean unpack) {

  /** Whether the content comes from the network. */
  public boolean isDownload() {
    return sourceUri.startsWith("https://") || sourceUri.startsWith("http://");
  }
}
