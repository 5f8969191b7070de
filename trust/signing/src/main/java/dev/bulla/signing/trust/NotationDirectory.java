package dev.bulla.signing.trust;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Notation's own configuration directory ({@code NOTATION_CONFIG}), as notation 1.3 lays it out:
 * both trust policies, the trust stores, the keys, the settings and the plugins. Read when needed;
 * nothing is written.
 */
public record NotationDirectory(Path path) {
  private static final int MAX_BYTES = 4 * 1024 * 1024;

  /**
   * {@code trustpolicy.oci.json}; if there is no such file, {@code trustpolicy.json}.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#TRUST_POLICY_INVALID}
   *     also for a link or a directory in its place
   */
  public TrustPolicy imagePolicy() {
    Path newer = path.resolve("trustpolicy.oci.json");
    boolean there = Files.exists(newer, LinkOption.NOFOLLOW_LINKS);
    return TrustPolicy.parse(read(there ? newer : path.resolve("trustpolicy.json")));
  }

  /**
   * {@code trustpolicy.blob.json}.
   *
   * @throws BullaException as {@link #imagePolicy}
   */
  public BlobTrustPolicy blobPolicy() {
    return BlobTrustPolicy.parse(read(path.resolve("trustpolicy.blob.json")));
  }

  /** The trust stores, in {@code truststore/x509}. */
  public TrustStore stores() {
    return TrustStore.directory(path.resolve("truststore"));
  }

  /**
   * {@code signingkeys.json}.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#KEY_INVALID}
   */
  public NotationKeys keys() {
    Path file = path.resolve("signingkeys.json");
    if (!Files.exists(file)) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND,
          "notation has no list of keys: there is no " + file,
          "Make one with 'notation key add', or name its directory with --notation-config.");
    }
    try {
      return NotationKeys.parse(bytes(file), file.toString());
    } catch (IOException e) {
      throw new BullaException(ErrorCode.KEY_INVALID, file + " cannot be read: " + e, e);
    }
  }

  /**
   * {@code config.json}; says nothing if there is none.
   *
   * @throws BullaException {@link ErrorCode#CONFIGURATION_INVALID}
   */
  public NotationSettings settings() {
    Path file = path.resolve("config.json");
    if (!Files.exists(file)) {
      return NotationSettings.none(file);
    }
    try {
      return NotationSettings.parse(bytes(file), file);
    } catch (IOException e) {
      throw new BullaException(ErrorCode.CONFIGURATION_INVALID, file + " cannot be read: " + e, e);
    }
  }

  /** What is longer is refused by the parsers. */
  private static byte[] bytes(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(MAX_BYTES + 1);
    }
  }

  private static byte[] read(Path file) {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "no such trust policy: " + file);
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          file + " is not a regular file (links and directories are refused, as by notation)",
          "Put the trust policy itself there.");
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return in.readNBytes(MAX_BYTES + 1); // what is longer is refused by the parser
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
