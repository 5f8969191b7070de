package dev.bulla.pipeline;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Reference;
import dev.bulla.oci.CopyImage;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Progress;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.pipeline.StageClock.Outcome;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Brings an image with its evidence from the layout to where others see it: evidence first, tag
 * last (ADR 2).
 */
final class Publication {
  private final RegistryClient registries;
  private final Repository layout;
  private final Descriptor image;

  Publication(RegistryClient registries, Repository layout, Descriptor image) {
    this.registries = registries;
    this.layout = layout;
    this.image = image;
  }

  /** Whether every tag of the first destination already stands for this image. */
  boolean isThere(Destinations destinations) {
    Destinations.Named first = destinations.first();
    try (Repository repository = registries.repository(first.name())) {
      return first.tags().stream()
          .allMatch(tag ->
              repository
                  .resolve(tag)
                  .filter(found -> found.digest().equals(image.digest()))
                  .isPresent());
    }
  }

  Outcome<Boolean> publish(Destinations destinations, Consumer<String> progress) {
    long moved = 0;
    for (Destinations.Named named : destinations.registries()) {
      try (Repository target = registries.repository(named.name())) {
        moved += copy(target, named.tags(), progress);
      }
    }
    for (Destinations.Directory directory : destinations.layouts()) {
      try (Repository target = Layout.create(directory.path())) {
        moved += copy(target, directory.tags(), progress);
      }
    }
    String names =
        destinations.registries().stream()
            .flatMap(named -> named.references().stream())
            .map(Reference::toString)
            .collect(Collectors.joining(", "));
    return Outcome.of(true, "%s, %s sent".formatted(names, Sizes.text(moved)));
  }

  /**
   * Sends the sealed statements of a refused image, and nothing of the image, to the home's
   * registry.
   */
  Reference keepEvidence(Reference kept, Evidence evidence) {
    try (Repository target = registries.repository(kept.name())) {
      for (Descriptor statement : evidence.statements()) {
        CopyImage.between(layout, target).withReferrers().copy(statement, List.of());
      }
    }
    return kept;
  }

  private long copy(Repository target, List<String> tags, Consumer<String> progress) {
    CopyImage.Result result =
        CopyImage.between(layout, target)
            .withReferrers()
            .progress(new Told(progress))
            .copy(image, List.of());
    Manifest manifest = layout.manifest(image);
    target.pushManifest(manifest, tags);
    return result.bytes();
  }

  /** One line of progress for all blobs together. */
  private static final class Told implements Progress {
    private final Consumer<String> progress;
    private final AtomicLong finished = new AtomicLong();

    Told(Consumer<String> progress) {
      this.progress = progress;
    }

    @Override
    public void advanced(Descriptor blob, long done) {
      if (blob.size() > 1 << 20) {
        progress.accept(
            "%s %s of %s"
                .formatted(blob.digest().shortHex(), Sizes.text(done), Sizes.text(blob.size())));
      }
    }

    @Override
    public void finished(Descriptor blob, boolean copied) {
      progress.accept(finished.incrementAndGet() + " objects there");
    }
  }
}
