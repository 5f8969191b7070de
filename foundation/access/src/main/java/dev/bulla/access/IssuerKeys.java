package dev.bulla.access;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The keys of issuers, as they publish them (OpenID Connect Discovery 1.0, RFC 7517).
 *
 * <p>They are kept for an hour and then asked for anew; if the issuer cannot be reached, those it
 * had are used for a day. A key that is not among them has them asked for at once, but not more
 * often than every 30 seconds, so that tokens with made-up keys cannot be turned against the
 * issuer. Only addresses that the owner or a trusted issuer names are asked, over HTTPS, without
 * redirects. Thread-safe: of those who wait for the same issuer one asks.
 */
final class IssuerKeys {
  private static final Duration FRESH = Duration.ofHours(1);
  private static final Duration USABLE = Duration.ofDays(1);
  private static final Duration AGAIN = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int MAX_BODY = 512 * 1024;
  private static final int MAX_KEYS = 100;

  /** What is known of one issuer; its monitor is held while it is asked. */
  private static final class Known {
    private List<JWK> keys = List.of();
    private Instant fetched = Instant.EPOCH;
    private Instant asked = Instant.EPOCH;
  }

  private final ConcurrentHashMap<Issuer, Known> all = new ConcurrentHashMap<>();
  private final InstantSource clock;

  IssuerKeys(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * The keys that may have signed.
   *
   * @param id of the key, or the empty string
   * @throws BullaException {@link ErrorCode#SERVICE_UNAVAILABLE} if the issuer cannot be asked
   */
  List<JWK> find(Issuer issuer, String id) {
    if (issuer.keys().isPresent()) {
      return named(parse(issuer.keys().get().getBytes(StandardCharsets.UTF_8)), id);
    }
    Known known = all.computeIfAbsent(issuer, one -> new Known());
    synchronized (known) {
      Instant now = clock.instant();
      List<JWK> found = named(known.keys, id);
      boolean old = age(known.fetched, now).compareTo(FRESH) >= 0;
      if ((old || found.isEmpty()) && age(known.asked, now).compareTo(AGAIN) >= 0) {
        known.asked = now;
        refresh(issuer, known, now);
        found = named(known.keys, id);
      }
      if (age(known.fetched, now).compareTo(USABLE) >= 0) {
        throw unavailable(issuer, "it could not be asked for its keys");
      }
      return found;
    }
  }

  /** Forgets issuers that are not trusted any more. */
  void keepOnly(List<Issuer> issuers) {
    all.keySet().retainAll(issuers);
  }

  /**
   * Reads a key set.
   *
   * @throws BullaException {@link ErrorCode#FIELD_INVALID}, JSON errors
   */
  static List<JWK> parse(byte[] json) {
    Json.parse(json, MAX_BODY, "key set");
    try {
      List<JWK> keys = JWKSet.parse(new String(json, StandardCharsets.UTF_8)).getKeys();
      if (keys.isEmpty() || keys.size() > MAX_KEYS) {
        throw new BullaException(
            ErrorCode.FIELD_INVALID,
            "the key set has %d usable keys, expected 1 to %d".formatted(keys.size(), MAX_KEYS));
      }
      if (keys.stream().anyMatch(JWK::isPrivate)) {
        throw new BullaException(
            ErrorCode.FIELD_INVALID,
            "the key set holds a private key",
            "Publish public keys only.");
      }
      return keys;
    } catch (ParseException | IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.FIELD_INVALID,
          "the key set cannot be read: " + Shown.text("" + e.getMessage()),
          e);
    }
  }

  private static List<JWK> named(List<JWK> keys, String id) {
    return id.isEmpty() ? keys : keys.stream().filter(key -> id.equals(key.getKeyID())).toList();
  }

  private static Duration age(Instant then, Instant now) {
    return Duration.between(then, now).abs();
  }

  /** Leaves what is known if the issuer cannot be asked, which is then told in the log. */
  private static void refresh(Issuer issuer, Known known, Instant now) {
    try (HttpClient client = client(issuer)) {
      Fields described =
          Fields.of(Json.parse(get(client, issuer.discovery()), "discovery"), "discovery");
      if (!described.string("issuer").equals(issuer.url())) {
        throw unavailable(
            issuer, "it describes itself as " + Shown.text(described.string("issuer")));
      }
      URI keys = URI.create(described.string("jwks_uri"));
      if (!"https".equals(keys.getScheme())) {
        throw unavailable(issuer, "its keys are not at an https:// address");
      }
      known.keys = parse(get(client, keys));
      known.fetched = now;
    } catch (BullaException | IOException | IllegalArgumentException e) {
      System.getLogger("bulla.access")
          .log(System.Logger.Level.WARNING, "keys of %s: %s".formatted(issuer.url(), e));
    }
  }

  private static byte[] get(HttpClient client, URI address) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(PATIENCE)
            .header("Accept", "application/json")
            .build();
    try {
      HttpResponse<InputStream> answer =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = answer.body()) {
        if (answer.statusCode() != 200) {
          throw new IOException(address + " answered " + answer.statusCode());
        }
        byte[] bytes = body.readNBytes(MAX_BODY + 1);
        if (bytes.length > MAX_BODY) {
          throw new IOException(address + " answered more than " + MAX_BODY + " bytes");
        }
        return bytes;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static HttpClient client(Issuer issuer) {
    HttpClient.Builder builder =
        HttpClient.newBuilder().connectTimeout(PATIENCE).followRedirects(HttpClient.Redirect.NEVER);
    issuer.authority().ifPresent(pem -> builder.sslContext(trusting(pem)));
    return builder.build();
  }

  /**
   * Who believes the certificates of a PEM text, and nobody else.
   *
   * @throws BullaException {@link ErrorCode#CERTIFICATE_INVALID}
   */
  static SSLContext trusting(String pem) {
    try {
      KeyStore authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      int number = 0;
      for (Certificate one :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))) {
        authorities.setCertificateEntry("authority-" + number++, one);
      }
      if (number == 0) {
        throw new BullaException(
            ErrorCode.CERTIFICATE_INVALID, "the authority of an issuer holds no certificate");
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(authorities);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new BullaException(
          ErrorCode.CERTIFICATE_INVALID,
          "the authority of an issuer cannot be read: " + Shown.text("" + e.getMessage()),
          e);
    }
  }

  private static BullaException unavailable(Issuer issuer, String why) {
    return new BullaException(
        ErrorCode.SERVICE_UNAVAILABLE,
        "the identity token of %s cannot be judged: %s".formatted(issuer.url(), why),
        "Make the issuer reachable from this server, or give its keys with --jwks.");
  }
}
