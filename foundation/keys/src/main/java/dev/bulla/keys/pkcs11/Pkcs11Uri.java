package dev.bulla.keys.pkcs11;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The name of a key in a token (RFC 7512), such as {@code
 * pkcs11:token=release;object=signing;type=private?pin-source=file:/run/pin}.
 *
 * <p>{@code pin-value} is refused: a PIN in a URI is seen by everybody who lists the processes. Of
 * {@code pin-source} only files are read. Attributes that are unknown are refused, those of vendors
 * ({@code x-…}) passed over, as the RFC says.
 *
 * @param path what the token and the object must be, values as bytes in lower-case hexadecimal for
 *     {@code id}, text otherwise
 * @param query where the module and the PIN are
 */
public record Pkcs11Uri(Map<String, String> path, Map<String, String> query) {
  /** How every such URI begins. */
  public static final String SCHEME = "pkcs11:";

  private static final int MAX_LENGTH = 4096;
  private static final Set<String> PATH =
      Set.of(
          "token",
          "manufacturer",
          "serial",
          "model",
          "slot-id",
          "object",
          "type",
          "id",
          "library-manufacturer",
          "library-description",
          "library-version",
          "slot-description",
          "slot-manufacturer");
  private static final List<String> UNSUPPORTED =
      List.of(
          "library-manufacturer",
          "library-description",
          "library-version",
          "slot-description",
          "slot-manufacturer");
  private static final Set<String> QUERY =
      Set.of("pin-source", "pin-value", "module-path", "module-name");

  public Pkcs11Uri {
    path = Map.copyOf(path);
    query = Map.copyOf(query);
  }

  /**
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public static Pkcs11Uri parse(String text) {
    if (!text.startsWith(SCHEME)) {
      throw usage("a PKCS#11 URI begins with 'pkcs11:'");
    }
    if (text.length() > MAX_LENGTH) {
      throw usage("a PKCS#11 URI has at most " + MAX_LENGTH + " characters");
    }
    String rest = text.substring(SCHEME.length());
    int mark = rest.indexOf('?');
    Map<String, String> path = attributes(mark < 0 ? rest : rest.substring(0, mark), ";", PATH);
    Map<String, String> query =
        mark < 0 ? Map.of() : attributes(rest.substring(mark + 1), "&", QUERY);
    check(path, query);
    return new Pkcs11Uri(path, query);
  }

  private static void check(Map<String, String> path, Map<String, String> query) {
    if (query.containsKey("pin-value")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "pin-value in a PKCS#11 URI shows the PIN to everybody who lists the processes",
          "Put the PIN into a file with mode 0600 and give pin-source=file:PATH, or set"
              + " COSIGN_PKCS11_PIN.");
    }
    if (query.containsKey("module-name")) {
      throw usage("module-name in a PKCS#11 URI is not supported; give module-path");
    }
    for (String name : UNSUPPORTED) {
      if (path.containsKey(name)) {
        throw usage(
            name
                + " in a PKCS#11 URI is not supported; name the token by token, serial or slot-id");
      }
    }
    String type = path.getOrDefault("type", "private");
    if (!type.equals("private") && !type.equals("public")) {
      throw usage(
          "type=%s in a PKCS#11 URI names no key, expected type=private or type=public"
              .formatted(Shown.text(type)));
    }
    if (path.containsKey("slot-id") && !path.get("slot-id").matches("\\d{1,18}")) {
      throw usage("slot-id in a PKCS#11 URI is not a number");
    }
    String source = query.getOrDefault("pin-source", "");
    if (source.startsWith("|")) {
      throw usage("pin-source in a PKCS#11 URI names a program; only files are read");
    }
  }

  private static Map<String, String> attributes(String text, String separator, Set<String> known) {
    Map<String, String> found = new LinkedHashMap<>();
    for (String one : text.isEmpty() ? new String[0] : text.split(separator, -1)) {
      int equals = one.indexOf('=');
      if (equals < 1) {
        throw usage("'%s' in a PKCS#11 URI is no NAME=VALUE".formatted(Shown.text(one)));
      }
      String name = one.substring(0, equals);
      if (name.startsWith("x-")) {
        continue;
      }
      if (!known.contains(name)) {
        throw usage("'%s' is no attribute of PKCS#11 URIs here".formatted(Shown.text(name)));
      }
      byte[] value = decode(one.substring(equals + 1));
      String kept =
          name.equals("id")
              ? HexFormat.of().formatHex(value)
              : new String(value, StandardCharsets.UTF_8);
      if (found.put(name, kept) != null) {
        throw usage("'%s' stands twice in a PKCS#11 URI".formatted(name));
      }
    }
    return found;
  }

  private static byte[] decode(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      if (i + 2 >= text.length()
          || Character.digit(text.charAt(i + 1), 16) < 0
          || Character.digit(text.charAt(i + 2), 16) < 0) {
        throw usage("a PKCS#11 URI has a '%' without two hexadecimal digits");
      }
      bytes.write(Integer.parseInt(text, i + 1, i + 3, 16));
      i += 2;
    }
    return bytes.toByteArray();
  }

  Optional<String> attribute(String name) {
    return Optional.ofNullable(path.get(name));
  }

  /** The file of the PIN, as it was written, without {@code file:}. */
  public Optional<String> pinFile() {
    return Optional.ofNullable(query.get("pin-source"))
        .map(source -> source.replaceFirst("^file:(//(?=/))?", ""));
  }

  /** The shared library that speaks to the token. */
  public Optional<String> modulePath() {
    return Optional.ofNullable(query.get("module-path"));
  }

  private static BullaException usage(String reason) {
    return new BullaException(ErrorCode.USAGE, reason);
  }
}
