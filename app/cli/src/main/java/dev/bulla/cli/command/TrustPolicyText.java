package dev.bulla.cli.command;

import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.signing.authority.Authority;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.AuthorityPolicy.Applied;
import dev.bulla.signing.authority.BlobName;
import dev.bulla.signing.authority.BlobPattern;
import dev.bulla.signing.authority.ImageName;
import dev.bulla.signing.authority.ImagePattern;
import dev.bulla.signing.authority.Means;
import dev.bulla.signing.authority.Requirement;
import dev.bulla.signing.authority.ScopePattern;
import dev.bulla.signing.authority.ScopeRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A Bulla trust policy in words and for machines. */
record TrustPolicyText(AuthorityPolicy policy) {

  /** For what the scope is asked. */
  sealed interface Asked {
    Optional<Applied> scope(AuthorityPolicy policy);

    boolean matches(ScopePattern pattern);

    /** Member of the document. */
    String kind();
  }

  record AskedImage(ImageName image) implements Asked {
    @Override
    public Optional<Applied> scope(AuthorityPolicy policy) {
      return policy.forImage(image);
    }

    @Override
    public boolean matches(ScopePattern pattern) {
      return pattern instanceof ImagePattern one && one.matches(image);
    }

    @Override
    public String kind() {
      return "image";
    }

    @Override
    public String toString() {
      return image.toString();
    }
  }

  record AskedFile(BlobName file) implements Asked {
    @Override
    public Optional<Applied> scope(AuthorityPolicy policy) {
      return policy.forBlob(Optional.of(file));
    }

    @Override
    public boolean matches(ScopePattern pattern) {
      return pattern instanceof BlobPattern one && one.matches(Optional.of(file));
    }

    @Override
    public String kind() {
      return "blob";
    }

    @Override
    public String toString() {
      return file.toString();
    }
  }

  String human() {
    StringBuilder text = new StringBuilder(head());
    text.append("authorities:\n");
    for (Authority authority : policy.authorities().values()) {
      text.append("  %s%s%n".formatted(authority.name(), used(authority) ? "" : " (not used)"));
      authority.means().forEach(one -> text.append("    %s%n".formatted(shown(one))));
    }
    text.append("scopes, the most specific pattern first:\n");
    for (Applied one : byOrder()) {
      String files = one.pattern() instanceof BlobPattern ? "files " : "";
      text.append("  %s%s: scope '%s'%n".formatted(files, one.pattern(), one.rule().name()));
    }
    policy.scopes().forEach(rule -> text.append(words(rule)));
    return text.append("everything else is refused\n").toString();
  }

  /** Which scope is for an image, what it demands, and what was less specific. */
  String human(Asked image) {
    StringBuilder text = new StringBuilder(head());
    Optional<Applied> applied = image.scope(policy);
    if (applied.isEmpty()) {
      return text.append("%s: no scope is for it; it is refused%n".formatted(image)).toString();
    }
    text.append(
        "%s: scope '%s' by %s%n"
            .formatted(image, applied.get().rule().name(), applied.get().pattern()));
    byOrder().stream()
        .filter(one -> image.matches(one.pattern()))
        .filter(one -> !one.pattern().equals(applied.get().pattern()))
        .forEach(one ->
            text.append(
                "  less specific: %s of scope '%s'%n".formatted(one.pattern(), one.rule().name())));
    return text.append(words(applied.get().rule())).toString();
  }

  /** Whether there is a scope for it that does not refuse whatever is signed. */
  boolean mayAccept(Asked image) {
    return image
        .scope(policy)
        .filter(one -> one.rule().action() != ScopeRule.Action.REFUSE)
        .isPresent();
  }

  private String head() {
    return "trust policy '%s' version %s, %s%n"
        .formatted(policy.name(), Shown.text(policy.version()), policy.digest());
  }

  private boolean used(Authority authority) {
    return policy.scopes().stream()
        .flatMap(rule -> rule.requirements().stream())
        .anyMatch(one -> one.authorities().contains(authority.name()));
  }

  private List<Applied> byOrder() {
    Stream<Applied> images = ordered(ScopeRule::images);
    return Stream.concat(images, ordered(ScopeRule::blobs)).toList();
  }

