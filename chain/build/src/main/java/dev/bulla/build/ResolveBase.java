package dev.bulla.build;

import dev.bulla.build.layer.IoFailure;
import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Platform;
import dev.bulla.core.Reference;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Platforms;
import dev.bulla.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Fetches a base image into the work directory, every byte verified against its descriptor. */
final class ResolveBase {
  static final Platform DEFAULT_PLATFORM = new Platform("linux", "amd64");

  private static final int MAX_CONFIG = 4 * 1024 * 1024;

  private final BaseImages images;
  private final Path work;
  private final BuildProgress progress;

  ResolveBase(BaseImages images, Path work, BuildProgress progress) {
    this.images = images;
    this.work = work;
    this.progress = progress;
  }

  /** The base image, added to {@code inputs}; empty for Scratch. */
  Optional<ResolvedTemplate.Base> resolve(Template template, List<Input> inputs) {
    return switch (template.source()) {
      case Source.Scratch scratch -> Optional.empty();
      case Source.OciLayout layout -> {
        String selector = layout.digest().map(Digest::toString).or(layout::reference).orElseThrow();
        yield Optional.of(fetch(template, selector, "oci-layout:" + layout.path(), inputs));
      }
      case Source.Image image -> {
        String selector =
            image.pinned().map(Digest::toString).orElseGet(image.reference()::selector);
        yield Optional.of(fetch(template, selector, "", inputs));
      }
    };
  }

  private ResolvedTemplate.Base fetch(
      Template template, String selector, String layoutUri, List<Input> inputs) {
    try (Repository repository = images.open(template.source(), template.directory())) {
      progress.report("base", repository.name() + " " + selector);
      Descriptor named =
          repository
              .resolve(selector)
              .orElseThrow(() ->
                  new BullaException(
                      ErrorCode.MANIFEST_NOT_FOUND,
                      "resolving the base image: %s holds no %s"
                          .formatted(repository.name(), selector),
                      "Check 'source' in the template."));
      checkReference(template.source(), repository, named);
      Manifest manifest = ofPlatform(repository, named, template.platform());
      Descriptor config = manifest.config().orElseThrow();
      if (!config.mediaType().equals(MediaTypes.OCI_CONFIG)
          && !config.mediaType().equals(MediaTypes.DOCKER_CONFIG)) {
        throw new BullaException(
            ErrorCode.MANIFEST_INVALID,
            "the base %s is an artifact of type %s, not an image"
                .formatted(selector, config.mediaType()));
      }
      byte[] configBytes = repository.blobBytes(config, MAX_CONFIG);
      List<Path> layers = new ArrayList<>();
      for (Descriptor layer : manifest.layers()) {
        layers.add(fetchLayer(repository, layer));
      }
      inputs.add(input(template.source(), layoutUri, named));
      return new ResolvedTemplate.Base(manifest, configBytes, layers);
    }
  }

  /** A layout may be named by tag and digest at once; then both have to mean the same. */
  private static void checkReference(Source source, Repository repository, Descriptor named) {
    if (source
            instanceof
            Source.OciLayout(String path, Optional<String> reference, Optional<Digest> digest)
        && reference.isPresent()
        && digest.isPresent()) {
      Optional<Digest> tagged = repository.resolve(reference.get()).map(Descriptor::digest);
      if (tagged.filter(named.digest()::equals).isEmpty()) {
        throw new BullaException(
            ErrorCode.DIGEST_MISMATCH,
            "the base image %s in %s has digest %s, expected %s"
                .formatted(
                    reference.get(),
                    path,
                    tagged.map(Digest::toString).orElse("none"),
                    digest.get()));
      }
    }
  }

  private static Manifest ofPlatform(
      Repository repository, Descriptor named, Optional<Platform> wanted) {
    Manifest manifest = repository.manifest(named);
    if (!manifest.isIndex()) {
      return manifest;
    }
    Manifest chosen =
        repository.manifest(Platforms.select(manifest, wanted.orElse(DEFAULT_PLATFORM)));
    if (chosen.isIndex()) {
      throw new BullaException(
          ErrorCode.MANIFEST_INVALID,
          "the base image " + named.digest() + " is an index of indexes");
    }
    return chosen;
  }

  private Path fetchLayer(Repository repository, Descriptor layer) {
    progress.report("base", "layer " + layer.digest().shortHex() + ", " + layer.size() + " bytes");
    Path file = work.resolve("base-" + layer.digest().hex());
    if (Files.exists(file)) {
      return file; // the same layer twice in one image
    }
    try (InputStream in = repository.blob(layer)) {
      Files.copy(in, file);
    } catch (IOException e) {
      throw IoFailure.of(e, "fetching base layer " + layer.digest() + " from " + repository.name());
    }
    return file;
  }

  private static Input input(Source source, String layoutUri, Descriptor named) {
    String uri =
        source instanceof Source.Image image ? purl(image.reference(), named.digest()) : layoutUri;
    return new Input(
        Input.Kind.BASE_IMAGE, "source", uri, named.digest(), named.size(), source.isPinned());
  }

  /** {@code pkg:oci/NAME@DIGEST?repository_url=…&tag=…} (package URL specification, type oci). */
  private static String purl(Reference reference, Digest digest) {
    String repository = reference.repository();
    return "pkg:oci/"
        + repository.substring(repository.lastIndexOf('/') + 1)
        + "@"
        + encoded(digest.toString())
        + "?repository_url="
        + encoded(reference.registry() + "/" + repository).replace("%2F", "/")
        + reference.tag().map(tag -> "&tag=" + encoded(tag)).orElse("");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
