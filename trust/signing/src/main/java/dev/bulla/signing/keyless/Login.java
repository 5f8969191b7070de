package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.signing.http.ServiceClient;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A person logs in at an issuer and gets an identity token: with a browser on this machine
 * (authorization code with PKCE, RFC 6749 section 4.1, RFC 7636, RFC 8252), or on any other by
 * typing a code (device authorization, RFC 8628). Nothing is kept; the program is a public client
 * without a secret.
 */
public final class Login {
  /** How long a person may take. */
  public static final Duration TIME = Duration.ofMinutes(3);

  private static final Duration LONGEST = Duration.ofMinutes(15);
  private static final String SCOPE = "openid email";

  private final OidcIssuer issuer;
  private final String clientId;
  private final Consumer<String> tell;
  private final SecureRandom random;

  /**
   * Asks the issuer for its addresses.
   *
   * @param clientId as which the program asks; becomes the token's audience
   * @param tell shows the person what to do, one line at a time
   * @throws BullaException {@link ErrorCode#SERVICE_UNAVAILABLE}, {@link ErrorCode#SERVICE_REFUSED}
   */
  public Login(
      URI issuer,
      String clientId,
      ServiceClient client,
      Consumer<String> tell,
      SecureRandom random) {
    this.issuer = OidcIssuer.discover(issuer, client);
    this.clientId = clientId;
    this.tell = tell;
    this.random = random;
  }

  /**
   * With a browser on this machine, which comes back to a port that is open for as long.
   *
   * @param time how long the person may take
   * @throws BullaException {@link ErrorCode#SERVICE_REFUSED} if the issuer or the person says no;
   *     {@link ErrorCode#SERVICE_UNAVAILABLE} if nobody comes back in time
   */
  public IdentityToken withBrowser(Duration time) {
    String verifier = fresh();
    String state = fresh();
    String nonce = fresh();
    try (LoopbackReturn back = new LoopbackReturn()) {
      Map<String, String> question = question(verifier);
      question.put("response_type", "code");
      question.put("redirect_uri", back.address().toString());
      question.put("state", state);
      question.put("nonce", nonce);
      String joint = issuer.authorization().getRawQuery() == null ? "?" : "&";
      tell.accept("Log in with a browser on this machine:");
      tell.accept("  " + issuer.authorization() + joint + OidcIssuer.encoded(question));
      Map<String, String> came = back.await(state, time);
      if (!came.containsKey("code")) {
        throw issuer.refused(
            came.getOrDefault("error", "no code"),
            Optional.ofNullable(came.get("error_description")));
      }
      Map<String, String> form = new LinkedHashMap<>();
      form.put("grant_type", "authorization_code");
      form.put("client_id", clientId);
      form.put("code", came.get("code"));
      form.put("redirect_uri", back.address().toString());
      form.put("code_verifier", verifier);
      return issuer.token(issuer.post(issuer.token(), form), clientId, Optional.of(nonce));
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.SERVICE_UNAVAILABLE,
          "no port can be opened for the browser to come back to: " + e.getMessage(),
          "Use the other way: --fulcio-auth-flow device.",
          e);
    }
  }

  /**
   * With a browser anywhere: the person types a code there, and the issuer is asked again and again
   * whether it was.
   *
   * @param clock for the end of the code
   * @param pause waits
   * @throws BullaException as {@link #withBrowser}
   */
  public IdentityToken withCode(InstantSource clock, Consumer<Duration> pause) {
    URI device =
        issuer
            .device()
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.SERVICE_REFUSED,
                    "the issuer %s offers no log-in by a code".formatted(Shown.text(issuer.name())),
                    "Use a browser on this machine: --fulcio-auth-flow normal."));
    String verifier = fresh();
    OidcIssuer.Answer begun = issuer.post(device, question(verifier));
    if (begun.error().isPresent()) {
      throw issuer.refused(begun.error().get(), begun.fields().optionalString("error_description"));
    }
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    form.put("client_id", clientId);
    form.put("device_code", text(begun, "device_code"));
    form.put("code_verifier", verifier);
    tell.accept("Log in with a browser anywhere, and type the code there:");
    tell.accept("  " + Shown.text(text(begun, "verification_uri")));
    tell.accept("  code " + Shown.text(text(begun, "user_code")));
    long seconds = begun.fields().optionalInteger("expires_in").orElse(TIME.toSeconds());
    Instant end = clock.instant().plusSeconds(Math.clamp(seconds, 1, LONGEST.toSeconds()));
    long interval = Math.clamp(begun.fields().optionalInteger("interval").orElse(5L), 1, 60);
    while (clock.instant().isBefore(end)) {
      pause.accept(Duration.ofSeconds(interval));
      OidcIssuer.Answer answer = issuer.post(issuer.token(), form);
      switch (answer.error().orElse("")) {
        case "authorization_pending" -> {}
        case "slow_down" -> interval = Math.min(60, interval + 5);
        default -> {
          return issuer.token(answer, clientId, Optional.empty());
        }
      }
    }
    throw late();
  }

  private String text(OidcIssuer.Answer answer, String member) {
    return answer
        .fields()
        .optionalString(member)
        .orElseThrow(() -> issuer.refused("no " + member, Optional.empty()));
  }

  static BullaException late() {
    return new BullaException(
        ErrorCode.SERVICE_UNAVAILABLE, "nobody has logged in in time", "Start again.");
  }

  private Map<String, String> question(String verifier) {
    Map<String, String> question = new LinkedHashMap<>();
    question.put("client_id", clientId);
    question.put("scope", SCOPE);
    question.put(
        "code_challenge",
        base64(Digest.sha256(verifier.getBytes(StandardCharsets.US_ASCII)).bytes()));
    question.put("code_challenge_method", "S256");
    return question;
  }

  private String fresh() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return base64(bytes);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
