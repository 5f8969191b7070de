package dev.bulla.build;

import dev.bulla.build.layer.ArchiveLimits;
import dev.bulla.build.layer.Entry;
import dev.bulla.build.layer.FileTree;
import dev.bulla.build.layer.ImageFiles;
import dev.bulla.build.layer.ImagePath;
import dev.bulla.build.layer.IoFailure;
import dev.bulla.build.layer.Layer;
import dev.bulla.build.layer.LayerWriter;
import dev.bulla.build.layer.Placement;
import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.claim.Check;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Makes an image of a resolved template: the base image's layers as they are, one layer for each
 * customize step that changes anything, a configuration and a manifest. Equal inputs give an equal
 * image digest, on every machine and at every time; only the provenance tells one run from another.
 *
 * <p>Blobs are written first and the manifest last, without a tag, so an image that is there is
 * whole. Thread-safe.
 */
public final class BuildImage {
  private static final String CREATED = "org.opencontainers.image.created";
  private static final String BASE_NAME = "org.opencontainers.image.base.name";
  private static final String BASE_DIGEST = "org.opencontainers.image.base.digest";

  private final Builder builder;
  private final InstantSource clock;
  private final Supplier<String> invocationIds;
  private final BuildProgress progress;
  private final LayerWriter.Output output;

  /**
   * @param clock for the provenance's times only
   * @param invocationIds a new name for each build, a URI or UUID
   */
  public BuildImage(
      Builder builder,
      InstantSource clock,
      Supplier<String> invocationIds,
      BuildProgress progress) {
    this(builder, clock, invocationIds, progress, LayerWriter.Output.FILES);
  }

  BuildImage(
      Builder builder,
      InstantSource clock,
      Supplier<String> invocationIds,
      BuildProgress progress,
      LayerWriter.Output output) {
    this.builder = builder;
    this.clock = clock;
    this.invocationIds = invocationIds;
    this.progress = progress;
    this.output = output;
  }

  /**
   * Builds into {@code target}, usually an OCI layout; stays the owner of nothing.
   *
   * @throws BullaException {@link ErrorCode#VALIDATION_FAILED} unless the template goes on after a
   *     failed check; {@link ErrorCode#BUILD_TIMEOUT}, {@link ErrorCode#DISK_FULL}, {@link
   *     ErrorCode#INPUT_CHECKSUM_MISMATCH} if an input changed since it was resolved, {@link
   *     ErrorCode#TEMPLATE_INVALID} if a step does not fit the base image
   */
  public BuildResult build(ResolvedTemplate resolved, Repository target) {
    Instant started = clock.instant();
    return resolved
        .deadline()
        .run("building " + resolved.template().name(), () -> buildNow(resolved, target, started));
  }

  private BuildResult buildNow(ResolvedTemplate resolved, Repository target, Instant started) {
    Template template = resolved.template();
    ConfigDocument config =
        new ConfigDocument(template, resolved.base().map(ResolvedTemplate.Base::config));
    ImageFiles files = new ImageFiles();
    List<Descriptor> layers = new ArrayList<>();
    resolved.base().ifPresent(base -> copyBase(base, config.diffIds(), files, layers, target));
    LayerWriter writer = new LayerWriter(output, template.created());
    for (int i = 0; i < template.customize().size(); i++) {
      FileStep step = template.customize().get(i);
      FileTree tree = place(step, resolved.contents().get(i), files);
      if (tree.entries().isEmpty()) {
        config.addEmpty(step.name());
        continue;
      }
      Layer layer = writer.write(tree, resolved.work().resolve("layer-" + i));
      files.apply(tree);
      config.addLayer(step.name(), layer.diffId());
      layers.add(layer.descriptor());
      push(layer, target);
      progress.report(
          "layer",
          "%s: %d entries, %d bytes, %s"
              .formatted(
                  step.name(),
                  tree.entries().size(),
                  layer.descriptor().size(),
                  layer.descriptor().digest()));
    }
    byte[] configBytes = config.write();
    List<Check> validation = validate(template, files, configBytes, layers);
    Descriptor configDescriptor = Descriptor.of(MediaTypes.OCI_CONFIG, configBytes);
    target.pushBlob(configDescriptor, BlobSource.of(configBytes));
    Manifest manifest =
        Manifest.image(
            configDescriptor, layers, Optional.empty(), Optional.empty(), annotations(resolved));
    target.pushManifest(manifest, List.of());
    Digest image = manifest.descriptor().digest();
    progress.report("image", image.toString());
    byte[] lock = Provenance.lock(resolved);
    Provenance.Run run = new Provenance.Run(builder, invocationIds.get(), started, clock.instant());
    return new BuildResult(
        manifest.descriptor(),
        configDescriptor,
        layers,
        config.diffIds(),
        Provenance.statement(resolved, image, lock, run),
        lock,
        validation);
  }

