package dev.bulla.signing.notation;

import dev.bulla.core.MediaTypes;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.EcdsaSignatures;
import dev.bulla.keys.LocalSigner;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** JWS envelopes with whatever a test wants in them, rightly signed by a P-256 key. */
final class CraftedJws {
  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  private CraftedJws() {}

  /** A protected header of the scheme {@code notary.x509}. */
  static ObjectNode header(Instant signed) {
    ObjectNode header = Json.object();
    header.put("alg", "ES256").put("cty", MediaTypes.NOTATION_PAYLOAD);
    critical(header, Headers.SCHEME, Headers.X509);
    header.put(Headers.SIGNING_TIME, signed.toString());
    return header;
  }

  /** A protected header of the scheme {@code notary.x509.signingAuthority}. */
  static ObjectNode authorityHeader(Instant signed) {
    ObjectNode header = Json.object();
    header.put("alg", "ES256").put("cty", MediaTypes.NOTATION_PAYLOAD);
    critical(header, Headers.SCHEME, Headers.X509_AUTHORITY);
    return critical(header, Headers.AUTHENTIC_TIME, signed.toString());
  }

  static ObjectNode critical(ObjectNode header, String name, String value) {
    header.put(name, value);
    header.withArray("crit").add(name);
    return header;
  }

  static ObjectNode critical(ObjectNode header, String name, JsonNode value) {
    header.set(name, value);
    header.withArray("crit").add(name);
    return header;
  }

  static byte[] sign(LocalSigner signer, ObjectNode header, byte[] payload) {
    String signed = URL.encodeToString(Json.write(header)) + "." + URL.encodeToString(payload);
    byte[] der =
        signer.sign(
            SignatureAlgorithm.ECDSA_P256_SHA256, signed.getBytes(StandardCharsets.US_ASCII));
    ObjectNode root = Json.object();
    root.put("payload", URL.encodeToString(payload));
    root.put("protected", URL.encodeToString(Json.write(header)));
    ObjectNode open = root.putObject("header");
    signer
        .certificateChain()
        .forEach(one ->
            open.withArray("x5c")
                .add(Base64.getEncoder().encodeToString(Certificates.encoded(one))));
    root.put("signature", URL.encodeToString(EcdsaSignatures.toRaw(der, 32)));
    return Json.write(root);
  }

  /** The same envelope after a change outside of what is signed. */
  static byte[] with(byte[] envelope, Consumer<ObjectNode> change) {
    ObjectNode root = Json.parseObject(envelope, "envelope");
    change.accept(root);
    return Json.write(root);
  }
}
