package dev.bulla.inventory;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import dev.bulla.inventory.archive.LayerStream;
import dev.bulla.inventory.archive.PathHash;
import dev.bulla.inventory.archive.TarReader;
import dev.bulla.inventory.format.SystemPackage;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Lists the components of an image.
 *
 * <p>Every layer is read once, all of them at the same time on as many threads as there are
 * processors, straight from its blob: nothing is unpacked. Each layer yields what its own files
 * say; only then it is decided which of the files can be seen in the image. A second pass happens
 * only for links with a telling name to files without one.
 */
public final class CatalogueImage {
  private static final int MAX_LAYERS = 512;

  private CatalogueImage() {}

  /**
   * Lists the components of one image.
   *
   * @param imageOrIndex an image manifest, or an index of which one image is chosen
   * @param platform of the image to take from an index; empty for this machine's, or the only image
   *     there is
   * @throws BullaException {@code PLATFORM_NOT_FOUND}; {@code ARCHIVE_INVALID} if a layer cannot be
   *     read to its end, since an inventory without it would be incomplete; the repository's own
   *     errors
   */
  public static Inventory catalogue(
      Repository repository, Descriptor imageOrIndex, Optional<Platform> platform) {
    Manifest image = ChooseImage.from(repository, imageOrIndex, platform);
    if (image.layers().size() > MAX_LAYERS) {
      throw new BullaException(
          ErrorCode.MANIFEST_INVALID,
          "image %s has %d layers, at most %d are read"
              .formatted(image.descriptor().digest(), image.layers().size(), MAX_LAYERS));
    }
    return new Run(repository, image).inventory();
  }

  /** One catalogue run. */
  private static final class Run {
    private final Repository repository;
    private final Manifest image;
    private final PathHash hash = new PathHash();
    private final EvidenceReader reader = new EvidenceReader(hash);
    private final List<String> warnings = new ArrayList<>();

    Run(Repository repository, Manifest image) {
      this.repository = repository;
      this.image = image;
    }

    Inventory inventory() {
      List<Descriptor> blobs = image.layers();
      List<Digest> digests = blobs.stream().map(Descriptor::digest).toList();
      List<LayerFacts> layers = scan(Map.of());
      ImageView view = new ImageView(layers, hash);
      followLinks(layers, view);
      List<Sighting> sightings = sightings(layers, view, digests);
      Catalogue catalogue = new Catalogue(sightings, digests, true, hash);
      List<Component> components = catalogue.components(firstLayers(layers));
      return new Inventory(
          Optional.of(image.descriptor().digest()),
          repository.name(),
          catalogue.distribution(),
          components,
          warnings);
    }

    /** Reads all layers, or with {@code wanted} only those paths' layers, in parallel. */
    private List<LayerFacts> scan(Map<String, Interest> wanted) {
      List<Descriptor> blobs = image.layers();
      int threads = Math.max(1, Math.min(blobs.size(), Runtime.getRuntime().availableProcessors()));
      try (ExecutorService pool =
          Executors.newFixedThreadPool(
              threads, Thread.ofPlatform().name("layer-", 0).daemon().factory())) {
        List<Future<LayerFacts>> running = new ArrayList<>();
        for (Integer index : bySize(blobs)) {
          running.add(pool.submit(task(index, wanted)));
        }
        LayerFacts[] facts = new LayerFacts[blobs.size()];
        int i = 0;
        for (Integer index : bySize(blobs)) {
          facts[index] = await(running.get(i++), pool);
        }
        return List.of(facts);
      }
    }

    /** Large layers first, so that none of them is left alone at the end. */
    private static List<Integer> bySize(List<Descriptor> blobs) {
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < blobs.size(); i++) {
        order.add(i);
      }
      order.sort((a, b) -> Long.compare(blobs.get(b).size(), blobs.get(a).size()));
      return order;
    }

    private Callable<LayerFacts> task(int index, Map<String, Interest> wanted) {
      Descriptor blob = image.layers().get(index);
      return () -> {
        try (InputStream raw = repository.blob(blob);
            InputStream stream = LayerStream.open(raw);
            Workspace workspace = new Workspace()) {
          TarReader tar = new TarReader(stream);
          LayerFacts facts = new LayerScan(tar, workspace, reader, hash, index == 0, wanted).run();
          // to the last byte: only then the blob has been verified
          stream.transferTo(java.io.OutputStream.nullOutputStream());
          raw.transferTo(java.io.OutputStream.nullOutputStream());
          return facts;
        } catch (IOException | UncheckedIOException e) {
          throw new BullaException(
              ErrorCode.ARCHIVE_INVALID,
              "layer %d of image %s (%s) cannot be read: %s"
                  .formatted(index + 1, image.descriptor().digest(), blob.digest(), e.getMessage()),
              "The layer is damaged or no tar archive; build or fetch the image again.",
              e);
        }
      };
    }

