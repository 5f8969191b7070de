package dev.bulla.signing.trust;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is done about each aspect of a signature that is not as it should be
 * (trust-store-trust-policy.md, "Signature Verification").
 */
public record VerificationLevel(String name, Map<Aspect, Action> actions) {

  /** What a level decides about. */
  public enum Aspect {
    INTEGRITY("integrity"),
    AUTHENTICITY("authenticity"),
    AUTHENTIC_TIMESTAMP("authenticTimestamp"),
    EXPIRY("expiry"),
    REVOCATION("revocation");

    private final String id;

    Aspect(String id) {
      this.id = id;
    }

    /** As the policy writes it. */
    public String id() {
      return id;
    }

    public static Optional<Aspect> named(String id) {
      return find(values(), id, aspect -> aspect.id);
    }
  }

  /** What happens when an aspect is wrong. */
  public enum Action {
    ENFORCE("enforce"),
    LOG("log"),
    SKIP("skip");

    private final String id;

    Action(String id) {
      this.id = id;
    }

    /** As the policy writes it. */
    public String id() {
      return id;
    }

    public static Optional<Action> named(String id) {
      return find(values(), id, action -> action.id);
    }
  }

  public VerificationLevel {
    actions = Map.copyOf(actions);
  }

  public static Optional<VerificationLevel> named(String name) {
    return switch (name) {
      case "strict" -> Optional.of(of(name, Action.ENFORCE, Action.ENFORCE, Action.ENFORCE));
      case "permissive" -> Optional.of(of(name, Action.ENFORCE, Action.ENFORCE, Action.LOG));
      case "audit" -> Optional.of(of(name, Action.ENFORCE, Action.LOG, Action.LOG));
      case "skip" -> Optional.of(of(name, Action.SKIP, Action.SKIP, Action.SKIP));
      default -> Optional.empty();
    };
  }

  private static VerificationLevel of(
      String name, Action integrity, Action authenticity, Action others) {
    return new VerificationLevel(
        name,
        Map.of(
            Aspect.INTEGRITY, integrity,
            Aspect.AUTHENTICITY, authenticity,
            Aspect.AUTHENTIC_TIMESTAMP, others,
            Aspect.EXPIRY, others,
            Aspect.REVOCATION, others));
  }

  /**
   * This level with some actions replaced; empty if one of them may not be: integrity, or skipping
   * other than revocation.
   */
  public Optional<VerificationLevel> override(Map<Aspect, Action> replaced) {
    for (Map.Entry<Aspect, Action> one : replaced.entrySet()) {
      if (one.getKey() == Aspect.INTEGRITY
          || one.getValue() == Action.SKIP && one.getKey() != Aspect.REVOCATION) {
        return Optional.empty();
      }
    }
    Map<Aspect, Action> all = new EnumMap<>(Aspect.class);
    all.putAll(actions);
    all.putAll(replaced);
    return Optional.of(new VerificationLevel(name, all));
  }

  public boolean skips() {
    return action(Aspect.INTEGRITY) == Action.SKIP;
  }

  public Action action(Aspect aspect) {
    return actions.getOrDefault(aspect, Action.ENFORCE);
  }

  private static <T> Optional<T> find(
      T[] values, String id, java.util.function.Function<T, String> name) {
    for (T value : values) {
      if (name.apply(value).equals(id)) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
