package dev.bulla.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a launcher asks of a resident process: an HTTP/1.1 request (RFC 9112) as curl sends one for
 * {@code --data-urlencode}, on a connection of its own.
 *
 * <p>Fields of the form: {@code d} working directory, {@code a} one argument, {@code e} one {@code
 * NAME=VALUE} of the environment, {@code t} {@code 1} at a terminal, {@code b}, {@code o} and
 * {@code m} what {@link Surroundings} says of the caller. Whatever is unexpected is an {@link
 * IOException}, and the caller runs the command himself.
 *
 * @param path {@code /run} or {@code /stop}
 */
record ResidentRequest(
    String path,
    List<String> arguments,
    Path workingDirectory,
    Map<String, String> environment,
    boolean terminal,
    Surroundings surroundings) {
  static final int MAX_HEAD = 8 * 1024;
  static final int MAX_BODY = 256 * 1024;
  static final int MAX_FIELDS = 4096;

  /**
   * What commands that may run here read of the environment, and what {@link Surroundings} does;
   * the launcher sends these and no other.
   */
  static final Set<String> ENVIRONMENT =
      Set.of(
          "BULLA_DEBUG",
          "BULLA_HOME",
          "COLUMNS",
          "COSIGN_REPOSITORY",
          "DOCKER_CONFIG",
          "HOME",
          "LANG",
          "LC_ALL",
          "LC_CTYPE",
          "LC_MESSAGES",
          "NOTATION_CONFIG",
          "NOTATION_LIBEXEC",
          "NO_COLOR",
          "REGISTRY_AUTH_FILE",
          "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE",
          "SIGSTORE_REKOR_PUBLIC_KEY",
          "SIGSTORE_ROOT_FILE",
          "SIGSTORE_TSA_CERTIFICATE_FILE",
          "TERM",
          "TUF_ROOT",
          "TZ",
          "XDG_CACHE_HOME",
          "XDG_CONFIG_HOME",
          "XDG_RUNTIME_DIR");

  ResidentRequest {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }

  /** Reads one request; what follows it is left unread. */
  static ResidentRequest read(InputStream in) throws IOException {
    String[] lines = head(in).split("\r\n", -1);
    String[] start = lines[0].split(" ", -1);
    if (start.length != 3 || !start[0].equals("POST") || !start[2].equals("HTTP/1.1")) {
      throw new IOException("not a request for a command");
    }
    int length = -1;
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      String name = colon < 0 ? "" : lines[i].substring(0, colon);
      if (name.equalsIgnoreCase("content-length")) {
        length = length(lines[i].substring(colon + 1).strip(), length);
      } else if (name.equalsIgnoreCase("transfer-encoding") || name.equalsIgnoreCase("expect")) {
        throw new IOException("a body in this form is not taken");
      }
    }
    byte[] body = in.readNBytes(Math.max(0, length));
    if (body.length != length) {
      throw new IOException("the request ended early or gives no length");
    }
    return parse(start[1], body);
  }

  private static String head(InputStream in) throws IOException {
    byte[] bytes = new byte[MAX_HEAD];
    for (int n = 0; n < MAX_HEAD; n++) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the request ended early");
      }
      bytes[n] = (byte) next;
      if (next == '\n' && n >= 3 && bytes[n - 1] == '\r' && bytes[n - 2] == '\n') {
        return new String(bytes, 0, n - 3, StandardCharsets.ISO_8859_1);
      }
    }
    throw new IOException("more than %d bytes of header".formatted(MAX_HEAD));
  }

  private static int length(String digits, int known) throws IOException {
    if (known >= 0 || !digits.matches("\\d{1,7}") || Integer.parseInt(digits) > MAX_BODY) {
      throw new IOException("no usable length");
    }
    return Integer.parseInt(digits);
  }

  /** Reads a form. */
  static ResidentRequest parse(String path, byte[] form) throws IOException {
    List<String> arguments = new ArrayList<>();
    Map<String, String> environment = new HashMap<>();
    Map<Character, String> single = new HashMap<>();
    int fields = 0;
    for (int start = 0; start < form.length; ) {
      int end = start;
      while (end < form.length && form[end] != '&') {
        end++;
      }
      if (end - start < 2 || form[start + 1] != '=' || ++fields > MAX_FIELDS) {
        throw new IOException("a field in an unknown form, or too many");
      }
      String value = text(Arrays.copyOfRange(form, start + 2, end));
      switch (form[start]) {
        case 'a' -> arguments.add(value);
        case 'e' -> variable(value, environment);
        case 'd', 't', 'b', 'o', 'm' -> {
          if (single.put((char) form[start], value) != null) {
            throw new IOException("a field twice");
          }
        }
        default -> throw new IOException("an unknown field");
      }
      start = end + 1;
    }
    Path directory = Path.of(single.getOrDefault('d', "/"));
    if (!directory.isAbsolute()) {
      throw new IOException("the working directory is not absolute");
    }
    Surroundings surroundings =
        Surroundings.of(
            single.getOrDefault('b', ""),
            single.getOrDefault('o', ""),
            single.getOrDefault('m', ""),
            environment);
    return new ResidentRequest(
        path,
        arguments,
        directory,
        environment,
        single.getOrDefault('t', "").equals("1"),
        surroundings);
  }

  /** Whether anything in it needs an encoding to be agreed on. */
  boolean isAscii() {
    return arguments.stream().allMatch(ResidentRequest::ascii)
        && ascii(workingDirectory.toString())
        && environment.values().stream().allMatch(ResidentRequest::ascii);
  }

  private static boolean ascii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }

  private static void variable(String pair, Map<String, String> into) throws IOException {
    int equals = pair.indexOf('=');
    if (equals < 1 || into.put(pair.substring(0, equals), pair.substring(equals + 1)) != null) {
      throw new IOException("a variable without a value, or twice");
    }
    if (!ENVIRONMENT.contains(pair.substring(0, equals))) {
      throw new IOException("a variable that no command reads");
    }
  }

  /**
   * Decodes as forms are encoded; everything that is not ASCII must be UTF-8. NUL cannot be in any
   * of these.
   */
  private static String text(byte[] encoded) throws IOException {
    byte[] bytes = new byte[encoded.length];
    int n = 0;
    for (int i = 0; i < encoded.length; i++) {
      int value = encoded[i];
      if (value == '%') {
        int high = i + 2 < encoded.length ? Character.digit(encoded[i + 1], 16) : -1;
        int low = i + 2 < encoded.length ? Character.digit(encoded[i + 2], 16) : -1;
        if (high < 0 || low < 0) {
          throw new IOException("a percent sign that encodes nothing");
        }
        value = high << 4 | low;
        i += 2;
      } else if (value == '+') {
        value = ' ';
      } else if (value <= ' ' || value == 0x7f) {
        throw new IOException("a byte that should have been encoded");
      }
      if (value == 0) {
        throw new IOException("a NUL");
      }
      bytes[n++] = (byte) value;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, n)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("a text that is not UTF-8", e);
    }
  }
}
