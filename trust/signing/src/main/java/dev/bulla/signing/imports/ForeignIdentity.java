package dev.bulla.signing.imports;

import dev.bulla.core.json.Json;
import dev.bulla.signing.sigstore.CertificateClaim;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Identities of a Sigstore instance as the peers write them: subject and issuer, exact or not. */
final class ForeignIdentity {
  /** The peers' names of extensions, by cosign's options. */
  private static final Map<String, CertificateClaim> CLAIMS =
      Map.of(
          "githubWorkflowTrigger", CertificateClaim.GITHUB_WORKFLOW_TRIGGER,
          "githubWorkflowSha", CertificateClaim.GITHUB_WORKFLOW_SHA,
          "githubWorkflowName", CertificateClaim.GITHUB_WORKFLOW_NAME,
          "githubWorkflowRepository", CertificateClaim.GITHUB_WORKFLOW_REPOSITORY,
          "githubWorkflowRef", CertificateClaim.GITHUB_WORKFLOW_REF);

  private final Draft draft;

  ForeignIdentity(Draft draft) {
    this.draft = draft;
  }

  /**
   * An authority with one identity.
   *
   * @param wildcards whether {@code *} and {@code ?} in the exact forms are wildcards, as in
   *     Kyverno
   */
  ObjectNode authority(JsonNode identity, boolean wildcards, String path) {
    ObjectNode authority = Json.object();
    ObjectNode one = authority.putArray("identities").addObject();
    text(one, "subject", identity, wildcards);
    text(one, "issuer", identity, wildcards);
    JsonNode extensions = identity.path("additionalExtensions");
    if (extensions.isObject() && !extensions.isEmpty()) {
      ObjectNode claims = one.putObject("claims");
      for (String name : extensions.propertyNames()) {
        CertificateClaim claim = CLAIMS.get(name);
        if (claim == null) {
          draft.weaker(
              path + "/additionalExtensions", "the extension '%s' is not known".formatted(name));
        } else {
          claims.put(claim.id(), extensions.path(name).asString(""));
        }
      }
    }
    draft.trustedRoot().ifPresent(root -> one.put("trustedRoot", root));
    return authority;
  }

  private static void text(ObjectNode one, String field, JsonNode from, boolean wildcards) {
    String exact = from.path(field).asString("");
    String pattern = from.path(field + "RegExp").asString("");
    if (!pattern.isEmpty()) {
      // found anywhere in the text, as the peers read it
      one.put(field + "Pattern", "(?s:.*)(?:" + pattern + ")(?s:.*)");
    } else if (wildcards && (exact.contains("*") || exact.contains("?"))) {
      one.put(field + "Pattern", wild(exact));
    } else if (exact.isEmpty()) {
      one.put(field + "Pattern", ".*");
    } else {
      one.put(field, exact);
    }
  }

  private static String wild(String text) {
    StringBuilder pattern = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '*' -> pattern.append(".*");
            case '?' -> pattern.append('.');
            default -> pattern.append(quoted(Character.toString(c)));
          }
        });
    return pattern.toString();
  }

  private static String quoted(String one) {
    return Optional.of(one).filter(c -> Pattern.matches("[A-Za-z0-9_/@:-]", c)).orElse("\\" + one);
  }
}
