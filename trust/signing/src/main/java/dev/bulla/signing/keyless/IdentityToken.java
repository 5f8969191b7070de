package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * An OpenID Connect identity token (RFC 7519, OpenID Connect Core section 2): who somebody is, by
 * the word of an issuer. Whoever holds it can sign in that name, so it prints without its text.
 *
 * <p>Only its shape, time and audience are looked at here, so that mistakes are told before it is
 * sent; its signature is the certificate authority's business. Every failure is {@link
 * ErrorCode#IDENTITY_TOKEN_INVALID}.
 */
public final class IdentityToken {
  /** The audience that Sigstore's authorities ask for. */
  public static final String AUDIENCE = "sigstore";

  /** No issuer's token comes near this, in bytes. */
  static final int MAX_BYTES = 64 * 1024;

  private static final Duration SKEW = Duration.ofSeconds(60);

  private final String text;
  private final String issuer;
  private final String subject;
  private final Optional<String> email;
  private final Optional<String> connector;
  private final List<String> audiences;
  private final Instant expires;
  private final Optional<Instant> begins;
  private final Fields claims;

  private IdentityToken(String text, Fields claims) {
    this.text = text;
    this.claims = claims;
    this.issuer = claims.string("iss");
    this.subject = claims.optionalString("sub").orElse("");
    this.email = claims.optionalString("email").filter(one -> !one.isEmpty());
    this.connector =
        claims
            .optionalObject("federated_claims")
            .flatMap(federated -> federated.optionalString("connector_id"));
    this.audiences =
        claims.has("aud") && claims.node().get("aud").isArray()
            ? claims.strings("aud")
            : claims.optionalString("aud").map(List::of).orElse(List.of());
    this.expires = time(claims, "exp").orElseThrow(() -> claims.invalid("exp", "missing"));
    this.begins = time(claims, "nbf");
  }

  /**
   * @param jwt in compact form; white space around it is dropped
   */
  public static IdentityToken parse(String jwt) {
    String text = jwt.strip();
    String[] parts = text.split("\\.", -1);
    if (text.length() > MAX_BYTES || parts.length != 3 || parts[2].isEmpty()) {
      throw invalid("it is not three parts with dots between them, as a token is");
    }
    try {
      String algorithm = json(parts[0]).optionalString("alg").orElse("none");
      if (algorithm.equalsIgnoreCase("none")) {
        throw invalid("it is not signed");
      }
      decode(parts[2]);
      IdentityToken token = new IdentityToken(text, json(parts[1]));
      if (token.email.isEmpty() && token.subject.isEmpty()) {
        throw invalid("it names nobody: neither 'email' nor 'sub'");
      }
      return token;
    } catch (BullaException e) {
      throw e.code() == ErrorCode.IDENTITY_TOKEN_INVALID ? e : invalid(e.reason());
    }
  }

  private static Fields json(String part) {
    return Fields.of(Json.parse(decode(part), MAX_BYTES, "token"), "token");
  }

  private static byte[] decode(String part) {
    try {
      return Base64.getUrlDecoder().decode(part);
    } catch (IllegalArgumentException e) {
      throw invalid("a part of it is not base64url");
    }
  }

  private static Optional<Instant> time(Fields claims, String name) {
    if (!claims.has(name)) {
      return Optional.empty();
    }
    JsonNode value = claims.node().get(name);
    if (!value.isNumber()) {
      throw claims.invalid(name, "not a number of seconds");
    }
    try {
      return Optional.of(Instant.ofEpochSecond(value.decimalValue().longValue()));
    } catch (DateTimeException e) {
      throw claims.invalid(name, "out of range");
    }
  }

  /**
   * Refuses a token that the certificate authority would refuse: run out, not yet begun, for
   * another audience, or with an e-mail address that its issuer has not verified.
   *
   * @param audience usually {@link #AUDIENCE}
   */
  public void checkUsable(Instant now, String audience) {
    if (!now.isBefore(expires)) {
      throw invalid("it ran out at %s, now it is %s".formatted(expires, now));
    }
    if (begins.filter(start -> start.isAfter(now.plus(SKEW))).isPresent()) {
      throw invalid("it counts from %s, now it is %s".formatted(begins.get(), now));
    }
    if (!audiences.contains(audience)) {
      throw invalid(
          "it is for the audience %s, expected '%s'"
              .formatted(Shown.text("" + audiences), audience));
    }
    if (email.isPresent() && !emailVerified()) {
      throw invalid("its issuer has not verified the address " + Shown.text(email.get()));
    }
  }

  private boolean emailVerified() {
    JsonNode verified = claims.node().path("email_verified");
    return verified.isBoolean() && verified.booleanValue()
        || verified.isString() && verified.stringValue().equals("true");
  }

  /** What the certificate authority has the new key sign as its proof of possession. */
  String challenge() {
    return email.orElse(subject);
  }

  /** The issuers that the certificate may name: the token's, or whom that one stands for (Dex). */
  boolean mayBeIssuedBy(String named) {
    return named.equals(issuer) || connector.filter(named::equals).isPresent();
  }

  /** The e-mail address that the certificate must name, if the token has one. */
  Optional<String> email() {
    return email;
  }

  /** Whether {@code audience} is among those it is for. */
  boolean isFor(String audience) {
    return audiences.contains(audience);
  }

  /** Whether this is an answer to the question with {@code nonce}. */
  boolean answers(String nonce) {
    return claims.optionalString("nonce").filter(nonce::equals).isPresent();
  }

  /** The claim {@code sub}; may be empty. */
  String subject() {
    return subject;
  }

  String issuer() {
    return issuer;
  }

  /** The token itself; for the certificate authority only. */
  String secret() {
    return text;
  }

  @Override
  public String toString() {
    return "identity token of %s by %s"
        .formatted(Shown.text(email.orElse(subject)), Shown.text(issuer));
  }

  private static BullaException invalid(String why) {
    return new BullaException(
        ErrorCode.IDENTITY_TOKEN_INVALID,
        "the identity token cannot be used: " + why,
        "Get a new one for the audience that the certificate authority asks for (sigstore).");
  }
}
