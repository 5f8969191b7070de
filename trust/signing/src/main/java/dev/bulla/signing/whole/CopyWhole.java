package dev.bulla.signing.whole;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.CopyImage;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Parallel;
import dev.bulla.oci.Progress;
import dev.bulla.oci.Repository;
import dev.bulla.oci.WholeImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Copies an image with all its children and everything that lies beside them, and then proves that
 * nothing was lost.
 *
 * <p>The image goes first, without its tags, then the evidence from the image outwards, and the
 * tags last: whoever sees a tag sees everything. What is there already is not sent again, so that a
 * copy that was cut short is repeated cheaply. At the end everything is looked for at the
 * destination as a verifier would: by subject and by tag, with every blob.
 */
public final class CopyWhole {
  private static final int PARALLEL = 4;

  private final Repository from;
  private final Repository to;
  private final int depth;
  private final boolean sparse;
  private final Progress progress;
  private final Map<Digest, Set<Digest>> listed = new ConcurrentHashMap<>();

  private CopyWhole(Repository from, Repository to, int depth, boolean sparse, Progress progress) {
    this.from = from;
    this.to = to;
    this.depth = depth;
    this.sparse = sparse;
    this.progress = progress;
  }

  public static CopyWhole between(Repository from, Repository to) {
    return new CopyWhole(from, to, FindEvidence.MAX_DEPTH, false, Progress.none());
  }

  /** How far evidence about evidence is followed, 1 to {@value FindEvidence#MAX_DEPTH}. */
  public CopyWhole depth(int value) {
    return new CopyWhole(from, to, value, sparse, progress);
  }

  public CopyWhole progress(Progress value) {
    return new CopyWhole(from, to, depth, sparse, value);
  }

  /**
   * Whether an index may be copied though the source does not have all that it names; what is
   * missing is told in the result.
   */
  public CopyWhole sparse(boolean value) {
    return new CopyWhole(from, to, depth, value, progress);
  }

  /**
   * One piece of evidence at the destination.
   *
   * @param copied false if it was there already
   * @param proven whether it is found there again, with all its blobs
   */
  public record Piece(Evidence evidence, boolean copied, boolean proven) {}

  /**
   * What became of everything.
   *
   * @param content counts of the image and its evidence together
   * @param parts how many there are, those that are missing too
   * @param missing parts that the source does not have, and so the destination neither
   * @param dangling what the source lists though it does not have it
   */
  public record Result(
      Descriptor root,
      CopyImage.Result content,
      int parts,
      List<WholeImage.Part> missing,
      List<Piece> pieces,
      List<Digest> dangling) {

    public Result {
      missing = List.copyOf(missing);
      pieces = List.copyOf(pieces);
      dangling = List.copyOf(dangling);
    }

    /** Whether the destination has all of the image and all of its evidence. */
    public boolean complete() {
      return missing.isEmpty() && lost().isEmpty();
    }

    /** What was not found again. */
    public List<Piece> lost() {
      return pieces.stream().filter(piece -> !piece.proven()).toList();
    }
  }

  /**
   * @param tags what the image is called at the destination; none for its digest
   * @throws BullaException {@code CONFLICT} if a tag of cosign's holds other signatures at the
   *     destination, which the copy would remove; {@code COPY_INCOMPLETE} if something is not found
   *     again; of either repository
   */
  public Result copy(Descriptor root, Collection<String> tags) {
    WholeImage.Sparse image = image(from, root, sparse);
    FindEvidence.Found found = new FindEvidence(from, depth).of(image.whole());
    CopyImage copy = CopyImage.between(from, to).parallelism(PARALLEL).progress(progress);
    List<CopyImage.Result> counts = new ArrayList<>();
    counts.add(wholly(root, () -> copy.without(image.absent()).copy(root, List.of())));
    Map<Integer, List<Evidence>> byDepth =
        found.statements().stream().collect(Collectors.groupingBy(Evidence::depth));
    Map<Evidence, CopyImage.Result> done = new ConcurrentHashMap<>();
    byDepth.keySet().stream()
        .sorted()
        .forEach(level ->
            Parallel.forEach(
                byDepth.getOrDefault(level, List.of()),
                PARALLEL,
                one -> done.put(one, copy(copy, one))));
    for (Evidence one : found.evidence()) {
      if (one.kind() == Evidence.Kind.LIST) {
        done.put(one, list(one, one.tag().orElseThrow(), found.dangling()));
      }
    }
    tag(root, tags);
    counts.addAll(done.values());
    return prove(
        found,
        image.missing(),
        sum(counts),
        one -> done.getOrDefault(one, NOTHING).manifests() > 0);
  }

  /**
   * Looks for everything at the destination.
   *
   * @throws BullaException {@code COPY_INCOMPLETE}
   */
  Result prove(
      FindEvidence.Found found,
      List<WholeImage.Part> missing,
      CopyImage.Result counts,
      Predicate<Evidence> copied) {
    List<Piece> pieces = new ArrayList<>();
    for (Evidence one : found.evidence()) {
      pieces.add(new Piece(one, copied.test(one), isThere(one, found.dangling())));
    }
    WholeImage image = found.image();
    Result result =
        new Result(
            image.parts().getFirst().descriptor().bare(),
            counts,
            image.parts().size(),
            missing,
            pieces,
            found.dangling());
    if (!result.lost().isEmpty()) {
      throw new BullaException(
          ErrorCode.COPY_INCOMPLETE,
          "%s: of %d pieces of evidence %d are not found at the destination: %s"
              .formatted(
                  to.name(),
                  result.pieces().size(),
                  result.lost().size(),
                  result.lost().stream()
                      .map(piece -> piece.evidence().digest().toString())
                      .collect(Collectors.joining(", "))),
          "The destination has taken them and does not list them; try again, or another registry.");
    }
    return result;
  }

