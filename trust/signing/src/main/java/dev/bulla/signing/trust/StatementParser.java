package dev.bulla.signing.trust;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads what Notation's two trust policy documents have in common: version 1.0, statements with
 * unique names, and in each a level, trust stores and identities.
 *
 * @param what the document is called in errors
 */
record StatementParser(String what) {
  private static final int MAX_BYTES = 4 * 1024 * 1024;
  private static final String SUBJECT = "x509.subject:";

  /**
   * The statements of a document.
   *
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} with the statement's name and the
   *     reason
   */
  List<TrustStatement> document(byte[] json, Function<Fields, TrustStatement> reading) {
    try {
      Fields root =
          Fields.of(Json.parse(json, MAX_BYTES, what), what).only("version", "trustPolicies");
      if (!root.string("version").equals("1.0")) {
        throw invalid("version is '" + Shown.text(root.string("version")) + "', expected 1.0");
      }
      List<TrustStatement> statements = new ArrayList<>();
      root.objects("trustPolicies").forEach(one -> statements.add(reading.apply(one)));
      checkNames(statements);
      return statements;
    } catch (BullaException e) {
      if (e.code() == ErrorCode.TRUST_POLICY_INVALID) {
        throw e;
      }
      throw new BullaException(ErrorCode.TRUST_POLICY_INVALID, e.reason(), e.nextStep(), e);
    }
  }

  private void checkNames(List<TrustStatement> statements) {
    if (statements.isEmpty()) {
      throw invalid("there is no statement");
    }
    Set<String> names = new HashSet<>();
    for (TrustStatement statement : statements) {
      if (!names.add(statement.name())) {
        throw invalid("two statements have the name '" + Shown.text(statement.name()) + "'");
      }
    }
  }

  /**
   * What both documents say of a statement; it has no scope.
   *
   * @param own the member that only this document's statements have
   */
  TrustStatement statement(Fields fields, String own) {
    fields.only("name", own, "signatureVerification", "trustStores", "trustedIdentities");
    String name = fields.string("name");
    if (name.isEmpty()) {
      throw invalid("a statement has an empty name");
    }
    Fields verification =
        fields.object("signatureVerification").only("level", "override", "verifyTimestamp");
    VerificationLevel level = level(name, verification);
    List<String> stores = fields.strings("trustStores");
    List<String> identities = fields.strings("trustedIdentities");
    if (level.skips()) {
      if (!stores.isEmpty() || !identities.isEmpty()) {
        throw invalid(name, "skips verification and names trust stores or identities");
      }
    } else if (stores.isEmpty() || identities.isEmpty()) {
      throw invalid(name, "names no " + (stores.isEmpty() ? "trust store" : "trusted identity"));
    }
    return new TrustStatement(
        name,
        Set.of(),
        level,
        onlyAfterExpiry(name, verification),
        stores.stream().map(this::store).toList(),
        identities.contains("*"),
        identities(name, identities),
        identities);
  }

  private VerificationLevel level(String name, Fields verification) {
    VerificationLevel level =
        VerificationLevel.named(verification.string("level"))
            .orElseThrow(() ->
                invalid(
                    name,
                    "has the level '%s', expected strict, permissive, audit or skip"
                        .formatted(Shown.text(verification.string("level")))));
    Map<String, String> override = verification.stringMap("override");
    if (override.isEmpty()) {
      return level;
    }
    if (level.skips()) {
      throw invalid(name, "overrides checks of the level skip");
    }
    Map<VerificationLevel.Aspect, VerificationLevel.Action> actions =
        new EnumMap<>(VerificationLevel.Aspect.class);
    override.forEach((aspect, action) ->
        actions.put(
            VerificationLevel.Aspect.named(aspect)
                .orElseThrow(() ->
                    invalid(name, "overrides '" + Shown.text(aspect) + "', which is no check")),
            VerificationLevel.Action.named(action)
                .orElseThrow(() ->
                    invalid(
                        name, "overrides with '" + Shown.text(action) + "', which is no action"))));
    return level
        .override(actions)
        .orElseThrow(() -> invalid(name, "has an override that is not allowed: " + override));
  }

  private boolean onlyAfterExpiry(String name, Fields verification) {
    return switch (verification.optionalString("verifyTimestamp").orElse("always")) {
      case "always" -> false;
      case "afterCertExpiry" -> true;
      default ->
          throw invalid(name, "has a verifyTimestamp that is neither always nor afterCertExpiry");
    };
  }

  private List<DistinguishedName> identities(String name, List<String> identities) {
    if (identities.contains("*")) {
      if (identities.size() > 1) {
        throw invalid(name, "has the identity * beside others");
      }
      return List.of();
    }
    List<DistinguishedName> names = new ArrayList<>();
    for (String identity : identities) {
      if (!identity.startsWith(SUBJECT)) {
        if (identity.indexOf(':') <= 0) {
          throw invalid(name, "has the identity '" + Shown.text(identity) + "' without a prefix");
        }
        continue; // other kinds belong to verification plugins; they match no certificate here
      }
      DistinguishedName next =
          DistinguishedName.parseIdentity(identity.substring(SUBJECT.length()).strip());
      for (DistinguishedName other : names) {
        if (next.isSubsetOf(other) || other.isSubsetOf(next)) {
          throw invalid(name, "has overlapping identities: '%s' and '%s'".formatted(other, next));
        }
      }
      names.add(next);
    }
    return names;
  }

  private TrustStore.Name store(String written) {
    try {
      return TrustStore.Name.parse(written);
    } catch (BullaException e) {
      throw invalid(e.reason());
    }
  }

  BullaException invalid(String name, String why) {
    return invalid("the statement '" + Shown.text(name) + "' " + why);
  }

  BullaException invalid(String why) {
    return new BullaException(
        ErrorCode.TRUST_POLICY_INVALID,
        what + ": " + why,
        "Correct the trust policy; nothing is verified with it.");
  }
}
