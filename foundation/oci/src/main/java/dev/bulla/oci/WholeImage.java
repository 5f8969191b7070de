package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An image or any other artifact with everything that its index names: the root first, then each
 * child in the order of the index, children of a nested index right after it.
 *
 * <p>Only indexes are fetched: what a leaf is, its index says.
 *
 * @param parts at least one, the root; a manifest that an index names twice is here twice
 */
public record WholeImage(List<Part> parts) {
  /** How deep indexes may be nested. */
  public static final int MAX_DEPTH = 8;

  /** How many manifests one image may consist of. */
  public static final int MAX_PARTS = 1000;

  private static final String REFERENCE_TYPE = "vnd.docker.reference.type";
  private static final String REFERENCE_DIGEST = "vnd.docker.reference.digest";

  /** What a part is. */
  public enum Kind {
    /** An image for a platform, or any artifact that is no index. */
    IMAGE,
    INDEX,
    /**
     * An attestation manifest of BuildKit: no image, but statements about another child of the same
     * index.
     */
    ATTESTATION
  }

  /**
   * One manifest of the whole.
   *
   * @param descriptor as its index names it
   * @param depth 0 for the root
   * @param attests the image that a part of kind ATTESTATION is about
   */
  public record Part(Descriptor descriptor, Kind kind, int depth, Optional<Digest> attests) {
    public Optional<Platform> platform() {
      return descriptor.platform().filter(one -> !one.os().equals("unknown"));
    }

    /** For people: the platform, or what else tells it from its neighbours. */
    public String name() {
      return switch (kind) {
        case INDEX -> depth == 0 ? "index" : "index " + descriptor.digest().shortHex();
        case ATTESTATION ->
            "attestation of " + attests.map(Digest::shortHex).orElse("an unknown image");
        case IMAGE ->
            platform()
                .map(Platform::toString)
                .orElse(depth == 0 ? "image" : "image " + descriptor.digest().shortHex());
      };
    }
  }

  public WholeImage {
    parts = List.copyOf(parts);
  }

  /**
   * Reads the indexes from {@code root} down.
   *
   * @throws BullaException {@code INPUT_TOO_LARGE} beyond {@link #MAX_DEPTH} or {@link #MAX_PARTS};
   *     as {@link Repository#manifest}
   */
  public static WholeImage of(Repository repository, Descriptor root) {
    Walk walk = new Walk(repository, Optional.empty());
    walk.visit(root, 0, Optional.empty());
    return new WholeImage(walk.parts);
  }

  /**
   * An image some of whose children the repository does not have (a sparse index).
   *
   * @param whole with the missing parts; what a missing index names is not known
   * @param missing in the order of the indexes
   */
  public record Sparse(WholeImage whole, List<Part> missing) {
    public Sparse {
      missing = List.copyOf(missing);
    }

    /** Nothing is missing. */
    public static Sparse complete(WholeImage whole) {
      return new Sparse(whole, List.of());
    }

    public Set<Digest> absent() {
      return missing.stream().map(part -> part.descriptor().digest()).collect(Collectors.toSet());
    }
  }

  /**
   * As {@link #of}, but a child that is not there is told, and asked for each child.
   *
   * @throws BullaException as {@link #of}; the root must be there
   */
  public static Sparse ofSparse(Repository repository, Descriptor root) {
    List<Part> missing = new ArrayList<>();
    Walk walk = new Walk(repository, Optional.of(missing));
    walk.visit(root, 0, Optional.empty());
    return new Sparse(new WholeImage(walk.parts), missing);
  }

  /** The root alone, without looking below it. */
  public static Part only(Descriptor root) {
    Kind kind = Manifest.isIndexType(root.mediaType()) ? Kind.INDEX : Kind.IMAGE;
    return new Part(root, kind, 0, Optional.empty());
  }

  /**
   * @param missing where children that are not there are noted; empty to demand them
   */
  private record Walk(
      Repository repository,
      Optional<List<Part>> missing,
      List<Part> parts,
      Set<Digest> opened,
      Map<Digest, Boolean> known) {

    Walk(Repository repository, Optional<List<Part>> missing) {
      this(repository, missing, new ArrayList<>(), new HashSet<>(), new HashMap<>());
    }

    void visit(Descriptor one, int depth, Optional<Digest> attests) {
      boolean index = Manifest.isIndexType(one.mediaType());
      if (depth > MAX_DEPTH || parts.size() == MAX_PARTS) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE,
            "%s: more than %d manifests, or indexes nested more than %d levels deep"
                .formatted(repository.name(), MAX_PARTS, MAX_DEPTH));
      }
      Kind leaf = attests.isPresent() ? Kind.ATTESTATION : Kind.IMAGE;
      Part part =
          new Part(one, index ? Kind.INDEX : leaf, depth, index ? Optional.empty() : attests);
      parts.add(part);
      if (depth > 0 && missing.isPresent() && !isThere(one.digest())) {
        missing.get().add(part);
      } else if (index && opened.add(one.digest())) {
        List<Descriptor> children = repository.manifest(one.bare()).manifests();
        Set<String> images =
            children.stream()
                .filter(child -> !claimsToAttest(child))
                .map(child -> child.digest().toString())
                .collect(Collectors.toSet());
        children.forEach(child -> visit(child, depth + 1, attested(child, images)));
      }
    }

    private boolean isThere(Digest digest) {
      return known.computeIfAbsent(
          digest, asked -> repository.resolve(asked.toString()).isPresent());
    }

    /**
     * The exemption is narrow: it must say that it is an attestation, be for no platform, and name
     * an image beside it.
     */
    private static Optional<Digest> attested(Descriptor child, Set<String> images) {
      return claimsToAttest(child)
          ? Optional.ofNullable(child.annotations().get(REFERENCE_DIGEST))
              .filter(images::contains)
              .map(Digest::parse)
          : Optional.empty();
    }

    private static boolean claimsToAttest(Descriptor child) {
      Map<String, String> annotations = child.annotations();
      return "attestation-manifest".equals(annotations.get(REFERENCE_TYPE))
          && child
              .platform()
              .filter(one -> one.os().equals("unknown") && one.architecture().equals("unknown"))
              .isPresent();
    }
  }
}
