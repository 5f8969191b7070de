package dev.bulla.core.envelope;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Dead Simple Signing Envelope (secure-systems-lab/dsse v1).
 *
 * <p>Holding one says nothing about its signatures; the payload may be parsed only after one of
 * them was verified over {@link #toBeSigned}.
 */
public record DsseEnvelope(String payloadType, byte[] payload, List<Signature> signatures) {
  private static final int MAX_SIGNATURES = 64;

  /**
   * @param keyId an unauthenticated hint
   * @param value the raw signature
   */
  public record Signature(Optional<String> keyId, byte[] value) {
    public Signature {
      value = value.clone();
    }

    @Override
    public byte[] value() {
      return value.clone();
    }
  }

  public DsseEnvelope {
    payload = payload.clone();
    signatures = List.copyOf(signatures);
  }

  @Override
  public byte[] payload() {
    return payload.clone();
  }

  /** The bytes that each signature covers. */
  public byte[] toBeSigned() {
    return Pae.encode(payloadType, payload);
  }

  /**
   * Reads the JSON form; standard and URL-safe base64 are accepted, as the specification demands.
   *
   * @throws BullaException {@link ErrorCode#SIGNATURE_MALFORMED}
   */
  public static DsseEnvelope parse(JsonNode node, String what) {
    Fields root = Fields.of(node, what);
    List<Signature> signatures = new ArrayList<>();
    for (Fields one : root.objects("signatures")) {
      signatures.add(
          new Signature(
              one.optionalString("keyid").filter(id -> !id.isEmpty()),
              decode(one.string("sig"), what)));
    }
    if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
      throw new BullaException(
          ErrorCode.SIGNATURE_MALFORMED,
          "%s: the envelope has %d signatures, expected 1 to %d"
              .formatted(what, signatures.size(), MAX_SIGNATURES));
    }
    return new DsseEnvelope(
        root.string("payloadType"), decode(root.string("payload"), what), signatures);
  }

  public ObjectNode toJson() {
    ObjectNode root = Json.object();
    root.put("payload", Base64.getEncoder().encodeToString(payload));
    root.put("payloadType", payloadType);
    ArrayNode all = root.putArray("signatures");
    for (Signature signature : signatures) {
      ObjectNode one = all.addObject();
      one.put("sig", Base64.getEncoder().encodeToString(signature.value));
      signature.keyId().ifPresent(id -> one.put("keyid", id));
    }
    return root;
  }

  private static byte[] decode(String text, String what) {
    try {
      return Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
    } catch (IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.SIGNATURE_MALFORMED, what + ": not base64: " + e.getMessage(), e);
    }
  }
}
