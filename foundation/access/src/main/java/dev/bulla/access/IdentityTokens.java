package dev.bulla.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Reads and verifies identity tokens (OpenID Connect Core 1.0 section 3.1.3.7; RFC 7515, 7519,
 * 8725).
 *
 * <p>The issuer is looked up by what the token says it is, and everything else follows from what
 * the owner has said about that issuer: nothing in a token's head chooses a key but its id, among
 * that issuer's own keys. Algorithms are those with a public key, so that a public key can never be
 * taken for a shared secret. Thread-safe.
 */
final class IdentityTokens {
  private static final int MAX_TOKEN = 16 * 1024;
  private static final int MAX_HEAD = 4 * 1024;
  private static final Duration LEEWAY = Duration.ofSeconds(60);
  private static final int MIN_RSA_BITS = 2_048;
  private static final int MAX_RSA_BITS = 8_192;
  private static final Pattern FORM =
      Pattern.compile("[\\w-]{1,8192}\\.[\\w-]{1,16384}\\.[\\w-]{1,2048}");
  private static final Set<JWSAlgorithm> RSA =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512);
  private static final Set<JWSAlgorithm> EC =
      Set.of(JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);

  private final Function<String, Optional<Issuer>> issuers;
  private final IssuerKeys keys;
  private final InstantSource clock;

  /**
   * @param issuers finds a trusted one by its {@code iss}
   */
  IdentityTokens(Function<String, Optional<Issuer>> issuers, IssuerKeys keys, InstantSource clock) {
    this.issuers = issuers;
    this.keys = keys;
    this.clock = clock;
  }

  /** Whether a text is of the form of a token, so that it is no password. */
  static boolean looksLikeOne(String text) {
    return text.length() <= MAX_TOKEN && text.startsWith("ey") && FORM.matcher(text).matches();
  }

  /**
   * The claims of a token that is right; {@code iss} and {@code sub} are texts.
   *
   * @throws BullaException {@link ErrorCode#ACCESS_UNAUTHENTICATED} saying why it is not, {@link
   *     ErrorCode#SERVICE_UNAVAILABLE} if its issuer cannot be asked for keys
   */
  JsonNode verify(String token) {
    if (!looksLikeOne(token)) {
      throw refused("it is none");
    }
    int first = token.indexOf('.');
    int last = token.lastIndexOf('.');
    JsonNode claims = json(token.substring(first + 1, last));
    String url = text(claims, "iss");
    Issuer issuer =
        issuers
            .apply(url)
            .orElseThrow(
                () -> refused("its issuer '%s' is not trusted".formatted(Shown.text(url))));
    JWSHeader header = header(token.substring(0, first));
    byte[] signed = token.substring(0, last).getBytes(StandardCharsets.US_ASCII);
    Base64URL signature = new Base64URL(token.substring(last + 1));
    String id = header.getKeyID() == null ? "" : header.getKeyID();
    boolean right =
        keys.find(issuer, id).stream().anyMatch(key -> isSignedBy(key, header, signed, signature));
    if (!right) {
      throw refused("none of the issuer's keys has signed it");
    }
    checkClaims(claims, issuer);
    return claims;
  }

  private void checkClaims(JsonNode claims, Issuer issuer) {
    Instant now = clock.instant();
    Instant end = time(claims, "exp").orElseThrow(() -> refused("it has no end"));
    if (!now.isBefore(end.plus(LEEWAY))) {
      throw refused("it ran out at " + end);
    }
    for (String name : List.of("nbf", "iat")) {
      Optional<Instant> begin = time(claims, name);
      if (begin.isPresent() && now.plus(LEEWAY).isBefore(begin.get())) {
        throw refused("it begins at " + begin.get());
      }
    }
    JsonNode audience = claims.path("aud");
    boolean ours = audience.isString() && audience.asString().equals(issuer.audience());
    for (JsonNode one : audience) {
      ours |= one.isString() && one.asString().equals(issuer.audience());
    }
    if (!ours) {
      throw refused(
          "it is for %s, expected '%s'"
              .formatted(Shown.text(audience.toString()), issuer.audience()));
    }
    text(claims, "sub");
  }

  private static boolean isSignedBy(JWK key, JWSHeader header, byte[] signed, Base64URL signature) {
    JWSAlgorithm algorithm = header.getAlgorithm();
    boolean meant =
        (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
            && (key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm));
    if (!meant) {
      return false;
    }
    try {
      if (key instanceof RSAKey rsa && RSA.contains(algorithm)) {
        RSAPublicKey known = rsa.toRSAPublicKey();
        int bits = known.getModulus().bitLength();
        return bits >= MIN_RSA_BITS
            && bits <= MAX_RSA_BITS
            && known.getPublicExponent().bitLength() <= 32
            && new RSASSAVerifier(known).verify(header, signed, signature);
      }
      return key instanceof ECKey ec
          && EC.contains(algorithm)
          && new ECDSAVerifier(ec).verify(header, signed, signature);
    } catch (JOSEException | IllegalArgumentException e) {
      return false; // a key that does not fit the algorithm, such as of another curve
    }
  }

  private static JWSHeader header(String encoded) {
    if (encoded.length() > MAX_HEAD) {
      throw refused("its head is too large");
    }
    JsonNode json = json(encoded);
    if (json.has("crit") || json.has("b64") || json.has("zip")) {
      throw refused("its head asks for something that is not done");
    }
    JsonNode type = json.path("typ");
    if (!type.isMissingNode() && !type.asString("").equalsIgnoreCase("JWT")) {
      throw refused("it is of another type than JWT");
    }
    try {
      JWSHeader header = JWSHeader.parse(new Base64URL(encoded));
      if (!RSA.contains(header.getAlgorithm()) && !EC.contains(header.getAlgorithm())) {
        throw refused("its algorithm is " + Shown.text(header.getAlgorithm().getName()));
      }
      return header;
    } catch (ParseException | IllegalArgumentException e) {
      throw refused("its head cannot be read");
    }
  }

  private static JsonNode json(String encoded) {
    try {
      return Json.parseObject(java.util.Base64.getUrlDecoder().decode(encoded), "token");
    } catch (BullaException | IllegalArgumentException e) {
      throw refused("it cannot be read");
    }
  }

  private static String text(JsonNode claims, String name) {
    JsonNode value = claims.path(name);
    if (!value.isString() || value.asString().isEmpty() || value.asString().length() > 1_024) {
      throw refused("it has no fit claim '%s'".formatted(name));
    }
    return value.asString();
  }

  private static Optional<Instant> time(JsonNode claims, String name) {
    JsonNode value = claims.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    double seconds = value.isNumber() ? value.asDouble() : -1;
    if (!(seconds >= 0 && seconds <= 253_402_300_799.0)) {
      throw refused("its claim '%s' is no time".formatted(name));
    }
    return Optional.of(Instant.ofEpochMilli((long) (seconds * 1_000)));
  }

  private static BullaException refused(String why) {
    return new BullaException(
        ErrorCode.ACCESS_UNAUTHENTICATED,
        "the identity token is refused: " + why,
        "Get a new one for this registry's audience from an issuer that it trusts.");
  }
}