  private <P extends ScopePattern & Comparable<P>> Stream<Applied> ordered(
      Function<ScopeRule, List<P>> patterns) {
    record Owned<P>(ScopeRule rule, P pattern) {}
    return policy.scopes().stream()
        .flatMap(rule -> patterns.apply(rule).stream().map(one -> new Owned<>(rule, one)))
        .sorted(Comparator.comparing(Owned::pattern, Comparator.reverseOrder()))
        .map(one -> new Applied(one.rule, one.pattern));
  }

  private static String words(ScopeRule rule) {
    StringBuilder text = new StringBuilder();
    text.append("scope '%s' (%s)%n".formatted(rule.name(), word(rule.action())));
    switch (rule.action()) {
      case REFUSE -> text.append("  refuses everything\n");
      case AUDIT -> text.append("  accepts everything, and notes what is not as demanded:\n");
      case ENFORCE -> text.append("  demands:\n");
    }
    rule.requirements().forEach(one -> text.append("  - %s%n".formatted(words(one))));
    demands(rule).forEach(one -> text.append("  - of each signature: %s%n".formatted(one)));
    return text.toString();
  }

  private static String words(Requirement one) {
    String what = one.predicateType().map(type -> "attested as " + type).orElse("signed");
    String pairs =
        one.annotations().entrySet().stream()
            .map(pair -> pair.getKey() + "=" + pair.getValue())
            .collect(Collectors.joining(", "));
    return "%s: %s by %d of %d: %s%s%s"
        .formatted(
            one.name(),
            what,
            one.threshold(),
            one.authorities().size(),
            String.join(", ", one.authorities()),
            pairs.isEmpty() ? "" : ", with " + Shown.text(pairs),
            one.maximumAge().map(age -> ", at most " + hours(age) + " old").orElse(""));
  }

  private static String hours(Duration age) {
    return age.toHours() >= 48 ? age.toDays() + " days" : age.toMinutes() + " minutes";
  }

  private static List<String> demands(ScopeRule rule) {
    List<String> all = new ArrayList<>();
    if (rule.requireTimestamp()) {
      all.add("a proof of when it was made");
    }
    if (rule.requireLog()) {
      all.add("an entry in a transparency log");
    }
    if (!rule.algorithms().isEmpty()) {
      all.add(
          "one of the algorithms "
              + rule.algorithms().stream().sorted().collect(Collectors.joining(", ")));
    }
    if (rule.minimumRsaBits() > 0) {
      all.add("RSA keys of at least %d bits".formatted(rule.minimumRsaBits()));
    }
    return all;
  }

  private static String shown(Means means) {
    return Shown.text(means.describe());
  }

  ObjectNode json() {
    ObjectNode root = Json.object();
    root.put("policy", policy.name());
    root.put("version", policy.version());
    root.put("digest", policy.digest().toString());
    ArrayNode authorities = root.putArray("authorities");
    for (Authority authority : policy.authorities().values()) {
      ObjectNode node = authorities.addObject().put("name", authority.name());
      node.put("used", used(authority));
      ArrayNode means = node.putArray("means");
      authority.means().forEach(one -> means.add(one.describe()));
    }
    ArrayNode scopes = root.putArray("scopes");
    policy.scopes().forEach(rule -> scopes.add(json(rule)));
    return root;
  }

  ObjectNode json(Asked image) {
    ObjectNode root = json();
    root.put(image.kind(), image.toString());
    image
        .scope(policy)
        .ifPresent(one -> {
          root.put("pattern", one.pattern().text());
          root.put("scope", one.rule().name());
        });
    root.put("mayBeAccepted", mayAccept(image));
    return root;
  }

  private static ObjectNode json(ScopeRule rule) {
    ObjectNode node = Json.object().put("name", rule.name()).put("action", word(rule.action()));
    ArrayNode images = node.putArray("images");
    rule.images().stream().map(ImagePattern::text).forEach(images::add);
    ArrayNode blobs = node.putArray("blobs");
    rule.blobs().stream().map(BlobPattern::text).forEach(blobs::add);
    ArrayNode demands = node.putArray("demands");
    rule.requirements().forEach(one -> demands.add(words(one)));
    demands(rule).forEach(one -> demands.add("of each signature: " + one));
    return node;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
