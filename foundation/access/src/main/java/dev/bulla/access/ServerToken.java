package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The secret by which the owner of a home is known to its server: 256 random bits. Never printed.
 */
public final class ServerToken {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

  private final String secret;

  private ServerToken(String secret) {
    this.secret = secret;
  }

  public static ServerToken random(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return new ServerToken(HexFormat.of().formatHex(bytes));
  }

  /**
   * @throws BullaException {@link ErrorCode#CONFIGURATION_INVALID} if the text is not a token; the
   *     message does not repeat it
   */
  public static ServerToken parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new BullaException(
          ErrorCode.CONFIGURATION_INVALID,
          "the server token is not 64 lower-case hexadecimal characters",
          "Restart the server: it writes a new one.");
    }
    return new ServerToken(text);
  }

  /** Whether {@code offered} is this token; takes the same time wherever it differs. */
  public boolean matches(String offered) {
    return MessageDigest.isEqual(bytes(secret), bytes(offered));
  }

  /** The secret itself, for the header of a request and for the file. */
  public String reveal() {
    return secret;
  }

  @Override
  public String toString() {
    return "ServerToken[hidden]";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
