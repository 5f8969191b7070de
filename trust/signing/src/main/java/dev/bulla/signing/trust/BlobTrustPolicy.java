package dev.bulla.signing.trust;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.List;
import java.util.Optional;

/**
 * Notation's trust policy for files: {@code trustpolicy.blob.json}, version 1.0 (Notary Project
 * trust-store-trust-policy.md, "Blob Trust Policy"). A statement is chosen by its name, or it is
 * the global one.
 *
 * @param statements at least one, with unique names
 * @param global the name of the statement that applies when none is named
 */
public record BlobTrustPolicy(List<TrustStatement> statements, Optional<String> global) {
  private static final StatementParser PARSER = new StatementParser("trust policy for files");

  public BlobTrustPolicy {
    statements = List.copyOf(statements);
  }

  /**
   * Parses and validates the whole document.
   *
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} with the statement's name and the
   *     reason
   */
  public static BlobTrustPolicy parse(byte[] json) {
    String[] global = new String[1];
    List<TrustStatement> statements =
        PARSER.document(
            json,
            fields -> {
              TrustStatement statement = PARSER.statement(fields, "globalPolicy");
              if (fields.optionalBoolean("globalPolicy").orElse(false)) {
                if (global[0] != null) {
                  throw PARSER.invalid(
                      statement.name(),
                      "is global beside '%s', expected one at most"
                          .formatted(Shown.text(global[0])));
                }
                if (statement.level().skips()) {
                  throw PARSER.invalid(statement.name(), "is global and skips verification");
                }
                global[0] = statement.name();
              }
              return statement;
            });
    return new BlobTrustPolicy(statements, Optional.ofNullable(global[0]));
  }

  /** The statement of this name, compared as a whole; the global one if no name is given. */
  public Optional<TrustStatement> named(Optional<String> name) {
    return name.or(() -> global)
        .flatMap(
            wanted -> statements.stream().filter(one -> one.name().equals(wanted)).findFirst());
  }
}
