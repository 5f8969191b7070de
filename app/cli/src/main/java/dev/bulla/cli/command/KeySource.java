package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.PasswordSource;
import dev.bulla.signing.SigningKeys;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a key is, and how it is opened. */
final class KeySource {
  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "Private key: a PEM or PKCS#12 file, env://VARIABLE with PEM text, pkcs11:… for a token,"
              + " or NAME://KEY for the program sigstore-kms-NAME (see docs/keys.md).")
  @Nullable String key;

  @Option(
      names = "--key-alias",
      paramLabel = "NAME",
      description = "The key to take out of a PKCS#12 file that holds several.")
  @Nullable String alias;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "First line: the key's password (default: $$COSIGN_PASSWORD).")
  @Nullable String passwordFile;

  @Option(
      names = "--key-env",
      paramLabel = "NAME",
      description =
          "A variable of the environment that the program of NAME://KEY sees beside the usual ones;"
              + " repeatable.")
  List<String> variables = List.of();

  boolean given() {
    return key != null;
  }

  /**
   * @throws BullaException {@link ErrorCode#USAGE} if something is said of a key that is not named
   */
  void checkNothingElse() {
    if (key == null && (alias != null || passwordFile != null || !variables.isEmpty())) {
      throw new BullaException(
          ErrorCode.USAGE, "--key-alias, --key-env and --password-file go with --key");
    }
  }

  PasswordSource passwords(Session session) {
    return passwordFile == null
        ? PasswordSource.environment(session.invocation().environment())
        : PasswordSource.file(session.existing(passwordFile));
  }

  /**
   * @throws BullaException {@link ErrorCode#USAGE} if there is a password for what takes none here
   */
  SigningKeys keys(Session session) {
    if (key != null && passwordFile != null && SigningKeys.hasOwnSecret(key)) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--password-file is for key files",
          "Name a token's PIN in the URI: pin-source=file:PATH. A program asks for its own.");
    }
    Map<String, String> environment = session.invocation().environment();
    SigningKeys keys =
        new SigningKeys(session.invocation().workingDirectory(), environment, passwords(session))
            .withVariables(Set.copyOf(variables));
    return alias == null ? keys : keys.withAlias(alias);
  }
}
