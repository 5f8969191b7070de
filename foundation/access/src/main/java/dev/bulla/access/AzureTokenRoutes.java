package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.web.Exchange;
import dev.bulla.web.Exposure;
import dev.bulla.web.Route;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The token flow of Azure Container Registry, as its SDK goes it: {@code /oauth2/exchange} gives a
 * refresh token for a credential, {@code /oauth2/token} an access token for that.
 *
 * <p>Where Azure takes a token of its directory as {@code access_token}, a credential of this
 * server stands: the server's token, or {@code NAME:SECRET} of a robot. An access token of this
 * server is refused: what is good for minutes must not buy what is good for hours.
 */
public final class AzureTokenRoutes {
  /** Where the challenge sends clients. */
  public static final String PATH = "/oauth2/token";

  private static final Set<String> EXCHANGED = Set.of("access_token", "access_token_refresh_token");

  private final Authenticator authenticator;
  private final AccessTokens tokens;

  private AzureTokenRoutes(Authenticator authenticator, AccessTokens tokens) {
    this.authenticator = authenticator;
    this.tokens = tokens;
  }

  public static List<Route> of(Authenticator authenticator, AccessTokens tokens) {
    AzureTokenRoutes own = new AzureTokenRoutes(authenticator, tokens);
    return List.of(
        Route.post("/oauth2/exchange", own::exchange).exposedTo(Exposure.PUBLIC),
        Route.get(PATH, own::get).exposedTo(Exposure.PUBLIC),
        Route.post(PATH, own::post).exposedTo(Exposure.PUBLIC));
  }

  private void exchange(Exchange exchange) throws IOException {
    Map<String, String> form = TokenRoutes.form(exchange);
    String grant = form.getOrDefault("grant_type", "");
    if (!EXCHANGED.contains(grant)) {
      throw notGiven(grant, "access_token");
    }
    String credential = form.getOrDefault("access_token", "");
    int colon = credential.indexOf(':');
    Principal principal =
        colon > 0
            ? authenticator.byPassword(
                exchange, credential.substring(0, colon), credential.substring(colon + 1))
            : authenticator.byPassword(exchange, "", credential);
    exchange
        .setHeader("Cache-Control", "no-store")
        .sendJson(Json.object().put("refresh_token", tokens.refresh().issue(principal)));
  }

  /** As docker asks, with Basic credentials or none. */
  private void get(Exchange exchange) throws IOException {
    answer(exchange, Principal.of(exchange), exchange.queryAll("scope"));
  }

  private void post(Exchange exchange) throws IOException {
    Map<String, String> form = TokenRoutes.form(exchange);
    String grant = form.getOrDefault("grant_type", "");
    String refresh = form.getOrDefault("refresh_token", "");
    Principal principal =
        switch (grant) {
          case "refresh_token" ->
              authenticator
                  .byRefreshToken(refresh)
                  .orElseThrow(() ->
                      new BullaException(
                          ErrorCode.ACCESS_UNAUTHENTICATED,
                          "the refresh token is not one of this server, is too old, or its robot"
                              + " was removed",
                          "Exchange the credential again."));
          case "password" ->
              form.containsKey("username")
                  ? authenticator.byPassword(
                      exchange, form.get("username"), form.getOrDefault("password", ""))
                  : Principal.of(exchange);
          default -> throw notGiven(grant, "refresh_token or password");
        };
    answer(exchange, principal, List.of(form.getOrDefault("scope", "")));
  }

  private void answer(Exchange exchange, Principal principal, List<String> scopes)
      throws IOException {
    Map<String, List<Permission>> granted = TokenRoutes.granted(principal, scopes);
    String token = tokens.issue(principal, granted);
    exchange
        .setHeader("Cache-Control", "no-store")
        .sendJson(
            Json.object()
                .put("access_token", token)
                .put("expires_in", AccessTokens.LIFE.toSeconds()));
  }

  private static BullaException notGiven(String grant, String expected) {
    return new BullaException(
        ErrorCode.REQUEST_INVALID,
        "grant_type '%s' is not given here, expected %s".formatted(Shown.text(grant), expected));
  }
}
