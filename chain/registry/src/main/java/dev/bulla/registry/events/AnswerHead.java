package dev.bulla.registry.events;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/**
 * What a receiver answers, as far as it matters: the status and the pause it asks for (RFC 9112
 * section 4, RFC 9110 section 10.2.3). The body is not read, so that nothing that stands in it goes
 * anywhere.
 *
 * @param pause zero if none is asked for; an hour at most
 */
record AnswerHead(int status, Duration pause) {
  private static final int MAX_BYTES = 16 * 1024;
  private static final int MAX_INTERIM = 5;
  private static final long MAX_PAUSE_SECONDS = 3_600;

  /**
   * Reads the head of an answer, after those that only say that one is coming.
   *
   * @throws IOException if it is none, or longer than {@value #MAX_BYTES} bytes
   */
  static AnswerHead read(InputStream in) throws IOException {
    for (int i = 0; i <= MAX_INTERIM; i++) {
      AnswerHead head = parse(lines(in));
      if (head.status >= 200) {
        return head;
      }
    }
    throw new IOException("the receiver does not come to an answer");
  }

  private static String lines(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int line = 0;
    while (bytes.size() < MAX_BYTES) {
      int one = in.read();
      if (one < 0) {
        throw new IOException("the connection ended before an answer");
      }
      bytes.write(one);
      if (one == '\n' && line == 0) {
        return bytes.toString(StandardCharsets.ISO_8859_1);
      }
      line = one == '\n' ? 0 : one == '\r' ? line : line + 1;
    }
    throw new IOException("the answer's head is longer than %d bytes".formatted(MAX_BYTES));
  }

  private static AnswerHead parse(String head) throws IOException {
    String[] lines = head.split("\r?\n", -1);
    if (!lines[0].matches("HTTP/1\\.[01] [1-5][0-9]{2}( .*)?")) {
      throw new IOException("the answer is no HTTP/1.1");
    }
    Duration pause = Duration.ZERO;
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).toLowerCase(Locale.ROOT).equals("retry-after")) {
        String value = line.substring(colon + 1).strip();
        long seconds = value.matches("[0-9]{1,9}") ? Long.parseLong(value) : 0;
        pause = Duration.ofSeconds(Math.min(seconds, MAX_PAUSE_SECONDS));
      }
    }
    return new AnswerHead(Integer.parseInt(lines[0].substring(9, 12)), pause);
  }
}
