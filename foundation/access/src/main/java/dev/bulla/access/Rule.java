package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What those may do whom somebody else vouches for: all conditions must hold.
 *
 * @param source the issuer of the identity token, or {@link #CERTIFICATE}
 * @param conditions patterns ({@code *} but no slash, {@code **} anything) by claim: a name, or a
 *     JSON Pointer (RFC 6901) to a nested one. Of a claim that is a list one entry must fit.
 */
public record Rule(String name, String source, Map<String, String> conditions, List<Grant> grants) {
  /** The source of rules about client certificates. */
  public static final String CERTIFICATE = "certificate";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
  private static final int MAX = 1_024;

  public Rule {
    conditions = Map.copyOf(new TreeMap<>(conditions));
    grants = List.copyOf(grants);
    if (!NAME.matcher(name).matches()) {
      throw refused(name, "its name is not of lower-case letters, digits, '.', '_' and '-'");
    }
    if (grants.isEmpty()) {
      throw refused(name, "it grants nothing");
    }
    if (conditions.values().stream().allMatch(pattern -> pattern.matches("\\**"))) {
      throw refused(name, "it has no condition, so whoever the source knows would get its grants");
    }
    conditions.forEach((claim, pattern) -> {
      if (claim.isEmpty() || claim.length() > MAX || pattern.isEmpty() || pattern.length() > MAX) {
        throw refused(name, "a condition is empty or longer than 1024 characters");
      }
    });
  }

  /** Whether the claims fulfil every condition. */
  boolean matches(JsonNode claims) {
    return conditions.entrySet().stream()
        .allMatch(one -> fits(claim(claims, one.getKey()), one.getValue()));
  }

  private static JsonNode claim(JsonNode claims, String name) {
    return name.startsWith("/") ? claims.at(name) : claims.path(name);
  }

  private static boolean fits(JsonNode value, String pattern) {
    if (value.isArray()) {
      for (JsonNode one : value) {
        if (!one.isArray() && fits(one, pattern)) {
          return true;
        }
      }
      return false;
    }
    return (value.isString() || value.isBoolean() || value.isIntegralNumber())
        && Glob.matches(pattern, value.asString(""));
  }

  private static BullaException refused(String name, String why) {
    return new BullaException(
        ErrorCode.USAGE,
        "the rule '%s' is refused: %s".formatted(Shown.text(name), why),
        "Give --claim NAME=PATTERN and --grant PATTERN=ROLES.");
  }
}
