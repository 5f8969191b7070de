package dev.bulla.registry.events;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.store.Records;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Ed25519 key that a registry signs its messages with. It lies in the records, so that
 * whichever server sends a message, receivers know one key; it is used for nothing else.
 */
final class WebhookKey {
  private static final String ALGORITHM = "Ed25519";
  private static final int RAW = 32;

  private final PrivateKey key;
  private final byte[] spki;

  private WebhookKey(PrivateKey key, byte[] spki) {
    this.key = key;
    this.spki = spki;
  }

  private record Stored(byte[] secret, byte[] spki) {}

  /** The key of these records; the first who asks makes it. */
  static WebhookKey openOrCreate(Records records, SecureRandom random) {
    Optional<Stored> known = records.read(WebhookKey::find);
    try {
      Stored stored = known.isPresent() ? known.get() : create(records, random);
      PrivateKey key =
          KeyFactory.getInstance(ALGORITHM)
              .generatePrivate(new PKCS8EncodedKeySpec(stored.secret()));
      return new WebhookKey(key, stored.spki());
    } catch (GeneralSecurityException e) {
      throw new BullaException(ErrorCode.KEY_INVALID, "the key of webhooks cannot be used", e);
    }
  }

  private static Stored create(Records records, SecureRandom random)
      throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
    generator.initialize(255, random);
    KeyPair pair = generator.generateKeyPair();
    return records.write(handle -> {
      handle.execute(
          "INSERT INTO webhook_key (id, secret_key, public_key) VALUES (1, ?, ?)"
              + " ON CONFLICT (id) DO NOTHING",
          pair.getPrivate().getEncoded(),
          pair.getPublic().getEncoded());
      return find(handle).orElseThrow();
    });
  }

  private static Optional<Stored> find(Handle handle) {
    return handle
        .select("SELECT secret_key, public_key FROM webhook_key")
        .map((row, context) -> new Stored(row.getBytes(1), row.getBytes(2)))
        .findOne();
  }

  byte[] sign(byte[] message) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new BullaException(ErrorCode.KEY_INVALID, "the key of webhooks cannot sign", e);
    }
  }

  /** The public key: as Standard Webhooks write it, and as PEM. */
  ObjectNode describe() {
    byte[] raw = Arrays.copyOfRange(spki, spki.length - RAW, spki.length);
    Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
    return Json.object()
        .put("algorithm", ALGORITHM)
        .put("key", "whpk_" + Base64.getEncoder().encodeToString(raw))
        .put(
            "pem",
            "-----BEGIN PUBLIC KEY-----\n"
                + lines.encodeToString(spki)
                + "\n-----END PUBLIC KEY-----\n");
  }
}
