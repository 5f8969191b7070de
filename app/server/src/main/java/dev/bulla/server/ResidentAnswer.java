package dev.bulla.server;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Puts the end of a command into an HTTP answer from which a shell with nothing but curl gets both
 * outputs and the exit code apart, byte for byte.
 *
 * <p>Status 200: the command has run. The media type, which curl of any age can print by itself
 * ({@code -w '%{content_type}'}), is the exit code and then, each after a bar, the pieces of output
 * in their order: {@code o} or {@code e} and the bytes as {@code printf %b} understands them. Much
 * standard output comes as the body instead, before the pieces of standard error. Status 204: it
 * has stopped. Status 409: it was not run, the caller has to.
 */
final class ResidentAnswer {
  /** In the header; curl takes 100 KiB. */
  private static final int MAX_PIECES = 48 * 1024;

  static final byte[] COLD = head("409 Conflict", "text/plain", 0);
  static final byte[] STOPPING = head("204 No Content", "text/plain", 0);

  /** Says that the answer will come; RFC 9110 section 15.2 lets clients ignore it. */
  static final byte[] PATIENCE =
      "HTTP/1.1 102 Processing\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private ResidentAnswer() {}

  static byte[] of(int code, Recording recording) {
    if (recording.tooLarge()) {
      return COLD;
    }
    List<Recording.Piece> pieces = recording.pieces();
    StringBuilder type = new StringBuilder().append(code);
    if (write(pieces, type)) {
      return head("200 OK", type.toString(), 0);
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    pieces.stream()
        .filter(piece -> !piece.error())
        .forEach(piece -> body.writeBytes(piece.bytes()));
    type.setLength(0);
    type.append(code);
    if (!write(pieces.stream().filter(Recording.Piece::error).toList(), type)) {
      return COLD;
    }
    byte[] head = head("200 OK", type.toString(), body.size());
    byte[] answer = new byte[head.length + body.size()];
    System.arraycopy(head, 0, answer, 0, head.length);
    System.arraycopy(body.toByteArray(), 0, answer, head.length, body.size());
    return answer;
  }

  /** Whether there was room. */
  private static boolean write(List<Recording.Piece> pieces, StringBuilder type) {
    for (Recording.Piece piece : pieces) {
      if (piece.bytes().length > MAX_PIECES) {
        return false;
      }
      type.append('|').append(piece.error() ? 'e' : 'o');
      for (byte one : piece.bytes()) {
        boolean plain = one > ' ' && one < 0x7f && one != '\\' && one != '|';
        if (plain) {
          type.append((char) one);
        } else {
          type.append("\\0")
              .append(digit(one >> 6 & 3))
              .append(digit(one >> 3 & 7))
              .append(digit(one & 7));
        }
      }
      if (type.length() > MAX_PIECES) {
        return false;
      }
    }
    return true;
  }

  private static char digit(int value) {
    return (char) ('0' + value);
  }

  private static byte[] head(String status, String type, int length) {
    return "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        .formatted(status, type, length)
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
