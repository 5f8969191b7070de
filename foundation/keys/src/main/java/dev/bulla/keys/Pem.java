package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * One block of a PEM file (RFC 7468): a label and the bytes between its lines.
 *
 * <p>Text outside blocks is ignored, as the RFC allows; inside a block only base64 and line breaks
 * may stand.
 */
record Pem(String label, byte[] content) {
  /** A file with more bytes is no key and no certificate chain. */
  static final int MAX_BYTES = 1024 * 1024;

  private static final int MAX_BLOCKS = 64;
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  /**
   * All blocks in order; none if the text holds no block at all.
   *
   * @throws BullaException {@link ErrorCode#KEY_INVALID} for a block that is cut or not base64
   */
  static List<Pem> parse(byte[] text, String what) {
    if (text.length > MAX_BYTES) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "%s: %d bytes, at most %d are read".formatted(what, text.length, MAX_BYTES));
    }
    List<Pem> blocks = new ArrayList<>();
    String label = "";
    StringBuilder body = new StringBuilder();
    for (String raw : new String(text, StandardCharsets.ISO_8859_1).split("\r\n|\n|\r", -1)) {
      String line = raw.strip();
      if (label.isEmpty()) {
        if (line.startsWith(BEGIN) && line.endsWith(DASHES) && line.length() > 16) {
          label = line.substring(BEGIN.length(), line.length() - DASHES.length());
        }
      } else if (line.startsWith(END)) {
        blocks.add(block(label, line, body, what));
        if (blocks.size() > MAX_BLOCKS) {
          throw new BullaException(
              ErrorCode.INPUT_TOO_LARGE, what + ": more than " + MAX_BLOCKS + " PEM blocks");
        }
        label = "";
        body.setLength(0);
      } else {
        body.append(line);
      }
    }
    if (!label.isEmpty()) {
      throw invalid(what, "the PEM block '" + Shown.text(label) + "' has no end line");
    }
    return List.copyOf(blocks);
  }

  /** The block as text, 64 characters a line, with a final line feed. */
  static String encode(String label, byte[] content) {
    return BEGIN
        + label
        + DASHES
        + "\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
        + "\n"
        + END
        + label
        + DASHES
        + "\n";
  }

  private static Pem block(String label, String endLine, StringBuilder body, String what) {
    if (!endLine.equals(END + label + DASHES)) {
      throw invalid(what, "the PEM block '" + Shown.text(label) + "' ends with another label");
    }
    if (body.indexOf(":") >= 0) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          what
              + ": the PEM block '"
              + Shown.text(label)
              + "' has header lines (an old encrypted key?)",
          "Convert it: openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW.");
    }
    try {
      return new Pem(label, Base64.getDecoder().decode(body.toString()));
    } catch (IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          what + ": the PEM block '" + Shown.text(label) + "' is not base64",
          "",
          e);
    }
  }

  private static BullaException invalid(String what, String why) {
    return new BullaException(ErrorCode.KEY_INVALID, what + ": " + why);
  }

  @Override
  public String toString() {
    return "PEM block " + label;
  }
}
