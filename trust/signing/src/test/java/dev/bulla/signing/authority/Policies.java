package dev.bulla.signing.authority;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Trust policies for tests, written as briefly as can be. */
final class Policies {
  private Policies() {}

  static AuthorityPolicy parse(String yaml) {
    return AuthorityPolicy.parse(
        yaml.getBytes(StandardCharsets.UTF_8),
        "policy.yaml",
        PolicyFiles.none(),
        DefaultRoot.none());
  }

  /** A policy of these authorities, each {@code name: {…}}, and scopes, each {@code {…}}. */
  static String of(Stream<String> authorities, String... scopes) {
    return """
    apiVersion: bulla.dev/v1
    kind: TrustPolicy
    metadata: {name: test, version: "1"}
    spec:
      authorities:
    %s
      scopes:
    %s
    """
        .formatted(
            authorities.map(one -> "    " + one).collect(Collectors.joining("\n")),
            Stream.of(scopes).map(one -> "    - " + one).collect(Collectors.joining("\n")));
  }

  /** One scope for all images. */
  static AuthorityPolicy everywhere(Stream<String> authorities, String demands) {
    return parse(of(authorities, "{name: all, images: [\"**\"], %s}".formatted(demands)));
  }
}
