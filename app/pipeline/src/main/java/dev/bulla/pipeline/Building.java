package dev.bulla.pipeline;

import dev.bulla.build.HttpDownloads;
import dev.bulla.build.ResolveInputs;
import dev.bulla.build.ResolvedTemplate;
import dev.bulla.build.Source;
import dev.bulla.build.Template;
import dev.bulla.build.layer.ArchiveLimits;
import dev.bulla.oci.Layout;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Resolves a template with what the surroundings offer: registries and layouts for base images,
 * HTTP for downloads.
 */
public final class Building {
  private static final long MAX_DOWNLOAD = 16L << 30;

  private final RegistryClient registries;

  public Building(RegistryClient registries) {
    this.registries = registries;
  }

  /**
   * Reads, checks and hashes every input.
   *
   * @param work an empty or absent directory for downloads
   */
  public ResolvedTemplate resolve(Template template, Path work, Consumer<String> progress) {
    try {
      Files.createDirectories(work);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ResolveInputs(
            this::open,
            new HttpDownloads(MAX_DOWNLOAD),
            ArchiveLimits.DEFAULT,
            (stage, detail) -> progress.accept(detail))
        .resolve(template, work);
  }

  private Repository open(Source source, Path directory) {
    return switch (source) {
      case Source.OciLayout layout -> Layout.open(directory.resolve(layout.path()));
      case Source.Image image -> registries.repository(image.reference());
      case Source.Scratch scratch ->
          throw new IllegalArgumentException("nothing to open for Scratch");
    };
  }
}