  private void copyBase(
      ResolvedTemplate.Base base,
      List<Digest> diffIds,
      ImageFiles files,
      List<Descriptor> layers,
      Repository target) {
    List<Descriptor> all = base.manifest().layers();
    if (diffIds.size() != all.size()) {
      throw new BullaException(
          ErrorCode.MANIFEST_INVALID,
          "the base image has %d layers and %d diff_ids".formatted(all.size(), diffIds.size()));
    }
    for (int i = 0; i < all.size(); i++) {
      Path file = base.layers().get(i);
      String what = "base layer " + all.get(i).digest();
      Digest found;
      try (InputStream in = Files.newInputStream(file)) {
        found = files.applyLayer(in, ArchiveLimits.DEFAULT, what);
      } catch (IOException e) {
        throw IoFailure.of(e, "reading " + what);
      }
      if (!found.equals(diffIds.get(i))) {
        throw new BullaException(
            ErrorCode.DIGEST_MISMATCH,
            "%s: uncompressed it has digest %s, expected %s from the configuration"
                .formatted(what, found, diffIds.get(i)));
      }
      Descriptor layer = asOci(all.get(i));
      target.pushBlob(layer, BlobSource.of(file));
      layers.add(layer);
      progress.report("base", what);
    }
  }

  /** Docker's gzip layers have the same bytes under another name. */
  private static Descriptor asOci(Descriptor layer) {
    return layer.mediaType().equals(MediaTypes.DOCKER_LAYER_GZIP)
        ? new Descriptor(MediaTypes.OCI_LAYER_GZIP, layer.digest(), layer.size())
        : layer.bare();
  }

  private static FileTree place(FileStep step, ResolvedTemplate.Content content, ImageFiles files) {
    return switch (content) {
      case ResolvedTemplate.Content.Tree(FileTree tree) ->
          new Placement(step.destination(), step.mode(), step.owner()).tree(tree, files);
      case ResolvedTemplate.Content.Single(String fileName, Entry.File file) -> {
        ImagePath destination =
            step.intoDirectory() ? step.destination().child(fileName) : step.destination();
        yield new Placement(destination, step.mode(), step.owner()).file(file, files);
      }
    };
  }

  private static void push(Layer layer, Repository target) {
    target.pushBlob(layer.descriptor(), BlobSource.of(layer.file()));
    try {
      Files.deleteIfExists(layer.file());
    } catch (IOException e) {
      throw IoFailure.of(e, "removing " + layer.file());
    }
  }

  private List<Check> validate(
      Template template, ImageFiles files, byte[] config, List<Descriptor> layers) {
    List<Check> checks = new Validate(files, config, layers).check(template.validation());
    List<Check> failed =
        checks.stream().filter(check -> check.outcome() == Check.Outcome.FAILED).toList();
    checks.forEach(check -> progress.report("validate", check.name() + ": " + check.outcome()));
    if (!failed.isEmpty() && !template.validation().continueDistributeOnFailure()) {
      throw new BullaException(
          ErrorCode.VALIDATION_FAILED,
          "validating %s: %s"
              .formatted(
                  template.name(),
                  failed.stream()
                      .map(c ->
                          "%s: found %s, expected %s".formatted(c.name(), c.found(), c.expected()))
                      .collect(Collectors.joining("; "))),
          "Change the image or the check; continueDistributeOnFailure reports failures without"
              + " stopping.");
    }
    return checks;
  }

  private static Map<String, String> annotations(ResolvedTemplate resolved) {
    Map<String, String> all = new TreeMap<>(resolved.template().artifactTags());
    all.put(CREATED, resolved.template().created().toString());
    resolved.baseInput().ifPresent(base -> all.put(BASE_DIGEST, base.digest().toString()));
    if (resolved.template().source() instanceof Source.Image image) {
      all.put(BASE_NAME, image.reference().toString());
    }
    return all;
  }
}
