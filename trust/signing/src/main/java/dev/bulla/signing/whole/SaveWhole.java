package dev.bulla.signing.whole;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.CopyImage;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Progress;
import dev.bulla.oci.Repository;
import dev.bulla.oci.WholeImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Saves an image with everything that lies beside it as an OCI layout, a directory or a tar file,
 * so that oras, crane, notation and {@code cosign load} can take it.
 *
 * <p>Tags become {@code org.opencontainers.image.ref.name}, those of cosign's signatures too. In a
 * layout with one image its entries carry cosign's annotation {@code kind} beside.
 */
public final class SaveWhole {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String KIND = "kind";
  private static final String COSIGN = "dev.cosignproject.cosign/";

  private final Repository from;
  private final int depth;
  private final boolean sparse;
  private final Progress progress;

  /**
   * @param depth how far evidence about evidence is followed, 1 to {@value FindEvidence#MAX_DEPTH}
   */
  public SaveWhole(Repository from, int depth, Progress progress) {
    this(from, depth, false, progress);
  }

  private SaveWhole(Repository from, int depth, boolean sparse, Progress progress) {
    this.from = from;
    this.depth = depth;
    this.sparse = sparse;
    this.progress = progress;
  }

  /** As {@link CopyWhole#sparse}. */
  public SaveWhole sparse(boolean value) {
    return new SaveWhole(from, depth, value, progress);
  }

  /**
   * Adds the image to a layout directory, which is made if it is not there.
   *
   * @throws BullaException as {@link CopyWhole#copy} and {@link Layout#create}
   */
  public CopyWhole.Result toDirectory(Descriptor root, Optional<String> tag, Path directory) {
    try (Repository layout = Layout.create(directory)) {
      CopyWhole.Result result =
          CopyWhole.between(from, layout)
              .depth(depth)
              .sparse(sparse)
              .progress(progress)
              .copy(root, tag.map(List::of).orElse(List.of()));
      Map<Digest, Map<String, String>> kinds = new HashMap<>();
      kinds.put(root.digest(), imageKind(root));
      Set<Digest> known = new HashSet<>(List.of(root.digest()));
      for (CopyWhole.Piece piece : result.pieces()) {
        Evidence one = piece.evidence();
        known.add(one.digest());
        if (one.subject().equals(root.digest())) {
          kinds.put(one.digest(), kind(one));
        }
      }
      if (Layout.entries(layout).stream().map(Descriptor::digest).allMatch(known::contains)) {
        Layout.annotate(layout, kinds);
      }
      return result;
    }
  }

  /**
   * Writes a tar file; equal content gives equal bytes.
   *
   * @throws BullaException {@link ErrorCode#COPY_INCOMPLETE} if something is not found in the file
   */
  public CopyWhole.Result toTar(Descriptor root, Optional<String> tag, Path file) {
    WholeImage.Sparse image = CopyWhole.image(from, root, sparse);
    FindEvidence.Found found = new FindEvidence(from, depth).of(image.whole());
    List<Descriptor> roots = new ArrayList<>();
    Map<String, String> named = new TreeMap<>(imageKind(root));
    tag.ifPresent(name -> named.put(REF_NAME, name));
    roots.add(root.bare().withAnnotations(named));
    Set<String> tags = new HashSet<>();
    for (Evidence one : found.evidence()) {
      one.tag().filter(name -> !tags.add(name)).ifPresent(this::twice);
      Map<String, String> annotations = new TreeMap<>();
      one.tag().ifPresent(name -> annotations.put(REF_NAME, name));
      if (one.subject().equals(root.digest())) {
        annotations.putAll(kind(one));
      }
      roots.add(one.descriptor().bare().withAnnotations(annotations));
    }
    CopyImage.Result counts =
        CopyWhole.wholly(root, () -> Layout.writeTar(from, roots, image.absent(), file));
    try (Repository written = Layout.open(file)) {
      return CopyWhole.between(from, written).prove(found, image.missing(), counts, one -> true);
    }
  }

  private void twice(String tag) {
    throw new BullaException(
        ErrorCode.CONFLICT,
        "%s: the tag %s holds evidence in two repositories, and a layout has one place for it"
            .formatted(from.name(), tag),
        "Save it with COSIGN_REPOSITORY and without, into two files.");
  }

  private static Map<String, String> imageKind(Descriptor root) {
    boolean index = dev.bulla.oci.Manifest.isIndexType(root.mediaType());
    return Map.of(KIND, COSIGN + (index ? "imageIndex" : "image"));
  }

  private static Map<String, String> kind(Evidence one) {
    if (one.format() != Evidence.Format.COSIGN_LEGACY || one.tag().isEmpty()) {
      return Map.of();
    }
    return switch (one.kind()) {
      case SIGNATURE -> Map.of(KIND, COSIGN + "sigs");
      case ATTESTATION -> Map.of(KIND, COSIGN + "atts");
      case SBOM -> Map.of(KIND, COSIGN + "sboms");
      case LIST, OTHER -> Map.of();
    };
  }
}
