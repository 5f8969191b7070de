package dev.bulla.signing.imports;

import dev.bulla.signing.authority.ImagePattern;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes up for a difference: for the peers every policy that matches an image must be pleased,
 * while of Bulla's scopes only the most specific one counts. So each pattern becomes a scope of its
 * own, with the demands of every scope whose pattern covers it. Two patterns that share images
 * without one covering the other cannot be told apart that way, and are noted as lost.
 */
final class Overlaps {
  private static final int MAX_PATTERNS = 200;

  private final Draft draft;

  Overlaps(Draft draft) {
    this.draft = draft;
  }

  List<ScopeDraft> merged(List<ScopeDraft> scopes) {
    List<ScopeDraft> single = new ArrayList<>();
    for (ScopeDraft scope : scopes) {
      scope.images().forEach(pattern -> single.add(scope.withImages(List.of(pattern))));
    }
    if (single.size() > MAX_PATTERNS) {
      draft.weaker("", "%d image patterns are too many to compare".formatted(single.size()));
      return scopes;
    }
    List<ScopeDraft> merged = new ArrayList<>();
    for (ScopeDraft one : single) {
      if (merged.stream().noneMatch(other -> same(other, one))) {
        merged.add(withCovering(one, single));
      }
    }
    return grouped(merged);
  }

  private ScopeDraft withCovering(ScopeDraft one, List<ScopeDraft> all) {
    ImagePattern pattern = one.images().getFirst();
    ScopeDraft sum = one;
    for (ScopeDraft other : all) {
      ImagePattern theirs = other.images().getFirst();
      if (other == one || other.path().equals(one.path()) && !theirs.equals(pattern)) {
        continue; // patterns of one policy are alternatives, with the same demands or with none
      }
      if (excepted(pattern, other, all)) {
        continue;
      }
      if (theirs.covers(pattern)) {
        sum = sum.and(other);
      } else if (!pattern.covers(theirs)
          && pattern.overlaps(theirs)
          && all.indexOf(other) < all.indexOf(one)) {
        draft.weaker(
            one.path(),
            "'%s' shares images with '%s' of %s, and neither covers the other: of such an image"
                    .formatted(pattern, theirs, other.path())
                + " only the more specific one's demands count");
      }
    }
    return sum;
  }

  /** Whether the policy of {@code other} itself leaves out what {@code pattern} covers. */
  private static boolean excepted(ImagePattern pattern, ScopeDraft other, List<ScopeDraft> all) {
    return !other.demandsNothing()
        && all.stream()
            .filter(one -> one.path().equals(other.path()) && one.demandsNothing())
            .filter(one -> one.action().equals("audit"))
            .anyMatch(one -> one.images().getFirst().covers(pattern));
  }

  private static boolean same(ScopeDraft one, ScopeDraft other) {
    return one.images().equals(other.images());
  }

  /** Patterns of one policy that ended with the same demands are one scope again. */
  private static List<ScopeDraft> grouped(List<ScopeDraft> all) {
    List<ScopeDraft> grouped = new ArrayList<>();
    for (ScopeDraft one : all) {
      int at = 0;
      while (at < grouped.size() && !grouped.get(at).withImages(one.images()).equals(one)) {
        at++;
      }
      if (at == grouped.size()) {
        grouped.add(one);
      } else {
        List<ImagePattern> images = new ArrayList<>(grouped.get(at).images());
        images.addAll(one.images());
        grouped.set(at, one.withImages(images));
      }
    }
    return grouped;
  }
}
