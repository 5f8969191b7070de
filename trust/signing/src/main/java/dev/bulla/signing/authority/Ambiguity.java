package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds patterns of two scopes of which, for some image, none would be more specific. */
final class Ambiguity {
  private static final int MAX_PATTERNS = 1_000;

  private record Owned(ImagePattern pattern, ScopeRule rule) {}

  private Ambiguity() {}

  /**
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} naming the two
   */
  static void refuse(List<ScopeRule> rules) {
    List<Owned> all = new ArrayList<>();
    rules.forEach(rule -> rule.images().forEach(one -> all.add(new Owned(one, rule))));
    if (all.size() > MAX_PATTERNS) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          "the policy has %d image patterns, at most %d are read"
              .formatted(all.size(), MAX_PATTERNS));
    }
    all.sort(Comparator.comparing(Owned::pattern));
    for (int i = 0; i < all.size(); i++) {
      for (int j = i + 1;
          j < all.size() && all.get(i).pattern.compareTo(all.get(j).pattern) == 0;
          j++) {
        check(all.get(i), all.get(j));
      }
    }
  }

  private static void check(Owned one, Owned other) {
    if (one.rule == other.rule || !one.pattern.overlaps(other.pattern)) {
      return;
    }
    throw new BullaException(
        ErrorCode.TRUST_POLICY_INVALID,
        "the scopes '%s' and '%s' are ambiguous: '%s' and '%s' are equally specific and share images"
            .formatted(one.rule.name(), other.rule.name(), one.pattern, other.pattern),
        "Make one of the patterns longer, or put both into one scope.");
  }
}
