package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything a manifest consists of. Layers that are not distributed with an image (Windows base
 * layers) are left out.
 *
 * @param manifests children before the index that names them; the root is the last
 * @param blobs configs and layers, each once
 */
record Closure(List<Manifest> manifests, List<Descriptor> blobs) {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_MANIFESTS = 10_000;

  Closure {
    manifests = List.copyOf(manifests);
    blobs = List.copyOf(blobs);
  }

  static Closure of(Repository repository, Descriptor root) {
    return of(repository, root, Set.of());
  }

  /**
   * @param absent children that are passed over
   */
  static Closure of(Repository repository, Descriptor root, Set<Digest> absent) {
    Walk walk = new Walk(repository, absent);
    walk.visit(root, 0);
    return new Closure(walk.manifests, List.copyOf(walk.blobs.values()));
  }

  static boolean isManifest(String mediaType) {
    return Manifest.isIndexType(mediaType)
        || mediaType.equals(MediaTypes.OCI_MANIFEST)
        || mediaType.equals(MediaTypes.OCI_ARTIFACT)
        || mediaType.equals(MediaTypes.DOCKER_MANIFEST);
  }

  private static boolean isDistributed(Descriptor layer) {
    return !layer.mediaType().contains("nondistributable")
        && !layer.mediaType().contains("rootfs.foreign");
  }

  /** A depth-first walk; digests make cycles impossible, the limits make it end soon. */
  private static final class Walk {
    private final Repository repository;
    private final List<Manifest> manifests = new ArrayList<>();
    private final Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
    private final Set<Digest> seen;

    Walk(Repository repository, Set<Digest> absent) {
      this.repository = repository;
      this.seen = new HashSet<>(absent);
    }

    void visit(Descriptor descriptor, int depth) {
      if (!seen.add(descriptor.digest())) {
        return;
      }
      if (depth > MAX_DEPTH || seen.size() > MAX_MANIFESTS) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE,
            "%s: more than %d manifests, or indexes nested more than %d levels deep"
                .formatted(repository.name(), MAX_MANIFESTS, MAX_DEPTH));
      }
      Manifest manifest = repository.manifest(descriptor);
      manifest.config().ifPresent(this::blob);
      manifest.layers().stream().filter(Closure::isDistributed).forEach(this::blob);
      manifest.manifests().forEach(child -> visit(child, depth + 1));
      manifests.add(manifest);
    }

    private void blob(Descriptor blob) {
      blobs.putIfAbsent(blob.digest(), blob.bare());
    }
  }
}
