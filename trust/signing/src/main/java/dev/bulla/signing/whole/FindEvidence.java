package dev.bulla.signing.whole;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.oci.WholeImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds everything that lies beside an image: beside its index, beside each child, and beside what
 * was found, wherever it is kept.
 *
 * <p>Three places are looked at: the referrers (by the registry's list, else by the list under the
 * tag {@code sha256-HEX}); that list itself, for entries that name no subject; and the tags {@code
 * sha256-HEX.SUFFIX} of cosign 1 and 2, whatever their suffix. Beyond a limit the search fails:
 * evidence is never left out silently. Thread-safe.
 */
public final class FindEvidence {
  /** How far evidence about evidence is followed. */
  public static final int MAX_DEPTH = 8;

  private static final int MAX_EVIDENCE = 10_000;
  private static final List<String> SUFFIXES = List.of(".att", ".sbom", ".sig");

  private final Repository repository;
  private final int depth;

  /**
   * @param depth how far evidence about evidence is followed, 1 to {@value #MAX_DEPTH}
   */
  public FindEvidence(Repository repository, int depth) {
    this.repository = repository;
    this.depth = depth;
  }

  /**
   * What was found.
   *
   * @param evidence what is nearest to the image first
   * @param dangling what lists of referrers name though it is not there
   */
  public record Found(WholeImage image, List<Evidence> evidence, List<Digest> dangling) {
    public Found {
      evidence = List.copyOf(evidence);
      dangling = List.copyOf(dangling);
    }

    /** Without the lists of referrers, which say nothing of their own. */
    public List<Evidence> statements() {
      return evidence.stream().filter(one -> one.kind() != Evidence.Kind.LIST).toList();
    }

    public List<Evidence> about(Digest subject) {
      return statements().stream().filter(one -> one.subject().equals(subject)).toList();
    }
  }

  /**
   * @throws BullaException {@code INPUT_TOO_LARGE} if there is evidence beyond the limits; as the
   *     repository and {@link WholeImage#of}
   */
  public Found of(Descriptor root) {
    return of(WholeImage.of(repository, root));
  }

  /** As {@link #of(Descriptor)}; parts of the image need not be there. */
  Found of(WholeImage image) {
    Search search = new Search();
    image.parts().forEach(part -> search.enqueue(part.descriptor().digest(), 0));
    search.run();
    return new Found(image, search.found, List.copyOf(search.dangling));
  }

  private record Subject(Digest digest, int depth) {}

  private final class Search {
    private final List<Evidence> found = new ArrayList<>();
    private final Set<Digest> dangling = new LinkedHashSet<>();
    private final Set<Digest> asked = new HashSet<>();
    private final Deque<Subject> open = new ArrayDeque<>();
    private final Optional<TreeSet<String>> tags = tags();

    /** One request instead of some for each manifest; not every registry grants it. */
    private Optional<TreeSet<String>> tags() {
      try {
        return Optional.of(new TreeSet<>(repository.tags()));
      } catch (BullaException e) {
        if (e.code().kind() == ErrorCode.Kind.UNAVAILABLE) {
          throw e;
        }
        return Optional.empty();
      }
    }

    void enqueue(Digest digest, int at) {
      if (asked.add(digest)) {
        open.add(new Subject(digest, at));
      }
    }

    void run() {
      while (!open.isEmpty()) {
        Subject subject = open.removeFirst();
        Set<Digest> here = new HashSet<>();
        for (Descriptor one : repository.referrers(subject.digest, Optional.empty())) {
          manifest(one)
              .filter(manifest -> here.add(manifest.descriptor().digest()))
              .ifPresent(m -> add(Evidence.referrer(m, subject.digest, subject.depth + 1)));
        }
        tagged(subject, here);
      }
    }

    private void tagged(Subject subject, Set<Digest> referrers) {
      String prefix = prefix(subject.digest);
      for (String tag : candidates(prefix)) {
        for (Descriptor stands : repository.resolveAll(tag)) {
          manifest(stands).ifPresent(m -> tagged(m, tag, prefix, subject, referrers));
        }
      }
    }

    private void tagged(
        Manifest found, String tag, String prefix, Subject subject, Set<Digest> referrers) {
      if (!tag.equals(prefix)) {
        String suffix = tag.substring(prefix.length());
        add(Evidence.tagged(found, subject.digest, tag, suffix, subject.depth + 1));
      } else if (found.isIndex()) {
        list(found, subject, tag, referrers);
      }
    }

    /** Entries without a subject are found by this list only; with such the list itself counts. */
    private void list(Manifest list, Subject subject, String tag, Set<Digest> referrers) {
      boolean needed = false;
      for (Descriptor one : list.manifests()) {
        Optional<Manifest> manifest =
            referrers.contains(one.digest()) ? Optional.empty() : manifest(one.bare());
        if (manifest.isPresent()) {
          add(Evidence.referrer(manifest.get(), subject.digest, subject.depth + 1));
        }
        needed |= manifest.filter(m -> m.subject().isEmpty()).isPresent();
      }
      if (needed) {
        add(Evidence.tagged(list, subject.digest, tag, "", subject.depth + 1));
      }
    }

    private Set<String> candidates(String prefix) {
      if (tags.isPresent()) {
        Set<String> all = new LinkedHashSet<>();
        for (String tag : tags.get().tailSet(prefix)) {
          if (!tag.startsWith(prefix)) {
            break;
          }
          if (tag.length() == prefix.length() || tag.charAt(prefix.length()) == '.') {
            all.add(tag);
          }
        }
        return all;
      }
      Set<String> all = new LinkedHashSet<>();
      all.add(prefix);
      SUFFIXES.forEach(suffix -> all.add(prefix + suffix));
      return all;
    }

    private Optional<Manifest> manifest(Descriptor one) {
      try {
        return Optional.of(repository.manifest(one.bare()));
      } catch (BullaException e) {
        if (e.code() == ErrorCode.MANIFEST_NOT_FOUND) {
          dangling.add(one.digest());
          return Optional.empty();
        }
        throw e;
      }
    }

    private void add(Evidence one) {
      if (one.depth() > depth || found.size() == MAX_EVIDENCE) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE,
            "%s: more than %d pieces of evidence, or evidence about evidence more than %d levels deep"
                .formatted(repository.name(), MAX_EVIDENCE, depth),
            "Raise the depth, or remove what is not needed.");
      }
      found.add(one);
      if (one.kind() != Evidence.Kind.LIST) {
        enqueue(one.digest(), one.depth());
        one.manifest().manifests().forEach(child -> enqueue(child.digest(), one.depth()));
      }
    }
  }

  /** {@code sha256-HEX}, with which cosign's tags and the list of referrers begin. */
  static String prefix(Digest digest) {
    String hex = digest.hex();
    return digest.algorithm().id() + "-" + hex.substring(0, Math.min(64, hex.length()));
  }
}
