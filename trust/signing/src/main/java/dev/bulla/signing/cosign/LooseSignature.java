package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.sigstore.LogEntry;
import dev.bulla.signing.sigstore.ProtoJson;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What cosign 1 and 2 left beside a file: the signature alone, in base64 or as it is, or the
 * "bundle" of their own with signature, certificate and log entry.
 */
final class LooseSignature {
  private static final int MAX_BYTES = 64 * 1024 * 1024;
  private static final String SIGNATURE = "base64Signature";

  private LooseSignature() {}

  /** Whether a file that should be a bundle is one of cosign 1 or 2. */
  static boolean looksLikeBundle(byte[] json) {
    return has(json, SIGNATURE);
  }

  private static boolean has(byte[] json, String member) {
    try {
      return json.length > 0 && json[0] == '{' && Json.parse(json, MAX_BYTES, "bundle").has(member);
    } catch (BullaException e) {
      return false; // read, and refused, as what it should be
    }
  }

  /**
   * The signature of {@code cosign sign-blob --output-signature}, in the form of a bundle.
   *
   * @param stamp what {@code --rfc3161-timestamp} left beside it
   */
  static Bundle parse(byte[] signature, Optional<byte[]> stamp) {
    return bundle(
        new Bundle.Material.PublicKey(""),
        signature(signature),
        List.of(),
        stamp
            .map(json ->
                ProtoJson.bytes(
                    Fields.of(Json.parse(json, MAX_BYTES, "timestamp"), "timestamp"),
                    "SignedRFC3161Timestamp"))
            .stream()
            .toList());
  }

  /** The "bundle" of {@code cosign sign-blob --new-bundle-format=false --bundle}. */
  static Bundle parseBundle(byte[] json) {
    Fields root =
        Fields.of(Json.parse(json, MAX_BYTES, "bundle"), "bundle")
            .only(SIGNATURE, "cert", "rekorBundle");
    byte[] signature =
        decoded(root.string(SIGNATURE))
            .orElseThrow(() -> root.invalid(SIGNATURE, "expected base64"));
    return bundle(
        root.optionalString("cert")
            .filter(text -> !text.isEmpty())
            .<Bundle.Material>map(LooseSignature::certificate)
            .orElseGet(() -> new Bundle.Material.PublicKey("")),
        signature,
        root.optionalObject("rekorBundle").map(LogEntry::parseLegacy).stream().toList(),
        List.of());
  }

  private static Bundle bundle(
      Bundle.Material material, byte[] signature, List<LogEntry> entries, List<byte[]> stamps) {
    Bundle.Content content =
        has(signature, "payloadType")
            ? enveloped(signature)
            : new Bundle.Content.Message(Optional.<Digest>empty(), signature);
    return new Bundle(material, content, entries, stamps);
  }

  /** For an attestation the whole envelope stands where the signature is expected. */
  private static Bundle.Content enveloped(byte[] json) {
    DsseEnvelope envelope =
        DsseEnvelope.parse(Json.parse(json, MAX_BYTES, "DSSE envelope"), "DSSE envelope");
    if (envelope.signatures().size() != 1) {
      throw new BullaException(
          ErrorCode.SIGNATURE_MALFORMED,
          "the envelope has %d signatures, expected one".formatted(envelope.signatures().size()));
    }
    return new Bundle.Content.Dsse(envelope, envelope.signatures().getFirst().value());
  }

  private static Bundle.Material certificate(String text) {
    byte[] pem = decoded(text).orElseGet(() -> text.getBytes(StandardCharsets.US_ASCII));
    return new Bundle.Material.Certificate(Certificates.parseAll(pem, "bundle").getFirst());
  }

  private static byte[] signature(byte[] bytes) {
    return decoded(new String(bytes, StandardCharsets.ISO_8859_1)).orElse(bytes);
  }

  private static Optional<byte[]> decoded(String text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text.strip());
      return bytes.length == 0 ? Optional.empty() : Optional.of(bytes);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
