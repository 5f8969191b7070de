package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.signing.http.ServiceClient;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Somebody at whom people log in (OpenID Connect Discovery 1.0), with the addresses that logging in
 * needs. All of them are to be told secrets, so they must be reached by HTTPS or on this machine.
 *
 * @param name as it stands in its tokens
 */
record OidcIssuer(
    String name, URI authorization, URI token, Optional<URI> device, ServiceClient client) {
  private static final int MAX_ANSWER = 256 * 1024;
  private static final Duration TIME = Duration.ofSeconds(15);

  /**
   * @throws BullaException {@link ErrorCode#SERVICE_UNAVAILABLE}, {@link ErrorCode#SERVICE_REFUSED}
   */
  static OidcIssuer discover(URI address, ServiceClient client) {
    URI question =
        SigningServices.checkedForSecrets(
            SigningServices.below(address, "/.well-known/openid-configuration"));
    ServiceClient.Service service =
        new ServiceClient.Service("the issuer", question, MAX_ANSWER, TIME);
    byte[] answer =
        client.ask(service, HttpRequest.newBuilder().header("Accept", "application/json").GET());
    try {
      Fields document = Fields.of(Json.parse(answer, MAX_ANSWER, "discovery"), "discovery");
      String name = document.string("issuer");
      if (!without(name).equals(without(address.toString()))) {
        throw document.invalid("issuer", "another than was asked");
      }
      return new OidcIssuer(
          name,
          address(document.string("authorization_endpoint")),
          address(document.string("token_endpoint")),
          document.optionalString("device_authorization_endpoint").map(OidcIssuer::address),
          client);
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.SERVICE_REFUSED,
          "%s describes itself in a way that cannot be used: %s".formatted(service, e.reason()),
          "Check --oidc-issuer.",
          e);
    }
  }

  private static String without(String address) {
    return address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
  }

  private static URI address(String written) {
    return SigningServices.checkedForSecrets(SigningServices.address(written));
  }

  /** An answer to a form, with the code of the error if it is one (RFC 6749, section 5.2). */
  record Answer(Fields fields, Optional<String> error) {}

  /** Sends a form to one of the addresses. */
  Answer post(URI address, Map<String, String> form) {
    ServiceClient.Service service =
        new ServiceClient.Service("the issuer", address, MAX_ANSWER, TIME);
    ServiceClient.Answer answer =
        client.exchange(
            service,
            HttpRequest.newBuilder()
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(encoded(form))));
    try {
      Fields fields = Fields.of(Json.parse(answer.body(), MAX_ANSWER, "answer"), "answer");
      Optional<String> error = fields.optionalString("error");
      if (answer.granted() || error.isPresent()) {
        return new Answer(fields, error);
      }
    } catch (BullaException e) {
      if (answer.granted()) {
        throw new BullaException(
            ErrorCode.SERVICE_REFUSED, service + " gives no usable answer: " + e.reason(), e);
      }
    }
    throw ServiceClient.refused(service, answer);
  }

  /** The token of an answer, checked as far as its receiver can: issuer, audience, nonce. */
  IdentityToken token(Answer answer, String clientId, Optional<String> nonce) {
    if (answer.error.isPresent()) {
      throw refused(answer.error.get(), answer.fields.optionalString("error_description"));
    }
    IdentityToken token =
        IdentityToken.parse(
            answer
                .fields
                .optionalString("id_token")
                .orElseThrow(() -> refused("no id_token", Optional.empty())));
    if (!token.issuer().equals(name)
        || !token.isFor(clientId)
        || nonce.filter(one -> !token.answers(one)).isPresent()) {
      throw refused("a token that belongs to another question", Optional.empty());
    }
    return token;
  }

  BullaException refused(String error, Optional<String> description) {
    return new BullaException(
        ErrorCode.SERVICE_REFUSED,
        "the issuer %s gives no token: %s%s"
            .formatted(
                Shown.text(name),
                Shown.text(error),
                description.map(words -> " (" + Shown.text(cut(words)) + ")").orElse("")));
  }

  private static String cut(String words) {
    return words.length() > 300 ? words.substring(0, 300) + "…" : words;
  }

  static String encoded(Map<String, String> form) {
    return form.entrySet().stream()
        .map(one ->
            URLEncoder.encode(one.getKey(), StandardCharsets.UTF_8)
                + "="
                + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }
}
