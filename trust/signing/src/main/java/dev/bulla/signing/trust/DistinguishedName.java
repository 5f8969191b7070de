package dev.bulla.signing.trust;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.security.auth.x500.X500Principal;

/**
 * A distinguished name as a set of attributes (RFC 4514), in the subset that Notation's trusted
 * identities allow: no multi-valued parts, no attribute twice, no {@code =#hex} values in a policy.
 *
 * @param attributes type in upper case (S reads as ST) to value
 */
public record DistinguishedName(Map<String, String> attributes) {
  private static final Map<String, String> NAMES =
      Map.of(
          "2.5.4.5", "SERIALNUMBER",
          "2.5.4.17", "POSTALCODE",
          "1.2.840.113549.1.9.1", "EMAILADDRESS");

  public DistinguishedName {
    attributes = Map.copyOf(new TreeMap<>(attributes));
  }

  /**
   * Parses the text of a trusted identity; C, ST and O must be there.
   *
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID}
   */
  public static DistinguishedName parseIdentity(String text) {
    DistinguishedName name = new DistinguishedName(new Parser(text).parse(false));
    for (String mandatory : new String[] {"C", "ST", "O"}) {
      if (!name.attributes.containsKey(mandatory)) {
        throw invalid(text, "has no " + mandatory + "; C, ST and O are mandatory");
      }
    }
    return name;
  }

  /**
   * The subject of a certificate.
   *
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} if it has an attribute twice,
   *     which no identity can match
   */
  public static DistinguishedName of(X500Principal subject) {
    return new DistinguishedName(
        new Parser(subject.getName(X500Principal.RFC2253, NAMES)).parse(true));
  }

  /** Whether each attribute of this name is in {@code other} with the same value. */
  public boolean isSubsetOf(DistinguishedName other) {
    return other.attributes.entrySet().containsAll(attributes.entrySet());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(attributes)
        .forEach((type, value) ->
            text.append(text.isEmpty() ? "" : ", ").append(type).append('=').append(value));
    return text.toString();
  }

  private static BullaException invalid(String text, String why) {
    return new BullaException(
        ErrorCode.TRUST_POLICY_INVALID,
        "distinguished name '%s' %s".formatted(Shown.text(text), why));
  }

  /**
   * One pass over the text; a backslash escapes one character or two hexadecimal digits (RFC 4514
   * section 3).
   */
  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    Map<String, String> parse(boolean certificate) {
      Map<String, String> found = new TreeMap<>();
      while (at < text.length()) {
        int equals = text.indexOf('=', at);
        if (equals < 0) {
          throw invalid(text, "has a part without '='");
        }
        String type = text.substring(at, equals).strip().toUpperCase(Locale.ROOT);
        type = type.equals("S") ? "ST" : type;
        at = equals + 1;
        String value = value(certificate);
        if (type.isEmpty() || value.isEmpty()) {
          throw invalid(text, "has an empty part");
        }
        if (found.put(type, value) != null) {
          throw invalid(text, "has " + type + " twice");
        }
      }
      if (found.isEmpty()) {
        throw invalid(text, "is empty");
      }
      return found;
    }

    private String value(boolean certificate) {
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
      if (!certificate && at < text.length() && text.charAt(at) == '#') {
        throw invalid(text, "has a hexadecimal value, which is not supported");
      }
      java.io.ByteArrayOutputStream value = new java.io.ByteArrayOutputStream();
      int trailing = 0;
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == ',' || c == ';') {
          at++;
          if (at == text.length()) {
            throw invalid(text, "ends with a separator");
          }
          break;
        }
        if (c == '+') {
          throw invalid(text, "has a part with several values, which is not supported");
        }
        if (c == '"' || c == '<' || c == '>') {
          throw invalid(text, "has an unescaped " + c);
        }
        trailing = c == ' ' ? trailing + 1 : 0;
        value.writeBytes(c == '\\' ? escaped() : plain());
      }
      String whole = value.toString(java.nio.charset.StandardCharsets.UTF_8);
      return whole.substring(0, whole.length() - trailing);
    }

    private byte[] plain() {
      int point = text.codePointAt(at);
      at += Character.charCount(point);
      return Character.toString(point).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    private byte[] escaped() {
      if (at + 1 >= text.length()) {
        throw invalid(text, "ends with a backslash");
      }
      char next = text.charAt(at + 1);
      int high = Character.digit(next, 16);
      int low = at + 2 < text.length() ? Character.digit(text.charAt(at + 2), 16) : -1;
      if (high >= 0 && low >= 0) {
        at += 3;
        return new byte[] {(byte) (high << 4 | low)};
      }
      at++;
      return plain();
    }
  }
}
