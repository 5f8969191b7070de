package dev.bulla.testkit;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * An issuer of identity tokens on loopback (OpenID Connect Discovery 1.0, RFC 7515 with ES256),
 * made of nothing but the JDK.
 */
public final class FakeIssuer implements AutoCloseable {
  private final HttpsServer server;
  private final AtomicInteger asked = new AtomicInteger();
  private volatile KeyPair key;
  private volatile String id;
  private volatile String published = "";

  private FakeIssuer(HttpsServer server) {
    this.server = server;
    this.key = newKey();
    this.id = "key-1";
  }

  public static FakeIssuer start(SSLContext tls) {
    try {
      HttpsServer server =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(tls));
      FakeIssuer issuer = new FakeIssuer(server);
      issuer.serve("/.well-known/openid-configuration", issuer::discovery);
      issuer.serve("/keys", issuer::keys);
      server.start();
      return issuer;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public String url() {
    return "https://127.0.0.1:" + server.getAddress().getPort();
  }

  /** How often somebody asked for the keys. */
  public int asked() {
    return asked.get();
  }

  /** Signs with another key from now on. */
  public void rotate(String newId) {
    key = newKey();
    id = newId;
  }

  /** Publishes these bytes instead of the key. */
  public void publish(String keys) {
    published = keys;
  }

  /** A signed token with these claims. */
  public String token(String claims) {
    return token("{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"" + id + "\"}", claims);
  }

  /** The same with any head, signed as if the head said ES256. */
  public String token(String head, String claims) {
    String signed = encoded(utf8(head)) + "." + encoded(utf8(claims));
    return signed + "." + encoded(sign(key.getPrivate(), utf8(signed)));
  }

  /** The keys that it publishes (RFC 7517). */
  public String keys() {
    asked.incrementAndGet();
    return published.isEmpty() ? jwks() : published;
  }

  /** The key that it signs with, as a key set. */
  public String jwks() {
    ECPublicKey own = (ECPublicKey) key.getPublic();
    return """
    {"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"%s","x":"%s","y":"%s"}]}\
    """
        .formatted(
            id, encoded(field(own.getW().getAffineX())), encoded(field(own.getW().getAffineY())));
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private String discovery() {
    return "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(url(), url());
  }

  private void serve(String path, java.util.function.Supplier<String> body) {
    server.createContext(
        path,
        exchange -> {
          byte[] bytes = utf8(body.get());
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] sign(PrivateKey key, byte[] bytes) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(key);
      signature.update(bytes);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** 32 bytes, the most significant first. */
  private static byte[] field(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] out = new byte[32];
    int from = Math.max(0, bytes.length - 32);
    byte[] kept = Arrays.copyOfRange(bytes, from, bytes.length);
    System.arraycopy(kept, 0, out, 32 - kept.length, kept.length);
    return out;
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
