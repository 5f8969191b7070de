package dev.bulla.signing.imports;

import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.signing.authority.ImagePattern;
import dev.bulla.signing.trust.TrustPolicy;
import dev.bulla.signing.trust.TrustStatement;
import dev.bulla.signing.trust.VerificationLevel;
import dev.bulla.signing.trust.VerificationLevel.Action;
import dev.bulla.signing.trust.VerificationLevel.Aspect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Notation's {@code trustpolicy.json}: one statement becomes one authority and one scope. Of its
 * statements only one applies to an image, as of Bulla's scopes.
 */
final class NotationImport {
  private final Draft draft;
  private final String trustStore;

  NotationImport(Draft draft, String trustStore) {
    this.draft = draft;
    this.trustStore = trustStore;
  }

  void add(byte[] json, String source) {
    TrustPolicy policy = TrustPolicy.parse(json);
    Fields written = Fields.of(Json.parse(json, source), source);
    List<Fields> statements = written.objects("trustPolicies");
    for (int i = 0; i < policy.statements().size(); i++) {
      add(policy.statements().get(i), statements.get(i), source + " /trustPolicies/" + i);
    }
  }

  private void add(TrustStatement statement, Fields written, String path) {
    List<ImagePattern> images = new ArrayList<>();
    for (String scope : statement.scopes().stream().sorted().toList()) {
      images.addAll(
          new ForeignGlob(draft, path).policyController(scope.equals("*") ? "**" : scope));
    }
    if (statement.level().skips()) {
      draft.add(
          new ScopeDraft(statement.name(), images, "audit", List.of(), List.of(), false, path));
      return;
    }
    boolean audit = statement.level().action(Aspect.AUTHENTICITY) != Action.ENFORCE;
    if (audit) {
      draft.weaker(
          path,
          "the statement believes whoever signed, and demands an intact signature; here an image"
              + " without one is accepted too, with a note");
    }
    List<ObjectNode> signatures = new ArrayList<>();
    authority(statement, written, path)
        .flatMap(one -> draft.authority(statement.name(), one, path))
        .ifPresent(name -> signatures.add(ScopeDraft.demand(List.of(name), 1)));
    draft.add(
        new ScopeDraft(
            statement.name(),
            images,
            audit ? "audit" : "enforce",
            signatures,
            List.of(),
            false,
            path));
  }

  private Optional<ObjectNode> authority(TrustStatement statement, Fields written, String path) {
    ObjectNode authority = Json.object();
    ObjectNode one = authority.putArray("notation").addObject().put("trustStore", trustStore);
    ArrayNode stores = one.putArray("stores");
    statement.stores().forEach(store -> stores.add(store.toString()));
    ArrayNode identities = one.putArray("identities");
    for (String identity : written.strings("trustedIdentities")) {
      if (identity.equals("*") || identity.startsWith("x509.subject:")) {
        identities.add(identity);
      } else {
        draft.stricter(
            path + "/trustedIdentities",
            "'%s' is for a verification plugin, and nobody can be believed by it"
                .formatted(identity));
      }
    }
    if (identities.isEmpty()) {
      return Optional.empty();
    }
    String level = statement.level().name().equals("strict") ? "strict" : "permissive";
    one.put("level", level);
    overrides(statement, level).ifPresent(override -> one.set("override", override));
    if (statement.timestampOnlyAfterExpiry()) {
      one.put("verifyTimestamp", "afterCertExpiry");
    }
    return Optional.of(authority);
  }

  /** What the statement does otherwise than the level that it is written with here. */
  private static Optional<JsonNode> overrides(TrustStatement statement, String level) {
    VerificationLevel base = VerificationLevel.named(level).orElseThrow();
    ObjectNode override = Json.object();
    for (Aspect aspect : List.of(Aspect.AUTHENTIC_TIMESTAMP, Aspect.EXPIRY, Aspect.REVOCATION)) {
      Action action = statement.level().action(aspect);
      if (action != base.action(aspect)) {
        override.put(aspect.id(), action.id());
      }
    }
    return override.isEmpty() ? Optional.empty() : Optional.of(override);
  }
}
