package dev.bulla.signing.plugin;

import dev.bulla.core.BullaException;
import dev.bulla.core.json.Fields;
import dev.bulla.keys.Certificates;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What a plugin answers to {@code generate-signature}; not verified.
 *
 * @param algorithm as the protocol names it, {@code ECDSA-SHA-256}
 * @param chain leaf first
 */
public record RawSignature(byte[] value, String algorithm, List<X509Certificate> chain) {
  private static final int MAX_CHAIN = 16;

  public RawSignature {
    chain = List.copyOf(chain);
  }

  static RawSignature read(Fields answer) {
    List<String> texts = answer.strings("certificateChain");
    if (texts.isEmpty() || texts.size() > MAX_CHAIN) {
      throw answer.invalid(
          "certificateChain",
          "%d certificates, expected 1 to %d".formatted(texts.size(), MAX_CHAIN));
    }
    List<X509Certificate> chain = new ArrayList<>();
    for (String text : texts) {
      chain.add(
          Certificates.parse(
              bytes(answer, "certificateChain", text), "certificateChain/" + chain.size()));
    }
    return new RawSignature(bytes(answer, "signature"), answer.string("signingAlgorithm"), chain);
  }

  static byte[] bytes(Fields answer, String name) {
    return bytes(answer, name, answer.string(name));
  }

  private static byte[] bytes(Fields answer, String name, String text) throws BullaException {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw answer.invalid(name, "not base64");
    }
  }
}
