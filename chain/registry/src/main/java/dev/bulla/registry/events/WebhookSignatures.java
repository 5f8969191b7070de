package dev.bulla.registry.events;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs messages as Standard Webhooks 1.0.0 has it: over {@code ID.TIMESTAMP.BODY}, once by the
 * registry's key ({@code v1a}, Ed25519), which receivers need no secret for, and once by the secret
 * of the webhook ({@code v1}, HMAC-SHA256), which more libraries know.
 */
final class WebhookSignatures {
  static final String SECRET = "whsec_";

  private static final int MIN_SECRET = 24;
  private static final int MAX_SECRET = 64;

  private WebhookSignatures() {}

  /**
   * The headers of a message.
   *
   * @param id the same each time a message is sent
   */
  static Map<String, String> headers(
      WebhookKey key, String secret, String id, Instant now, byte[] body) {
    String timestamp = Long.toString(now.getEpochSecond());
    byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
    byte[] signed = new byte[head.length + body.length];
    System.arraycopy(head, 0, signed, 0, head.length);
    System.arraycopy(body, 0, signed, head.length, body.length);
    Base64.Encoder text = Base64.getEncoder();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", timestamp);
    headers.put(
        "webhook-signature",
        "v1a,"
            + text.encodeToString(key.sign(signed))
            + " v1,"
            + text.encodeToString(mac(secret, signed)));
    return headers;
  }

  static byte[] mac(String secret, byte[] message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secretBytes(secret), "HmacSHA256"));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new BullaException(ErrorCode.KEY_INVALID, "a webhook cannot be signed", e);
    }
  }

  /**
   * The bytes of a secret; its text is in no message.
   *
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  static byte[] secretBytes(String secret) {
    try {
      if (secret.startsWith(SECRET)) {
        byte[] bytes = Base64.getDecoder().decode(secret.substring(SECRET.length()));
        if (bytes.length >= MIN_SECRET && bytes.length <= MAX_SECRET) {
          return bytes;
        }
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw Webhook.invalid(
        "its secret is not whsec_ and 24 to 64 bytes in base64",
        "Leave it out, and one is made; or: echo whsec_$(openssl rand -base64 32)");
  }
}
