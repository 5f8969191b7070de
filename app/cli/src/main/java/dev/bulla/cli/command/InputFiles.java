package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;

/**
 * Reads whole files that the user names, up to a size. What is larger comes cut off, still larger
 * than any parser takes, so that the parser refuses it as evidence or as a root.
 */
final class InputFiles {
  private static final int MAX_BYTES = 64 * 1024 * 1024;

  private InputFiles() {}

  /**
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}
   */
  static byte[] read(Session session, String written) {
    try (InputStream in = Files.newInputStream(session.existing(written))) {
      return in.readNBytes(MAX_BYTES + 1);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "cannot read " + written + ": " + e.getMessage(), e);
    }
  }

  /** DER, also out of PEM with one block. */
  static byte[] readDer(Session session, String written) {
    byte[] bytes = read(session, written);
    if (bytes.length == 0 || bytes[0] != '-') {
      return bytes;
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    try {
      return Base64.getMimeDecoder().decode(text.replaceAll("(?m)^-----.*$", ""));
    } catch (IllegalArgumentException e) {
      throw new BullaException(ErrorCode.USAGE, written + " is neither DER nor PEM", e);
    }
  }
}
