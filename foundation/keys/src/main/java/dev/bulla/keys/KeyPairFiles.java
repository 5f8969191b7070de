package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * The two files of a key pair as cosign lays them out: {@code PREFIX.key}, encrypted, mode 0600,
 * and {@code PREFIX.pub}.
 */
public record KeyPairFiles(Path privateKey, Path publicKey) {
  /**
   * @param prefix path of both files without their endings
   */
  public static KeyPairFiles at(Path prefix) {
    return new KeyPairFiles(
        prefix.resolveSibling(prefix.getFileName() + ".key"),
        prefix.resolveSibling(prefix.getFileName() + ".pub"));
  }

  /**
   * Writes both.
   *
   * @param replace whether files that are there may be lost
   * @throws BullaException {@link ErrorCode#CONFLICT} if one of them exists and must not be
   *     replaced; then neither is written
   */
  public void write(LocalSigner signer, Secret password, SecureRandom random, boolean replace) {
    if (replace) {
      replace(signer, password, random);
      return;
    }
    check(privateKey);
    check(publicKey);
    KeyFiles.writeEncrypted(privateKey, signer, password, random);
    PrivateFiles.createPublic(publicKey, KeyFiles.publicKeyPem(signer.verifier()));
  }

  /** Both are whole beside the old ones before the first of these is lost. */
  private void replace(LocalSigner signer, Secret password, SecureRandom random) {
    KeyPairFiles fresh = at(privateKey.resolveSibling(".new-" + UUID.randomUUID()));
    try {
      fresh.write(signer, password, random, false);
      PrivateFiles.replace(publicKey, fresh.publicKey);
      PrivateFiles.replace(privateKey, fresh.privateKey);
    } finally {
      PrivateFiles.delete(fresh.publicKey);
      PrivateFiles.delete(fresh.privateKey);
    }
  }

  /** Refuses to go on where a file would be lost, before a key is made in vain. */
  private static void check(Path file) {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new BullaException(
          ErrorCode.CONFLICT,
          file + ": the file exists and is not replaced",
          "Name another prefix, or say that it may be replaced (--force).");
    }
  }
}
