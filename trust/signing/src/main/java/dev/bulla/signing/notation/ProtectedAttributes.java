package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rules for protected attributes that JWS and COSE envelopes share, whatever their encoding.
 *
 * @param names all protected names, extended attributes included, without the encoding's own (alg,
 *     content type, crit)
 * @param critical the names listed as critical
 */
record ProtectedAttributes(
    Optional<String> schemeId,
    Optional<Instant> signingTime,
    Optional<Instant> authenticTime,
    Optional<Instant> expiry,
    Optional<String> plugin,
    Optional<String> pluginVersion,
    Set<String> names,
    List<String> critical) {

  private static final Map<String, Envelope.Scheme> SCHEMES =
      Map.of(
          Headers.X509, Envelope.Scheme.X509,
          Headers.X509_AUTHORITY, Envelope.Scheme.SIGNING_AUTHORITY);

  private static final Set<String> KNOWN =
      Set.of(
          Headers.SCHEME,
          Headers.SIGNING_TIME,
          Headers.AUTHENTIC_TIME,
          Headers.EXPIRY,
          Headers.PLUGIN,
          Headers.PLUGIN_VERSION);

  /** Whether a name is one of the attributes that the specification defines. */
  static boolean isKnown(String name) {
    return KNOWN.contains(name);
  }

  Envelope.Scheme scheme() {
    String id = schemeId.orElseThrow(() -> malformed(Headers.SCHEME + " is missing"));
    Envelope.Scheme scheme = SCHEMES.get(id);
    if (scheme == null) {
      throw malformed("unknown signing scheme '" + Shown.text(id) + "'");
    }
    return scheme;
  }

  /** The signing time that belongs to the scheme; the other one must be absent. */
  Instant time() {
    return switch (scheme()) {
      case X509 -> {
        forbid(authenticTime, Headers.AUTHENTIC_TIME);
        yield signingTime.orElseThrow(() -> malformed(Headers.SIGNING_TIME + " is missing"));
      }
      case SIGNING_AUTHORITY -> {
        forbid(signingTime, Headers.SIGNING_TIME);
        yield authenticTime.orElseThrow(() -> malformed(Headers.AUTHENTIC_TIME + " is missing"));
      }
    };
  }

  /**
   * Checks the list of critical names and returns those that nothing here understands.
   *
   * @throws BullaException {@link ErrorCode#SIGNATURE_MALFORMED} for a name that must be critical
   *     and is not, is there twice, is absent from the header, or may not be critical
   */
  Set<String> unknownCritical() {
    if (critical.isEmpty()) {
      throw malformed("no attribute is critical, expected " + Headers.SCHEME);
    }
    Set<String> seen = new LinkedHashSet<>();
    Set<String> unknown = new LinkedHashSet<>();
    for (String name : critical) {
      if (!seen.add(name)) {
        throw malformed("the critical attribute '" + Shown.text(name) + "' is listed twice");
      }
      if (name.equals(Headers.SIGNING_TIME) || !names.contains(name)) {
        throw malformed(
            "'" + Shown.text(name) + "' is listed as critical and is not an attribute that may be");
      }
      if (!isKnown(name)) {
        unknown.add(name);
      }
    }
    for (String name : mustBeCritical()) {
      if (names.contains(name) && !seen.contains(name)) {
        throw malformed(name + " must be critical");
      }
    }
    if (plugin.filter(String::isBlank).isPresent()) {
      throw malformed(Headers.PLUGIN + " is empty");
    }
    if (pluginVersion.isPresent() && plugin.isEmpty()) {
      throw malformed(Headers.PLUGIN_VERSION + " without " + Headers.PLUGIN);
    }
    return unknown;
  }

  private static List<String> mustBeCritical() {
    return List.of(
        Headers.SCHEME,
        Headers.AUTHENTIC_TIME,
        Headers.EXPIRY,
        Headers.PLUGIN,
        Headers.PLUGIN_VERSION);
  }

  private static void forbid(Optional<Instant> value, String name) {
    if (value.isPresent()) {
      throw malformed(name + " may not be there with this signing scheme");
    }
  }

  static BullaException malformed(String why) {
    return new BullaException(ErrorCode.SIGNATURE_MALFORMED, "signature envelope: " + why);
  }
}
