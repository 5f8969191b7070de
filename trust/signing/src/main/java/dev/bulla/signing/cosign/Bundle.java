package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Sigstore bundle, version 0.1 to 0.3 (sigstore protobuf-specs, {@code sigstore_bundle.proto}), as far as verification by
 * key needs it. Unknown members are refused, as the reference verifier does.
 *
 * @param material what identifies the signer; a hint, not a proof
 * @param logEntries how many transparency log entries it carries; they are not evaluated by key
 */
record Bundle(Material material, Content content, int logEntries, int timestamps) {
  static final String V03 = "application/vnd.dev.sigstore.bundle.v0.3+json";
  static final String TYPE_PREFIX = "application/vnd.dev.sigstore.bundle";

  private static final List<String> MEDIA_TYPES =
      List.of(
          V03,
          "application/vnd.dev.sigstore.bundle+json;version=0.1",
          "application/vnd.dev.sigstore.bundle+json;version=0.2",
          "application/vnd.dev.sigstore.bundle+json;version=0.3");

  private static final int MAX_BYTES = 64 * 1024 * 1024;
  private static final int MAX_LOG_ENTRIES = 32;

  /** Who signed, by the bundle's own word. */
  sealed interface Material {
    /**
     * A key that the verifier knows already.
     *
     * @param hint opaque; cosign writes the base64 SHA-256 of the SubjectPublicKeyInfo
     */
    record PublicKey(String hint) implements Material {}

    /** A certificate; such a signature is verified by identity, not by key. */
    record Certificate() implements Material {}
  }

  /** What was signed. */
  sealed interface Content {
    record Dsse(DsseEnvelope envelope, byte[] signature) implements Content {}

    /**
     * A signature over an artifact that is not in the bundle.
     *
     * @param digest the signer's word of the artifact's digest; a hint that must be right if present
     */
    record Message(Optional<Digest> digest, byte[] signature) implements Content {}
  }

  /**
   * @param what names the bundle in errors
   * @throws BullaException {@link ErrorCode#SIGNATURE_MALFORMED} and JSON errors
   */
  static Bundle parse(byte[] json, String what) {
    Fields root =
        Fields.of(Json.parse(json, MAX_BYTES, what), what)
            .only("mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope");
    String mediaType = root.string("mediaType");
    if (!MEDIA_TYPES.contains(mediaType)) {
      throw malformed(what, "the media type '%s' is not a known bundle version".formatted(Shown.text(mediaType)));
    }
    Fields material =
        root.object("verificationMaterial")
            .only(
                "publicKey", "certificate", "x509CertificateChain", "tlogEntries", "timestampVerificationData");
    List<Fields> entries = material.objects("tlogEntries");
    List<Fields> stamps =
        material
            .optionalObject("timestampVerificationData")
            .map(data -> data.only("rfc3161Timestamps").objects("rfc3161Timestamps"))
            .orElse(List.of());
    if (entries.size() > MAX_LOG_ENTRIES || stamps.size() > MAX_LOG_ENTRIES) {
      throw malformed(what, "more than " + MAX_LOG_ENTRIES + " log entries or timestamps");
    }
    return new Bundle(material(material, what), content(root, what), entries.size(), stamps.size());
  }

  /** A version 0.3 bundle of a DSSE envelope, signed by the key with this hint. */
  static byte[] write(DsseEnvelope envelope, String hint) {
    ObjectNode root = Json.object();
    root.put("mediaType", V03);
    root.putObject("verificationMaterial").putObject("publicKey").put("hint", hint);
    root.set("dsseEnvelope", envelope.toJson());
    return Json.write(root);
  }

  private static Material material(Fields fields, String what) {
    boolean certificate = fields.has("certificate") || fields.has("x509CertificateChain");
    Optional<Fields> key = fields.optionalObject("publicKey");
    if (certificate == key.isPresent()) {
      throw malformed(what, "expected either a public key or a certificate as verification material");
    }
    return key.<Material>map(
            one -> new Material.PublicKey(one.only("hint").optionalString("hint").orElse("")))
        .orElseGet(Material.Certificate::new);
  }

  private static Content content(Fields root, String what) {
    Optional<Fields> dsse = root.optionalObject("dsseEnvelope");
    Optional<Fields> message = root.optionalObject("messageSignature");
    if (dsse.isPresent() == message.isPresent()) {
      throw malformed(what, "expected either a DSSE envelope or a message signature");
    }
    if (dsse.isPresent()) {
      dsse.get().only("payload", "payloadType", "signatures");
      DsseEnvelope envelope = DsseEnvelope.parse(dsse.get().node(), what);
      if (envelope.signatures().size() != 1) {
        throw malformed(what, "the envelope has %d signatures, expected one".formatted(envelope.signatures().size()));
      }
      return new Content.Dsse(envelope, envelope.signatures().getFirst().value());
    }
    Fields signature = message.orElseThrow().only("messageDigest", "signature");
    return new Content.Message(
        signature.optionalObject("messageDigest").map(one -> digest(one, what)),
        base64(signature.string("signature"), what));
  }

  private static Digest digest(Fields fields, String what) {
    fields.only("algorithm", "digest");
    Map<String, Digest.Algorithm> algorithms =
        Map.of(
            "SHA2_256", Digest.Algorithm.SHA256,
            "SHA2_384", Digest.Algorithm.SHA384,
            "SHA2_512", Digest.Algorithm.SHA512);
    Digest.Algorithm algorithm = algorithms.get(fields.string("algorithm"));
    byte[] value = base64(fields.string("digest"), what);
    if (algorithm == null || value.length * 2 != algorithm.hexLength()) {
      throw malformed(what, "the message digest is of an unknown algorithm or has the wrong length");
    }
    return Digest.ofHash(algorithm, value);
  }

  private static byte[] base64(String text, String what) {
    try {
      return Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
    } catch (IllegalArgumentException e) {
      throw malformed(what, "not base64");
    }
  }

  static BullaException malformed(String what, String why) {
    return new BullaException(ErrorCode.SIGNATURE_MALFORMED, what + ": " + why);
  }
}
