package dev.bulla.signing.keyless;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.signing.notation.NotaryCertificates;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A certificate authority, a timestamp authority and a log of either version on loopback, that
 * answer as the real ones do; each can be told to lie in one way.
 */
public final class FakeSigstore implements AutoCloseable {
  public static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  public static final String ISSUER = "https://issuer.example.test";

  /** What is wrong with the answers. */
  enum Fault {
    NONE,
    OTHER_KEY,
    OTHER_IDENTITY,
    OTHER_ISSUER,
    OTHER_TOKEN_SUBJECT,
    OTHER_AUTHORITY,
    OTHER_CERTIFICATE_LOG,
    DETACHED_PROMISE,
    EXPIRED_CERTIFICATE,
    NO_CERTIFICATE,
    ENDLESS_CERTIFICATE,
    TOKEN_REFUSED,
    AUTHORITY_BROKEN_ONCE,
    AUTHORITY_MOVED,
    STALE_STAMP,
    STAMP_OF_ANOTHER_QUESTION,
    OTHER_STAMPER,
    STAMPER_BROKEN,
    WRONG_PROOF,
    OTHER_LOG,
    OTHER_CHECKPOINT,
    OTHER_ENTRY,
    NO_ENTRY,
    ENDLESS_ENTRY,
    ALREADY_LOGGED
  }

