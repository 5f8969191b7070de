package dev.bulla.signing.notation;

import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the flattened JWS; protected members in the byte order in which Go writes a map. */
final class JwsDraft implements EnvelopeDraft {
  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  private final SignedAttributes attributes;
  private final String protectedText;
  private final String payloadText;

  JwsDraft(SignedAttributes attributes) {
    this.attributes = attributes;
    this.protectedText = URL.encodeToString(Json.write(protectedHeader(attributes)));
    this.payloadText = URL.encodeToString(attributes.payload());
  }

  private static ObjectNode protectedHeader(SignedAttributes attributes) {
    ObjectNode header = Json.object();
    header.put("alg", attributes.algorithm().name());
    ArrayNode critical = header.putArray("crit").add(Headers.SCHEME);
    header.put("cty", MediaTypes.NOTATION_PAYLOAD);
    attributes
        .expiry()
        .ifPresent(expiry -> {
          critical.add(Headers.EXPIRY);
          header.put(Headers.EXPIRY, expiry.toString());
        });
    header.put(Headers.SCHEME, Headers.X509);
    header.put(Headers.SIGNING_TIME, attributes.signed().toString());
    return header;
  }

  @Override
  public byte[] toBeSigned() {
    return (protectedText + "." + payloadText).getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public byte[] finish(
      byte[] signature, List<X509Certificate> certificates, Optional<byte[]> timestamp) {
    ObjectNode root = Json.object();
    root.put("payload", payloadText);
    root.put("protected", protectedText);
    ObjectNode open = root.putObject("header");
    ArrayNode chain = open.putArray("x5c");
    certificates.forEach(one -> chain.add(BASE64.encodeToString(Certificates.encoded(one))));
    timestamp.ifPresent(token -> open.put(Headers.TIMESTAMP, BASE64.encodeToString(token)));
    open.put(Headers.AGENT, attributes.agent());
    root.put("signature", URL.encodeToString(signature));
    return Json.write(root);
  }
}
