package dev.bulla.signing;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.crypto.Signer;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.PasswordSource;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.keys.pkcs11.Pkcs11Keys;
import dev.bulla.keys.pkcs11.Pkcs11Uri;
import dev.bulla.signing.kms.KmsReference;
import dev.bulla.signing.kms.KmsSigner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Opens a signing key by its reference, the one place that knows all forms of it. Thread-safe.
 *
 * <table>
 * <caption>References</caption>
 * <tr><td>a path</td><td>PEM (PKCS#8, PKCS#1, SEC 1, encrypted PKCS#8, cosign's encrypted form) or
 * PKCS#12</td></tr>
 * <tr><td>{@code env://NAME}</td><td>such a PEM text in an environment variable</td></tr>
 * <tr><td>{@code NAME://KEY}</td><td>a key behind the program {@code sigstore-kms-NAME}</td></tr>
 * <tr><td>{@code pkcs11:…}</td><td>a key in a token (RFC 7512), with its chain if it is there</td></tr>
 * </table>
 */
public final class SigningKeys {
  private static final String ENVIRONMENT = "env://";

  private final Path directory;
  private final Map<String, String> environment;
  private final PasswordSource passwords;
  private final Optional<String> alias;
  private final Set<String> variables;

  /**
   * @param directory against which relative paths are resolved
   * @param environment for {@code env://}; programs see of it what they need
   * @param passwords opens what is encrypted
   */
  public SigningKeys(Path directory, Map<String, String> environment, PasswordSource passwords) {
    this(directory, environment, passwords, Optional.empty(), Set.of());
  }

  private SigningKeys(
      Path directory,
      Map<String, String> environment,
      PasswordSource passwords,
      Optional<String> alias,
      Set<String> variables) {
    this.directory = directory;
    this.environment = Map.copyOf(environment);
    this.passwords = passwords;
    this.alias = alias;
    this.variables = Set.copyOf(variables);
  }

  /** The same, taking the key of this alias out of PKCS#12 files. */
  public SigningKeys withAlias(String wanted) {
    return new SigningKeys(directory, environment, passwords, Optional.of(wanted), variables);
  }

  /** The same, letting programs see these variables of the environment too. */
  public SigningKeys withVariables(Set<String> names) {
    return new SigningKeys(directory, environment, passwords, alias, names);
  }

  /**
   * The key that {@code reference} names, with its certificate chain if that is kept with it.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#KEY_INVALID}, {@link
   *     ErrorCode#KEY_UNSUPPORTED}
   */
  public Signer open(String reference) {
    if (reference.startsWith(ENVIRONMENT)) {
      return KeyFiles.signer(variable(reference), passwords, alias, reference);
    }
    if (reference.startsWith(Pkcs11Uri.SCHEME)) {
      refuseAlias();
      return new Pkcs11Keys(directory, environment).open(Pkcs11Uri.parse(reference));
    }
    Optional<KmsReference> program = KmsReference.parse(reference);
    if (program.isPresent()) {
      refuseAlias();
      return program(program.get());
    }
    return KeyFiles.signer(existing(reference), passwords, alias);
  }

  /**
   * The public half of what {@code reference} names; a file or variable may also hold a public key
   * or a certificate.
   *
   * @throws BullaException as {@link #open}
   */
  public PublicKeyVerifier publicKey(String reference) {
    if (hasOwnSecret(reference)) {
      return publishedBy(reference);
    }
    Optional<PublicKeyVerifier> published =
        reference.startsWith(ENVIRONMENT)
            ? KeyFiles.published(variable(reference), reference)
            : KeyFiles.published(existing(reference));
    return published.orElseGet(() -> PublicKeyVerifier.of(open(reference).publicKey()));
  }

  /**
   * The key by which signatures are verified: as {@link #publicKey}, but a private key file is
   * refused, for whoever verifies should not have it. Tokens and programs are asked once, here.
   *
   * @throws BullaException as {@link #open}
   */
  public PublicKeyVerifier verificationKey(String reference) {
    if (hasOwnSecret(reference)) {
      return publishedBy(reference);
    }
    return reference.startsWith(ENVIRONMENT)
        ? PublicKeyVerifier.ofPem(variable(reference), reference)
        : KeyFiles.verifier(existing(reference));
  }

  private PublicKeyVerifier publishedBy(String reference) {
    refuseAlias();
    return reference.startsWith(Pkcs11Uri.SCHEME)
        ? new Pkcs11Keys(directory, environment).publicKey(Pkcs11Uri.parse(reference))
        : PublicKeyVerifier.of(open(reference).publicKey());
  }

  private KmsSigner program(KmsReference reference) {
    return KmsSigner.open(
        reference, directory, environment, variables, KmsSigner.TIME, InstantSource.system());
  }

  /**
   * Whether {@code reference} is a token or a program, which ask for their PIN or credentials
   * themselves: the password source is not theirs.
   */
  public static boolean hasOwnSecret(String reference) {
    return reference.startsWith(Pkcs11Uri.SCHEME)
        || !reference.startsWith(ENVIRONMENT) && KmsReference.parse(reference).isPresent();
  }

  private void refuseAlias() {
    if (alias.isPresent()) {
      throw new BullaException(
          ErrorCode.USAGE, "only keys in a PKCS#12 file have an alias; this is no file");
    }
  }

  private byte[] variable(String reference) {
    String name = reference.substring(ENVIRONMENT.length());
    String value = environment.get(name);
    if (value == null) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          "%s: there is no environment variable '%s'".formatted(reference, Shown.text(name)));
    }
    return value.getBytes(StandardCharsets.UTF_8);
  }

  private Path existing(String reference) {
    Path file = directory.resolve(reference);
    if (!Files.exists(file)) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "no such file or directory: " + reference);
    }
    return file;
  }
}
