package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers authentication challenges (distribution token specification): remembers per authority how
 * it wants to be asked, and per set of scopes the token it gave.
 */
final class Tokens {
  private static final int MAX_ANSWER = 1024 * 1024;
  private static final long DEFAULT_LIFETIME_SECONDS = 60;

  /** Sends a request with exactly the given {@code Authorization}. */
  interface Sender {
    Response send(Call call, Optional<String> authorization) throws IOException;
  }

  private record Key(String realm, String service, Set<String> scopes, String registry) {}

  private record Token(String value, long goodUntilNanos) {}

  private final CredentialSource source;
  private final Sender sender;
  private final Map<String, Challenge> challenges = new ConcurrentHashMap<>();
  private final Map<Key, Token> tokens = new ConcurrentHashMap<>();
  private final Map<String, Optional<Credential>> credentials = new ConcurrentHashMap<>();

  Tokens(CredentialSource source, Sender sender) {
    this.source = source;
    this.sender = sender;
  }

  /**
   * What is known to be wanted for {@code call} at {@code authority}; empty before the first
   * challenge.
   */
  Optional<String> authorization(Call call, String authority) throws IOException {
    Challenge challenge = challenges.get(authority);
    if (challenge == null) {
      return source.unasked(call.repository()).map(token -> "Bearer " + token.token());
    }
    return header(call, challenge, call.scopes(), false);
  }

  /** The answer to a 401; empty if nothing better than what was {@code sent} can be said. */
  Optional<String> answer(Call call, String authority, List<String> headers, Optional<String> sent)
      throws IOException {
    Optional<Challenge> chosen = Challenge.choose(headers);
    if (chosen.isEmpty()) {
      return Optional.empty();
    }
    Challenge challenge = chosen.get();
    challenges.put(authority, challenge);
    Set<String> scopes = new TreeSet<>(call.scopes());
    challenge
        .parameter("scope")
        .ifPresent(scope -> scopes.addAll(List.of(scope.strip().split(" +"))));
    return header(call, challenge, scopes, true).filter(again -> !sent.equals(Optional.of(again)));
  }

  private Optional<String> header(Call call, Challenge challenge, Set<String> scopes, boolean fresh)
      throws IOException {
    Optional<Credential> credential = credential(call.repository());
    if (credential.orElse(null) instanceof Credential.RegistryToken token) {
      return Optional.of("Bearer " + token.token());
    }
    if (challenge.scheme().equals("basic")) {
      return credential
          .filter(Credential.Basic.class::isInstance)
          .map(basic -> ((Credential.Basic) basic).header());
    }
    String realm = challenge.parameter("realm").orElse("");
    String service = challenge.parameter("service").orElse("");
    Key key = new Key(realm, service, Set.copyOf(merged(scopes)), call.repository().registry());
    Token known = tokens.get(key);
    if (fresh || known == null || known.goodUntilNanos - System.nanoTime() <= 0) {
      known = fetch(call, key, credential);
      tokens.put(key, known);
    }
    return Optional.of("Bearer " + known.value);
  }

  /** {@code a:pull} is left out beside {@code a:pull,push}. */
  private static Set<String> merged(Collection<String> scopes) {
    Set<String> kept = new TreeSet<>(scopes);
    kept.removeIf(scope -> scope.endsWith(":pull") && scopes.contains(scope + ",push"));
    return kept;
  }

  private Optional<Credential> credential(Reference repository) {
    String key = repository.name().toString();
    Optional<Credential> known = credentials.get(key);
    if (known == null) {
      known = source.find(repository);
      credentials.put(key, known);
    }
    return known;
  }

  private Token fetch(Call call, Key key, Optional<Credential> credential) throws IOException {
    URI realm = realm(call, key.realm);
    Call request =
        credential.orElse(null) instanceof Credential.IdentityToken identity
            ? refresh(call, realm, key, identity)
            : query(call, realm, key);
    Optional<String> basic =
        credential
            .filter(Credential.Basic.class::isInstance)
            .map(one -> ((Credential.Basic) one).header());
    Response response = sender.send(request, basic);
    if (response.status() != 200) {
      throw Failures.of(request, response, ErrorCode.REGISTRY_PROTOCOL);
    }
    try (InputStream body = response.body()) {
      return token(request, body.readNBytes(MAX_ANSWER));
    }
  }

  private static Call query(Call call, URI realm, Key key) {
    StringJoiner query = new StringJoiner("&");
    if (!key.service.isEmpty()) {
      query.add("service=" + encoded(key.service));
    }
    new TreeSet<>(key.scopes).forEach(scope -> query.add("scope=" + encoded(scope)));
    String separator = realm.getRawQuery() == null ? "?" : "&";
    return Call.pull(
        "GET",
        URI.create(realm + (query.length() == 0 ? "" : separator + query)),
        "token for " + call.what(),
        call.repository());
  }

  private static Call refresh(Call call, URI realm, Key key, Credential.IdentityToken identity) {
    String form =
        "grant_type=refresh_token&client_id=bulla&service="
            + encoded(key.service)
            + "&scope="
            + encoded(String.join(" ", new TreeSet<>(key.scopes)))
            + "&refresh_token="
            + encoded(identity.token());
    return Call.pull("POST", realm, "token for " + call.what(), call.repository())
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(Body.of(form.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Where to ask for a token; credentials never go there in the clear unless the registry itself is
   * plain HTTP.
   */
  private static URI realm(Call call, String text) {
    try {
      URI realm = URI.create(text);
      boolean secure = "https".equals(realm.getScheme());
      boolean plain = "http".equals(realm.getScheme()) && call.uri().getScheme().equals("http");
      if (realm.getHost() != null && realm.getFragment() == null && (secure || plain)) {
        return realm;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new BullaException(
        ErrorCode.REGISTRY_PROTOCOL,
        "%s: the registry sends to '%s' for a token, expected an HTTPS address"
            .formatted(call.what(), Shown.text(text)));
  }

  private static Token token(Call request, byte[] answer) {
    try {
      Fields fields = Fields.of(Json.parse(answer, request.what()), request.what());
      String value =
          fields
              .optionalString("token")
              .filter(text -> !text.isEmpty())
              .or(() -> fields.optionalString("access_token"))
              .orElse("");
      if (value.isEmpty() || !value.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
        throw fields.invalid("token", "missing or not a token");
      }
      long seconds = fields.optionalInteger("expires_in").orElse(DEFAULT_LIFETIME_SECONDS);
      long usable = Math.max(1, Math.min(seconds, 3600) * 9 / 10 - 2);
      return new Token(value, System.nanoTime() + Duration.ofSeconds(usable).toNanos());
    } catch (BullaException e) {
      // the answer holds a secret: only the kind of fault is told
      throw new BullaException(
          ErrorCode.REGISTRY_PROTOCOL,
          "%s: the token service's answer is not usable (%s)"
              .formatted(request.what(), e.code().id()));
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
