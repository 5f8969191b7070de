package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;

/** Finds patterns of two scopes of which, for some image or file, none would be more specific. */
final class Ambiguity {
  private static final int MAX_PATTERNS = 1_000;

  private record Owned<P>(P pattern, ScopeRule rule) {}

  private Ambiguity() {}

  /**
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} naming the two
   */
  static void refuse(List<ScopeRule> rules) {
    refuse(rules, ScopeRule::images, ImagePattern::overlaps, "images");
    refuse(rules, ScopeRule::blobs, BlobPattern::overlaps, "files");
  }

  private static <P extends Comparable<P>> void refuse(
      List<ScopeRule> rules,
      Function<ScopeRule, List<P>> patterns,
      BiPredicate<P, P> overlap,
      String what) {
    List<Owned<P>> all = new ArrayList<>();
    rules.forEach(rule -> patterns.apply(rule).forEach(one -> all.add(new Owned<>(one, rule))));
    if (all.size() > MAX_PATTERNS) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          "the policy has %d patterns of %s, at most %d are read"
              .formatted(all.size(), what, MAX_PATTERNS));
    }
    all.sort(Comparator.comparing(Owned::pattern));
    for (int i = 0; i < all.size(); i++) {
      Owned<P> one = all.get(i);
      for (int j = i + 1; j < all.size() && one.pattern.compareTo(all.get(j).pattern) == 0; j++) {
        Owned<P> other = all.get(j);
        if (one.rule != other.rule && overlap.test(one.pattern, other.pattern)) {
          throw ambiguous(one, other, what);
        }
      }
    }
  }

  private static <P> BullaException ambiguous(Owned<P> one, Owned<P> other, String what) {
    return new BullaException(
        ErrorCode.TRUST_POLICY_INVALID,
        "the scopes '%s' and '%s' are ambiguous: '%s' and '%s' are equally specific and share %s"
            .formatted(one.rule.name(), other.rule.name(), one.pattern, other.pattern, what),
        "Make one of the patterns longer, or put both into one scope.");
  }
}
