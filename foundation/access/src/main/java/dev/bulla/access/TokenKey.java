package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The key with which a home signs the tokens that its registry gives out: 256 random bits in a file
 * for its owner only.
 */
public final class TokenKey {
  private static final int BYTES = 32;

  private final byte[] secret;

  private TokenKey(byte[] secret) {
    this.secret = secret.clone();
  }

  /** Reads the key, or makes it at the first use. */
  public static TokenKey openOrCreate(Path file, SecureRandom random) {
    try {
      if (!Files.exists(file)) {
        create(file, random);
      }
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length != BYTES) {
        throw unusable(file, "has %d bytes, expected %d".formatted(bytes.length, BYTES), null);
      }
      return new TokenKey(bytes);
    } catch (IOException e) {
      throw unusable(file, "cannot be read or made: " + e.getMessage(), e);
    }
  }

  /** Names the key without giving it away. */
  public String fingerprint() {
    return Digest.sha256(secret).toString();
  }

  byte[] bytes() {
    return secret.clone();
  }

  @Override
  public String toString() {
    return "TokenKey[hidden]";
  }

  private static void create(Path file, SecureRandom random) throws IOException {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    Files.createDirectories(file.toAbsolutePath().getParent());
    byte[] suffix = new byte[8];
    random.nextBytes(suffix);
    Path fresh = file.resolveSibling(file.getFileName() + "." + HexFormat.of().formatHex(suffix));
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(fresh, bytes);
    try {
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException e) {
      Files.deleteIfExists(fresh);
    }
  }

  private static BullaException unusable(
      Path file, String why, @org.jspecify.annotations.Nullable IOException cause) {
    String reason = "the token key %s %s".formatted(file, why);
    String next = "Remove it: the next start makes a new one, and all tokens end.";
    return cause == null
        ? new BullaException(ErrorCode.CONFIGURATION_INVALID, reason, next)
        : new BullaException(ErrorCode.CONFIGURATION_INVALID, reason, next, cause);
  }
}
