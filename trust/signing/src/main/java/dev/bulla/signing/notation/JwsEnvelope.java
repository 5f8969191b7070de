package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Reads the flattened JWS of the Notary Project (RFC 7515 section 7.2.2;
 * signature-envelope-jws.md).
 *
 * <p>The signature covers the two base64url texts as they stand in the document; they are decoded,
 * never encoded anew.
 */
final class JwsEnvelope {
  private static final String WHAT = "JWS envelope";
  private static final int MAX_CHAIN = 16;

  private JwsEnvelope() {}

  /**
   * @throws BullaException {@code SIGNATURE_MALFORMED} and the errors of {@link Json#parse} and
   *     {@link Certificates#parse}
   */
  static Envelope parse(byte[] bytes) {
    Fields root = Fields.of(Json.parse(bytes, WHAT), WHAT);
    if (root.has("signatures")) {
      throw ProtectedAttributes.malformed("expected the flattened form with one signature");
    }
    String protectedText = root.string("protected");
    String payloadText = root.string("payload");
    Fields header =
        Fields.of(
            Json.parse(base64Url(protectedText, "protected"), WHAT), WHAT + " protected header");
    Fields unprotectedHeader = root.object("header");
    ProtectedAttributes attributes = attributes(header);
    return new Envelope(
        Envelope.JWS,
        algorithm(header.string("alg")),
        header.string("cty"),
        base64Url(payloadText, "payload"),
        (protectedText + "." + payloadText).getBytes(StandardCharsets.US_ASCII),
        base64Url(root.string("signature"), "signature"),
        chain(unprotectedHeader),
        attributes.scheme(),
        attributes.time(),
        attributes.expiry(),
        values(header, attributes.unknownCritical()),
        attributes.plugin(),
        attributes.pluginVersion(),
        unprotectedHeader
            .optionalString(Headers.TIMESTAMP)
            .map(text -> base64(text, Headers.TIMESTAMP)),
        unprotectedHeader.optionalString(Headers.AGENT).orElse(""));
  }

  private static Map<String, JsonNode> values(Fields header, Set<String> names) {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    names.forEach(name -> values.put(name, header.node().path(name)));
    return values;
  }

  private static ProtectedAttributes attributes(Fields header) {
    Set<String> names = new LinkedHashSet<>(header.node().propertyNames());
    names.removeAll(Set.of("alg", "cty", "crit"));
    return new ProtectedAttributes(
        header.optionalString(Headers.SCHEME),
        time(header, Headers.SIGNING_TIME),
        time(header, Headers.AUTHENTIC_TIME),
        time(header, Headers.EXPIRY),
        header.optionalString(Headers.PLUGIN),
        header.optionalString(Headers.PLUGIN_VERSION),
        names,
        header.strings("crit"));
  }

  private static NotationAlgorithm algorithm(String name) {
    for (NotationAlgorithm algorithm : NotationAlgorithm.values()) {
      if (algorithm.name().equals(name)) {
        return algorithm;
      }
    }
    throw new BullaException(
        dev.bulla.core.ErrorCode.SIGNATURE_ALGORITHM,
        "signature envelope: algorithm '" + Shown.text(name) + "' is not one of Notation's six");
  }

  private static List<X509Certificate> chain(Fields header) {
    List<String> texts = header.strings("x5c");
    if (texts.isEmpty() || texts.size() > MAX_CHAIN) {
      throw ProtectedAttributes.malformed(
          "x5c has %d certificates, expected 1 to %d".formatted(texts.size(), MAX_CHAIN));
    }
    List<X509Certificate> chain = new ArrayList<>();
    for (String text : texts) {
      chain.add(Certificates.parse(base64(text, "x5c"), "x5c/" + chain.size()));
    }
    return chain;
  }

  private static Optional<Instant> time(Fields header, String name) {
    return header
        .optionalString(name)
        .map(text -> {
          try {
            return OffsetDateTime.parse(text).toInstant();
          } catch (DateTimeParseException e) {
            throw ProtectedAttributes.malformed(
                name + " is not an RFC 3339 time: " + Shown.text(text));
          }
        });
  }

  private static byte[] base64Url(String text, String name) {
    if (text.indexOf('=') >= 0) {
      throw ProtectedAttributes.malformed(name + " is padded, expected base64url without padding");
    }
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw ProtectedAttributes.malformed(name + " is not base64url");
    }
  }

  /** Padded, as every other reader of the envelope demands. */
  private static byte[] base64(String text, String name) {
    try {
      if (text.length() % 4 != 0) {
        throw ProtectedAttributes.malformed(name + " is base64 without its padding");
      }
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw ProtectedAttributes.malformed(name + " is not base64");
    }
  }
}
