package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.web.Exchange;
import dev.bulla.web.Exposure;
import dev.bulla.web.Route;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /token}: gives who can say who he is, or nobody in particular, a token for some
 * repositories (distribution token specification, GET and POST). What is granted is what was asked
 * for as far as it is allowed; less than that is no error.
 */
public final class TokenRoutes {
  /** Where the challenge sends clients. */
  public static final String PATH = "/token";

  /** RFC 8693 section 2.1: an identity token for one of ours. */
  private static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

  private static final int MAX_FORM = 32 * 1024;
  private static final int MAX_SCOPES = 100;
  private static final List<Permission> READING =
      List.of(Permission.PULL, Permission.METADATA_READ, Permission.QUARANTINE_READ);

  private static final Set<Permission> ALL = EnumSet.allOf(Permission.class);

  private final Authenticator authenticator;
  private final AccessTokens tokens;
  private final InstantSource clock;

  private TokenRoutes(Authenticator authenticator, AccessTokens tokens, InstantSource clock) {
    this.authenticator = authenticator;
    this.tokens = tokens;
    this.clock = clock;
  }

  public static List<Route> of(
      Authenticator authenticator, AccessTokens tokens, InstantSource clock) {
    TokenRoutes own = new TokenRoutes(authenticator, tokens, clock);
    return List.of(
        Route.get(PATH, own::get).exposedTo(Exposure.PUBLIC),
        Route.post(PATH, own::post).exposedTo(Exposure.PUBLIC));
  }

  private void get(Exchange exchange) throws IOException {
    answer(exchange, Principal.of(exchange), exchange.queryAll("scope"));
  }

  private void post(Exchange exchange) throws IOException {
    Map<String, String> form = form(exchange);
    Principal principal = Principal.of(exchange);
    String grant = form.getOrDefault("grant_type", "");
    if (grant.equals("password")) {
      principal =
          authenticator.byPassword(
              exchange, form.getOrDefault("username", ""), form.getOrDefault("password", ""));
      principal = principal.at(exchange);
    } else if (grant.equals(TOKEN_EXCHANGE)) {
      principal =
          authenticator
              .byPassword(exchange, "", form.getOrDefault("subject_token", ""))
              .at(exchange);
    } else if (!grant.isEmpty() || principal.isAnonymous()) {
      throw new BullaException(
          ErrorCode.REQUEST_INVALID,
          "grant_type '%s' is not given here".formatted(Shown.text(grant)),
          "Use grant_type=password, token exchange, or GET with Basic credentials.");
    }
    answer(exchange, principal, List.of(form.getOrDefault("scope", "")));
  }

  private void answer(Exchange exchange, Principal principal, List<String> scopes)
      throws IOException {
    String token = tokens.issue(principal, granted(principal, scopes));
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    ObjectNode body = Json.object();
    body.put("token", token);
    body.put("access_token", token);
    body.put("expires_in", AccessTokens.LIFE.toSeconds());
    body.put("issued_at", now.toString());
    exchange.setHeader("Cache-Control", "no-store").sendJson(body);
  }

  /**
   * Scopes are {@code TYPE:NAME:ACTIONS}; a name may hold a colon, so they are read from both ends.
   */
  static Map<String, List<Permission>> granted(Principal principal, List<String> scopes) {
    Map<String, List<Permission>> granted = new LinkedHashMap<>();
    int count = 0;
    for (String line : scopes) {
      for (String scope : line.strip().split(" +")) {
        int first = scope.indexOf(':');
        int last = scope.lastIndexOf(':');
        if (scope.startsWith("registry:catalog:")) {
          // who may list learns the names of what he may pull, and gets no content by that
          names(principal)
              .forEach(glob -> granted.putIfAbsent(glob, List.of(Permission.METADATA_READ)));
          continue;
        }
        if (scope.startsWith("registry:reading:")) {
          granted.putAll(reading(principal));
          continue;
        }
        if (first <= 0
            || last <= first
            || !scope.startsWith("repository:")
            || ++count > MAX_SCOPES) {
          continue;
        }
        String name = scope.substring(first + 1, last);
        List<Permission> allowed =
            allowed(principal, name, Set.copyOf(List.of(scope.substring(last + 1).split(",+"))));
        if (!allowed.isEmpty()) {
          granted.put(name, allowed);
        }
      }
    }
    return granted;
  }

  /**
   * All that a caller may read, by the patterns of his grants: for who copies many repositories and
   * does not know their names yet.
   */
  private static Map<String, List<Permission>> reading(Principal principal) {
    Map<String, List<Permission>> all = new LinkedHashMap<>();
    if (principal.isOwner()) {
      all.put("**", READING);
    }
    for (Grant grant : principal.grants()) {
      List<Permission> both = new ArrayList<>(all.getOrDefault(grant.glob(), List.of()));
      READING.stream().filter(grant.permissions()::contains).forEach(both::add);
      if (!both.isEmpty()) {
        all.put(grant.glob(), both.stream().distinct().toList());
      }
    }
    return all;
  }

  /** The repositories whose names a caller may learn, as patterns. */
  private static List<String> names(Principal principal) {
    return principal.isOwner()
        ? List.of("**")
        : principal.grants().stream()
            .filter(grant ->
                grant.permissions().contains(Permission.PULL)
                    || grant.permissions().contains(Permission.METADATA_READ))
            .map(Grant::glob)
            .toList();
  }

  /**
   * What is allowed. Pushing and deleting must be asked for: {@code push} stands for both, since
   * crane asks so where it deletes. The rest is given unasked: no client knows to ask for our own
   * permissions, and none is hurt by them.
   */
  private static List<Permission> allowed(Principal principal, String name, Set<String> asked) {
    if (!dev.bulla.core.Reference.isRepository(name)) {
      return List.of();
    }
    Set<Permission> allowed = EnumSet.noneOf(Permission.class);
    for (Permission one : principal.isOwner() ? Permission.grantable() : ALL) {
      if (principal.may(one, name)) {
        allowed.add(one);
      }
    }
    boolean push = asked.contains("push") || asked.contains("*");
    if (asked.contains("metadata_write") && allowed.contains(Permission.PUSH)) {
      allowed.add(Permission.METADATA_WRITE);
    }
    if (!push && allowed.remove(Permission.PUSH)) {
      allowed.add(Permission.PUSH_UNASKED);
    }
    if (!push && !asked.contains("delete") && allowed.remove(Permission.DELETE)) {
      allowed.add(Permission.DELETE_UNASKED);
    }
    return List.copyOf(allowed);
  }

  static Map<String, String> form(Exchange exchange) throws IOException {
    String text = new String(exchange.bodyBytes(MAX_FORM), StandardCharsets.UTF_8);
    Map<String, String> form = new HashMap<>();
    try {
      for (String pair : text.split("&")) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          form.put(
              URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
              URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
      }
    } catch (IllegalArgumentException e) {
      throw new BullaException(ErrorCode.REQUEST_INVALID, "the form cannot be decoded", e);
    }
    return form;
  }
}
