package dev.bulla.signing;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.Signer;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.PasswordSource;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Opens a signing key by its reference, the one place that knows all forms of it. Thread-safe.
 *
 * <table>
 * <caption>References</caption>
 * <tr><td>a path</td><td>PEM: PKCS#8, PKCS#1, SEC 1, cosign's encrypted form</td></tr>
 * </table>
 */
public final class SigningKeys {
  private final Path directory;
  private final PasswordSource passwords;

  /**
   * @param directory against which relative paths are resolved
   * @param passwords opens what is encrypted
   */
  public SigningKeys(Path directory, PasswordSource passwords) {
    this.directory = directory;
    this.passwords = passwords;
  }

  /**
   * The key that {@code reference} names, with its certificate chain if that is kept with it.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#KEY_INVALID}, {@link
   *     ErrorCode#KEY_UNSUPPORTED}
   */
  public Signer open(String reference) {
    Path file = directory.resolve(reference);
    if (!Files.exists(file)) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "no such file or directory: " + reference);
    }
    return KeyFiles.signer(file, passwords);
  }
}
