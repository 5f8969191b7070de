package dev.bulla.advisory;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A package URL taken apart (package-url specification 1.0: {@code
 * pkg:type/namespace/name@version?qualifiers#subpath}).
 *
 * @param namespace decoded, without slashes at the ends; empty if there is none
 * @param version decoded; empty if there is none
 */
record PackageUrl(
    String type, String namespace, String name, String version, Map<String, String> qualifiers) {
  private static final int MAX_LENGTH = 4096;

  PackageUrl {
    qualifiers = Map.copyOf(qualifiers);
  }

  /**
   * @throws BullaException {@code PURL_INVALID}
   */
  static PackageUrl parse(String text) {
    if (text.length() > MAX_LENGTH || !text.startsWith("pkg:")) {
      throw invalid(text, "expected pkg:TYPE/NAMESPACE/NAME@VERSION");
    }
    String rest = text.substring(4);
    int hash = rest.indexOf('#');
    rest = hash < 0 ? rest : rest.substring(0, hash);
    int question = rest.indexOf('?');
    Map<String, String> qualifiers =
        question < 0 ? Map.of() : qualifiers(rest.substring(question + 1), text);
    rest = question < 0 ? rest : rest.substring(0, question);
    while (rest.startsWith("/")) {
      rest = rest.substring(1);
    }
    int slash = rest.indexOf('/');
    if (slash <= 0 || !rest.substring(0, slash).matches("[A-Za-z][A-Za-z0-9.+-]*")) {
      throw invalid(text, "it has no package type before the first '/'");
    }
    String type = rest.substring(0, slash).toLowerCase(Locale.ROOT);
    String path = rest.substring(slash + 1);
    int at = versionAt(path);
    String version = at < 0 ? "" : decode(path.substring(at + 1), text);
    String names = (at < 0 ? path : path.substring(0, at)).replaceAll("^/+|/+$", "");
    int last = names.lastIndexOf('/');
    String name = decode(names.substring(last + 1), text);
    if (name.isBlank()) {
      throw invalid(text, "it has no package name");
    }
    return new PackageUrl(
        type, last < 0 ? "" : decode(names.substring(0, last), text), name, version, qualifiers);
  }

  /** The first {@code @} that is not the beginning of an npm scope. */
  private static int versionAt(String path) {
    int at = path.indexOf('@', 1);
    return path.isEmpty() ? -1 : at;
  }

  Optional<String> qualifier(String key) {
    return Optional.ofNullable(qualifiers.get(key));
  }

  /** The name under which advisories and inventories list the package. */
  String advisoryName() {
    return switch (type) {
      case "maven" -> namespace.isEmpty() ? name : namespace + ":" + name;
      case "deb", "rpm", "apk" -> name;
      default -> namespace.isEmpty() ? name : namespace + "/" + name;
    };
  }

  private static Map<String, String> qualifiers(String text, String whole) {
    Map<String, String> all = new TreeMap<>();
    for (String pair : text.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0 && equals < pair.length() - 1) {
        all.put(
            pair.substring(0, equals).toLowerCase(Locale.ROOT),
            decode(pair.substring(equals + 1), whole));
      }
    }
    return all;
  }

  private static String decode(String text, String whole) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
      if (low < 0) {
        throw invalid(whole, "'%' is not followed by two hexadecimal digits");
      }
      bytes.write(high * 16 + low);
      i += 2;
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static BullaException invalid(String text, String why) {
    return new BullaException(
        ErrorCode.PURL_INVALID,
        "'" + Shown.text(text) + "' is not a package URL: " + why,
        "Write for example pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1.");
  }
}
