package dev.bulla.signing.trust;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Notation's trust policy for images: {@code trustpolicy.json} or {@code trustpolicy.oci.json},
 * version 1.0 (Notary Project trust-store-trust-policy.md). It says, for a repository, which roots
 * and identities are believed and how strictly.
 *
 * @param statements at least one, with unique names and disjoint scopes
 */
public record TrustPolicy(List<TrustStatement> statements) {
  static final StatementParser PARSER = new StatementParser("trust policy");

  /** As notation accepts it: host and port, then repository names in lower case. */
  private static final Pattern SCOPE =
      Pattern.compile(
          "[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:[0-9]+)?"
              + "(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)+");

  public TrustPolicy {
    statements = List.copyOf(statements);
  }

  /**
   * Parses and validates the whole document.
   *
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} with the statement's name and the
   *     reason
   */
  public static TrustPolicy parse(byte[] json) {
    List<TrustStatement> statements =
        PARSER.document(
            json,
            fields -> {
              TrustStatement statement = PARSER.statement(fields, "registryScopes");
              return statement.withScopes(
                  scopes(statement.name(), fields.strings("registryScopes")));
            });
    checkAcross(statements);
    return new TrustPolicy(statements);
  }

  /**
   * The statement for a repository: the one that names it exactly, else the one for {@code *}.
   *
   * @param scope {@code host[:port]/path}, without tag and digest
   */
  public Optional<TrustStatement> forScope(String scope) {
    return statements.stream()
        .filter(one -> one.scopes().contains(scope))
        .findFirst()
        .or(() -> statements.stream().filter(one -> one.scopes().contains("*")).findFirst());
  }

  private static Set<String> scopes(String name, List<String> scopes) {
    if (scopes.isEmpty()) {
      throw PARSER.invalid(name, "has no registry scope");
    }
    if (scopes.size() > 1 && scopes.contains("*")) {
      throw PARSER.invalid(name, "has the scope * beside others");
    }
    for (String scope : scopes) {
      if (!scope.equals("*") && !SCOPE.matcher(scope).matches()) {
        throw PARSER.invalid(
            name,
            "has the scope '%s', expected HOST/REPOSITORY or the single *"
                .formatted(Shown.text(scope)));
      }
    }
    Set<String> distinct = new HashSet<>(scopes);
    if (distinct.size() < scopes.size()) {
      throw PARSER.invalid(name, "has a scope twice");
    }
    return distinct;
  }

  private static void checkAcross(List<TrustStatement> statements) {
    Set<String> scopes = new HashSet<>();
    for (TrustStatement statement : statements) {
      for (String scope : statement.scopes()) {
        if (!scopes.add(scope)) {
          throw PARSER.invalid("the scope '" + Shown.text(scope) + "' is in two statements");
        }
      }
    }
  }
}
