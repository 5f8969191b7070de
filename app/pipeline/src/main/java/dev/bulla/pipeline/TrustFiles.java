package dev.bulla.pipeline;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.trust.TrustPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads the files that say who is believed. */
public final class TrustFiles {
  private TrustFiles() {}

  /**
   * A {@code trustpolicy.json} of Notation.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}; {@link ErrorCode#TRUST_POLICY_INVALID}
   *     saying what is wrong
   */
  public static TrustPolicy policy(Path file) {
    try {
      return TrustPolicy.parse(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "no such trust policy: " + file, e);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