  static WholeImage.Sparse image(Repository from, Descriptor root, boolean sparse) {
    return sparse
        ? WholeImage.ofSparse(from, root)
        : wholly(root, () -> WholeImage.Sparse.complete(WholeImage.of(from, root)));
  }

  /** Tells what helps if the source does not have all that the index names. */
  static <T> T wholly(Descriptor root, Supplier<T> work) {
    try {
      return work.get();
    } catch (BullaException e) {
      if (e.code() == ErrorCode.MANIFEST_NOT_FOUND && Manifest.isIndexType(root.mediaType())) {
        throw new BullaException(
            e.code(),
            e.reason() + ", which belongs to " + root.digest(),
            "Take what is there with --sparse; what is missing is named then.",
            e);
      }
      throw e;
    }
  }

  private CopyImage.Result copy(CopyImage copy, Evidence one) {
    if (one.tag().isEmpty()) {
      return copy.copy(one.descriptor(), List.of());
    }
    String tag = one.tag().get();
    Optional<Descriptor> there = to.resolve(tag);
    if (there.isPresent() && !there.get().digest().equals(one.digest())) {
      Manifest other = to.manifest(there.get());
      if (other.layers().containsAll(one.manifest().layers())) {
        return copy.copy(one.descriptor(), List.of());
      }
      if (!one.manifest().layers().containsAll(other.layers())) {
        throw new BullaException(
            ErrorCode.CONFLICT,
            "%s: the tag %s holds evidence that the copy would take away".formatted(to.name(), tag),
            "Copy the destination's over first, or remove it with 'bulla clean'.");
      }
    }
    return copy.copy(one.descriptor(), List.of(tag));
  }

  private void tag(Descriptor root, Collection<String> tags) {
    List<String> missing =
        tags.stream()
            .filter(
                tag -> to.resolve(tag).filter(one -> one.digest().equals(root.digest())).isEmpty())
            .toList();
    if (!missing.isEmpty()) {
      to.pushManifest(from.manifest(root), missing);
    }
  }

  /** The entries of both lists; what they name was copied before. */
  private CopyImage.Result list(Evidence one, String tag, List<Digest> dangling) {
    List<Descriptor> all = new ArrayList<>();
    Optional<Manifest> there = to.resolve(tag).map(to::manifest);
    there.map(Manifest::manifests).ifPresent(all::addAll);
    for (Descriptor entry : one.manifest().manifests()) {
      boolean known = all.stream().anyMatch(other -> other.digest().equals(entry.digest()));
      if (!known && !dangling.contains(entry.digest())) {
        all.add(entry);
      }
    }
    if (there.map(list -> list.manifests().size() == all.size()).orElse(false)) {
      return NOTHING;
    }
    boolean same = all.equals(one.manifest().manifests());
    to.pushManifest(same ? one.manifest() : Manifest.index(all, Map.of()), List.of(tag));
    return new CopyImage.Result(0, 0, 0, 1, 0, 0, 0);
  }

  /** As a verifier looks for it; where it is there and not listed, it is filed once more. */
  private boolean isThere(Evidence one, List<Digest> dangling) {
    if (one.kind() == Evidence.Kind.LIST) {
      List<Digest> wanted = new ArrayList<>(digests(one.manifest()));
      wanted.removeAll(dangling);
      return to.resolve(one.tag().orElseThrow())
          .map(to::manifest)
          .filter(there -> digests(there).containsAll(wanted))
          .isPresent();
    }
    if (!hasContent(one.manifest())) {
      return false;
    }
    if (one.tag().isPresent()) {
      return to.resolve(one.tag().get())
          .map(to::manifest)
          .filter(there -> contains(there, one))
          .isPresent();
    }
    if (one.manifest().subject().isEmpty()) {
      return true; // found by the list alone, which is a piece of its own
    }
    if (isListed(one)) {
      return true;
    }
    to.pushManifest(one.manifest(), List.of());
    listed.remove(one.subject());
    return isListed(one);
  }

  private static boolean contains(Manifest there, Evidence one) {
    return there.descriptor().digest().equals(one.digest())
        || !one.manifest().layers().isEmpty()
            && there.layers().containsAll(one.manifest().layers());
  }

  private static List<Digest> digests(Manifest index) {
    return index.manifests().stream().map(Descriptor::digest).toList();
  }

  private boolean isListed(Evidence one) {
    return listed
        .computeIfAbsent(
            one.subject(),
            subject ->
                to.referrers(subject, Optional.empty()).stream()
                    .map(Descriptor::digest)
                    .collect(Collectors.toSet()))
        .contains(one.digest());
  }

  private boolean hasContent(Manifest manifest) {
    return to.resolve(manifest.descriptor().digest().toString()).isPresent()
        && manifest.config().map(to::hasBlob).orElse(true)
        && manifest.layers().stream().allMatch(to::hasBlob);
  }

  private static final CopyImage.Result NOTHING = new CopyImage.Result(0, 0, 0, 0, 0, 0, 0);

  private static CopyImage.Result sum(List<CopyImage.Result> all) {
    return all.stream()
        .reduce(
            NOTHING,
            (a, b) ->
                new CopyImage.Result(
                    a.blobs() + b.blobs(),
                    a.mounted() + b.mounted(),
                    a.blobsPresent() + b.blobsPresent(),
                    a.manifests() + b.manifests(),
                    a.manifestsPresent() + b.manifestsPresent(),
                    a.referrers() + b.referrers(),
                    a.bytes() + b.bytes()));
  }
}