    private static LayerFacts await(Future<LayerFacts> future, ExecutorService pool) {
      try {
        return future.get();
      } catch (ExecutionException e) {
        pool.shutdownNow();
        if (e.getCause() instanceof BullaException known) {
          throw known;
        }
        throw new BullaException(ErrorCode.INTERNAL, "a layer could not be read", e.getCause());
      } catch (InterruptedException e) {
        pool.shutdownNow();
        Thread.currentThread().interrupt();
        throw new BullaException(ErrorCode.INTERNAL, "reading the image was interrupted", e);
      }
    }

    /**
     * A link with a telling name may lead to a file without one. A hard link takes over its
     * target's finding, or asks for the target to be read; a symbolic link asks for its target.
     */
    private void followLinks(List<LayerFacts> layers, ImageView view) {
      Map<String, Interest> wanted = new HashMap<>();
      for (LayerFacts layer : layers) {
        layer.hardlinks.forEach((link, target) -> hardlink(layer, link, plain(target), wanted));
      }
      view.symlinks()
          .forEach((link, target) -> {
            Interest interest = interestOf(link);
            if (interest == Interest.JAVA) {
              view.resolve(link)
                  .filter(path -> interestOf(path) == Interest.NONE)
                  .ifPresent(path -> wanted.put(path, interest));
            }
          });
      if (wanted.isEmpty()) {
        return;
      }
      List<LayerFacts> again = scan(wanted);
      for (int i = 0; i < layers.size(); i++) {
        LayerFacts layer = layers.get(i);
        again.get(i).findings.forEach(layer.findings::putIfAbsent);
        again.get(i).problems.forEach(layer.problems::putIfAbsent);
      }
    }

    private static void hardlink(
        LayerFacts layer, String link, String target, Map<String, Interest> wanted) {
      Finding finding = layer.findings.get(target);
      Interest interest = interestOf(link);
      if (finding != null && (interest != Interest.NONE || interestOf(target) == Interest.NONE)) {
        layer.findings.putIfAbsent(link, finding);
      } else if (finding == null
          && interest == Interest.JAVA
          && interestOf(target) == Interest.NONE) {
        wanted.put(target, interest);
      }
    }

    private static Interest interestOf(String path) {
      byte[] bytes = path.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      return Interest.of(bytes, 0, bytes.length);
    }

    private static String plain(String path) {
      byte[] bytes = path.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      int length = LayerScan.normalise(bytes, bytes.length);
      return length < 0
          ? ""
          : new String(bytes, 0, length, java.nio.charset.StandardCharsets.UTF_8);
    }

    private List<Sighting> sightings(
        List<LayerFacts> layers, ImageView view, List<Digest> digests) {
      List<Sighting> visible = new ArrayList<>();
      for (int i = 0; i < layers.size(); i++) {
        LayerFacts layer = layers.get(i);
        for (String warning : layer.warnings) {
          warnings.add("layer %s: %s".formatted(digests.get(i), warning));
        }
        for (Map.Entry<String, Finding> entry : new TreeMap<>(layer.findings).entrySet()) {
          if (view.visible(entry.getKey(), i)) {
            visible.add(new Sighting(entry.getKey(), i, entry.getValue()));
          }
        }
        for (Map.Entry<String, List<String>> entry : new TreeMap<>(layer.problems).entrySet()) {
          if (view.visible(entry.getKey(), i)) {
            for (String problem : entry.getValue()) {
              warnings.add(
                  "/%s in layer %s: %s"
                      .formatted(
                          dev.bulla.core.Shown.text(entry.getKey()), digests.get(i), problem));
            }
          }
        }
      }
      return visible;
    }

    /** The lowest layer since which each distribution package has been there without a gap. */
    private static Map<String, Integer> firstLayers(List<LayerFacts> layers) {
      Map<String, Integer> first = new HashMap<>();
      for (int i = 0; i < layers.size(); i++) {
        for (Map.Entry<String, Finding> entry : layers.get(i).findings.entrySet()) {
          if (entry.getValue()
              instanceof Finding.SystemPackages(String kind, List<SystemPackage> packages)) {
            Map<String, Integer> before = new HashMap<>(first);
            if (!entry.getKey().contains("status.d/")) {
              first.keySet().removeIf(key -> key.startsWith(kind + "/"));
            }
            for (SystemPackage one : packages) {
              String key = kind + "/" + one.name() + "@" + one.version();
              first.put(key, before.getOrDefault(key, i));
            }
          }
        }
      }
      return first;
    }
  }
}