  private final HttpServer server;
  private final Fault fault;
  private final FakeLogs logs;
  private final FakeAuthority authority = new FakeAuthority();
  private final FakeAuthority otherAuthority = new FakeAuthority();
  private final NotaryCertificates stamper =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(1)));
  private final NotaryCertificates otherStamper =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(1)));
  private final AtomicInteger asked = new AtomicInteger();
  private volatile byte[] lastEntry = {};

  /** One that does not lie. */
  public FakeSigstore() throws IOException {
    this(Fault.NONE);
  }

  FakeSigstore(Fault fault) throws IOException {
    this.fault = fault;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    this.logs = new FakeLogs(fault);
    server.createContext("/api/v2/signingCert", exchange -> handle(exchange, this::certify));
    server.createContext("/api/v1/timestamp", exchange -> handle(exchange, this::stamp));
    server.createContext("/api/v2/log/entries", exchange -> handle(exchange, this::log2));
    server.createContext("/api/v1/log/entries", exchange -> handle(exchange, this::log1));
    server.createContext("/api/v2/", exchange -> handle(exchange, this::read2));
    server.createContext("/token", exchange -> handle(exchange, this::token));
    server.start();
  }

  private interface Handler {
    void answer(HttpExchange exchange, byte[] request) throws Exception;
  }

  private static void handle(HttpExchange exchange, Handler handler) throws IOException {
    try (exchange) {
      handler.answer(exchange, exchange.getRequestBody().readAllBytes());
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public SigningServices services(int logVersion) {
    return new SigningServices(
        Optional.of(address()),
        List.of(new SigningServices.Log(address(), logVersion)),
        List.of(address().resolve("/api/v1/timestamp")));
  }

  /** How many certificates were asked for. */
  int certificates() {
    return asked.get();
  }

  static String jwt(String claims) {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    return base64.encodeToString("{\"alg\":\"ES256\"}".getBytes(StandardCharsets.UTF_8))
        + "."
        + base64.encodeToString(claims.getBytes(StandardCharsets.UTF_8))
        + ".AAAA";
  }

  public static IdentityToken alice() {
    return IdentityToken.parse(
        jwt(
            """
            {"iss":"%s","aud":"sigstore","exp":%d,"sub":"a1","email":"alice@example.test",
             "email_verified":true}\
            """
                .formatted(ISSUER, NOW.plusSeconds(300).getEpochSecond())));
  }

  private void certify(HttpExchange exchange, byte[] request) throws Exception {
    int times = asked.incrementAndGet();
    switch (fault) {
      case TOKEN_REFUSED -> answer(exchange, 400, "{\"code\":3,\"message\":\"no such issuer\"}");
      case AUTHORITY_MOVED -> {
        exchange.getResponseHeaders().add("Location", "/elsewhere");
        answer(exchange, 302, "moved");
      }
      case ENDLESS_CERTIFICATE -> endless(exchange);
      case NO_CERTIFICATE -> answer(exchange, 200, "{\"signedCertificateEmbeddedSct\":{}}");
      default -> {
        if (fault == Fault.AUTHORITY_BROKEN_ONCE && times == 1) {
          answer(exchange, 503, "starting");
        } else {
          certified(exchange, Json.parseObject(request, "request"));
        }
      }
    }
  }

  private void certified(HttpExchange exchange, ObjectNode request) throws Exception {
    FakeAuthority by = fault == Fault.OTHER_AUTHORITY ? otherAuthority : authority;
    List<String> chain = by.certify(request, fault);
    ObjectNode root = Json.object();
    boolean detached = fault == Fault.DETACHED_PROMISE;
    ObjectNode certificate =
        root.putObject(detached ? "signedCertificateDetachedSct" : "signedCertificateEmbeddedSct");
    var certificates = certificate.putObject("chain").putArray("certificates");
    chain.forEach(certificates::add);
    if (detached) {
      certificate.put("signedCertificateTimestamp", "e30=");
    }
    answer(exchange, 200, new String(Json.write(root), StandardCharsets.UTF_8));
  }

  private void stamp(HttpExchange exchange, byte[] request) throws Exception {
    if (fault == Fault.STAMPER_BROKEN) {
      answer(exchange, 500, "out of order");
      return;
    }
    TimeStampRequest question = new TimeStampRequest(request);
    if (fault == Fault.STAMP_OF_ANOTHER_QUESTION) {
      TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
      generator.setCertReq(true);
      question =
          generator.generate(NISTObjectIdentifiers.id_sha256, question.getMessageImprintDigest());
    }
    NotaryCertificates by = fault == Fault.OTHER_STAMPER ? otherStamper : stamper;
    Instant time = fault == Fault.STALE_STAMP ? NOW.minus(Duration.ofHours(1)) : NOW;
    bytes(exchange, 201, by.respond(question, time));
  }

  private void log2(HttpExchange exchange, byte[] request) throws Exception {
    switch (fault) {
      case NO_ENTRY -> answer(exchange, 201, "{}");
      case ENDLESS_ENTRY -> endless(exchange);
      case ALREADY_LOGGED -> {
        logs.version2(Json.parseObject(request, "request"));
        exchange.getResponseHeaders().add("X-Log-Index", "1");
        answer(exchange, 409, "{\"code\":6,\"message\":\"an equivalent entry already exists\"}");
      }
      default -> bytes(exchange, 201, logs.version2(Json.parseObject(request, "request")));
    }
  }

  /** The read side of the tile log. */
  private void read2(HttpExchange exchange, byte[] request) throws Exception {
    switch (exchange.getRequestURI().getPath()) {
      case "/api/v2/checkpoint" -> bytes(exchange, 200, logs.checkpoint());
      case "/api/v2/tile/0/000.p/2" -> bytes(exchange, 200, logs.tile());
      default -> answer(exchange, 404, "not found");
    }
  }

  private void log1(HttpExchange exchange, byte[] request) throws Exception {
    if (exchange.getRequestMethod().equals("GET")) {
      bytes(exchange, 200, lastEntry);
      return;
    }
    lastEntry = logs.version1(Json.parseObject(request, "request"));
    if (fault == Fault.ALREADY_LOGGED) {
      exchange
          .getResponseHeaders()
          .add("Location", "https://elsewhere.test/api/v1/log/entries/" + FakeLogs.ENTRY_ID);
      answer(exchange, 409, "{\"code\":409,\"message\":\"an equivalent entry already exists\"}");
      return;
    }
    bytes(exchange, 201, lastEntry);
  }

  /** GitHub's: shows what it was asked for in the token's audience. */
  private void token(HttpExchange exchange, byte[] request) throws Exception {
    boolean known =
        "Bearer run-secret".equals(exchange.getRequestHeaders().getFirst("Authorization"));
    String audience = exchange.getRequestURI().getQuery().replaceAll(".*audience=", "");
    String jwt =
        jwt(
            "{\"iss\":\"%s\",\"aud\":\"%s\",\"exp\":%d,\"sub\":\"repo:acme/app\"}"
                .formatted(ISSUER, audience, NOW.plusSeconds(300).getEpochSecond()));
    answer(exchange, known ? 200 : 401, known ? "{\"value\":\"" + jwt + "\"}" : "who are you?");
  }

  private static void endless(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      byte[] chunk = new byte[64 * 1024];
      while (true) {
        out.write(chunk); // until the other side has had enough
      }
    }
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    bytes(exchange, status, body.getBytes(StandardCharsets.UTF_8));
  }

  private static void bytes(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  /** The document by which honest answers verify. */
  public TrustedRoot trustedRoot() {
    ObjectNode root = Json.object();
    root.put("mediaType", "application/vnd.dev.sigstore.trustedroot+json;version=0.1");
    var tlogs = root.putArray("tlogs");
    tlogs.add(log(address().toString(), logs.key2(), "PKIX_ED25519", logs.id2()));
    tlogs.add(
        log("https://rekor.example.test", logs.key1(), "PKIX_ECDSA_P256_SHA_256", logs.id1()));
    byte[] ct = authority.logKey();
    root.putArray("ctlogs")
        .add(
            log(
                "https://ct.example.test",
                ct,
                "PKIX_ECDSA_P256_SHA_256",
                Digest.sha256(ct).bytes()));
    root.putArray("certificateAuthorities").add(chain(authority.root()));
    root.putArray("timestampAuthorities").add(chain(stamper.root()));
    return TrustedRoot.parse(Json.write(root));
  }

  private static JsonNode log(String url, byte[] key, String details, byte[] id) {
    Base64.Encoder base64 = Base64.getEncoder();
    ObjectNode log = Json.object().put("baseUrl", url).put("hashAlgorithm", "SHA2_256");
    ObjectNode publicKey = log.putObject("publicKey");
    publicKey.put("rawBytes", base64.encodeToString(key)).put("keyDetails", details);
    publicKey.putObject("validFor").put("start", "2026-01-01T00:00:00Z");
    log.putObject("logId").put("keyId", base64.encodeToString(id));
    return log;
  }

  private static JsonNode chain(X509Certificate certificate) {
    ObjectNode authority = Json.object();
    try {
      authority
          .putObject("certChain")
          .putArray("certificates")
          .addObject()
          .put("rawBytes", Base64.getEncoder().encodeToString(certificate.getEncoded()));
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    authority.putObject("validFor").put("start", "2026-01-01T00:00:00Z");
    return authority;
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
