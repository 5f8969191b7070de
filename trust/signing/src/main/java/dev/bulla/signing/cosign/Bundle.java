package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.sigstore.LogEntry;
import dev.bulla.signing.sigstore.ProtoJson;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Sigstore bundle, version 0.1 to 0.3 (sigstore protobuf-specs, {@code sigstore_bundle.proto}).
 * Unknown members are refused, as the reference verifier does, and so is a bundle without what its
 * version demands.
 *
 * @param material what identifies the signer; a hint, not a proof
 * @param logEntries transparency log entries, each once
 * @param timestamps RFC 3161 answers over the signature
 */
record Bundle(
    Material material, Content content, List<LogEntry> logEntries, List<byte[]> timestamps) {
  static final String V03 = "application/vnd.dev.sigstore.bundle.v0.3+json";
  static final String TYPE_PREFIX = "application/vnd.dev.sigstore.bundle";

  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  private static final String V01 = "application/vnd.dev.sigstore.bundle+json;version=0.1";
  private static final String V02 = "application/vnd.dev.sigstore.bundle+json;version=0.2";

  private static final List<String> MEDIA_TYPES =
      List.of(V03, V01, V02, "application/vnd.dev.sigstore.bundle+json;version=0.3");

  private static final int MAX_BYTES = 64 * 1024 * 1024;
  private static final int MAX_LOG_ENTRIES = 32;
  private static final int MAX_CHAIN = 16;

  /** Who signed, by the bundle's own word. */
  sealed interface Material {
    /**
     * A key that the verifier knows already.
     *
     * @param hint opaque; cosign writes the base64 SHA-256 of the SubjectPublicKeyInfo
     */
    record PublicKey(String hint) implements Material {}

    /** A certificate for a short-lived key; such a signature is verified by identity. */
    record Certificate(X509Certificate leaf) implements Material {}
  }

  /** What was signed. */
  sealed interface Content {
    record Dsse(DsseEnvelope envelope, byte[] signature) implements Content {}

    /**
     * A signature over an artifact that is not in the bundle.
     *
     * @param digest the signer's word of the artifact's digest; a hint that must be right if
     *     present
     */
    record Message(Optional<Digest> digest, byte[] signature) implements Content {}
  }

  /**
   * @param what names the bundle in errors
   * @throws BullaException {@link ErrorCode#SIGNATURE_MALFORMED} and JSON errors
   */
  static Bundle parse(byte[] json, String what) {
    Fields root =
        ProtoJson.parse(json, MAX_BYTES, what)
            .only("mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope");
    String mediaType = root.string("mediaType");
    if (!MEDIA_TYPES.contains(mediaType)) {
      throw malformed(
          what,
          "the media type '%s' is not a known bundle version".formatted(Shown.text(mediaType)));
    }
    Fields material =
        root.object("verificationMaterial")
            .only(
                "publicKey",
                "certificate",
                "x509CertificateChain",
                "tlogEntries",
                "timestampVerificationData");
    List<Fields> stamps =
        material
            .optionalObject("timestampVerificationData")
            .map(data -> data.only("rfc3161Timestamps").objects("rfc3161Timestamps"))
            .orElse(List.of());
    if (material.objects("tlogEntries").size() > MAX_LOG_ENTRIES
        || stamps.size() > MAX_LOG_ENTRIES) {
      throw malformed(what, "more than " + MAX_LOG_ENTRIES + " log entries or timestamps");
    }
    return new Bundle(
        material(material, mediaType, what),
        content(root, what),
        entries(material, mediaType, what),
        stamps.stream()
            .map(one -> ProtoJson.bytes(one.only("signedTimestamp"), "signedTimestamp"))
            .toList());
  }

  /**
   * Version 0.1 demands a promise in each entry, later ones a proof; the same entry twice is one
   * too many.
   */
  private static List<LogEntry> entries(Fields material, String mediaType, String what) {
    List<LogEntry> entries = new ArrayList<>();
    for (Fields fields : material.objects("tlogEntries")) {
      LogEntry entry = LogEntry.parse(fields);
      if (mediaType.equals(V01) ? !entry.hasPromise() : !entry.hasProof()) {
        throw malformed(
            what, "a log entry carries no " + (mediaType.equals(V01) ? "promise" : "proof"));
      }
      for (LogEntry other : entries) {
        if (other.index() == entry.index() && Arrays.equals(other.logId(), entry.logId())) {
          throw malformed(what, "the same log entry twice");
        }
      }
      entries.add(entry);
    }
    return entries;
  }

  /** The JSON of this bundle as version 0.3. */
  byte[] write() {
    ObjectNode root = Json.object();
    root.put("mediaType", V03);
    ObjectNode beside = root.putObject("verificationMaterial");
    switch (material) {
      case Material.PublicKey(String hint) -> beside.putObject("publicKey").put("hint", hint);
      case Material.Certificate(X509Certificate leaf) ->
          beside
              .putObject("certificate")
              .put("rawBytes", BASE64.encodeToString(Certificates.encoded(leaf)));
    }
    if (!logEntries.isEmpty()) {
      ArrayNode entries = beside.putArray("tlogEntries");
      logEntries.forEach(entry -> entries.add(entry.toJson()));
    }
    if (!timestamps.isEmpty()) {
      ArrayNode stamps =
          beside.putObject("timestampVerificationData").putArray("rfc3161Timestamps");
      timestamps.forEach(
          stamp -> stamps.addObject().put("signedTimestamp", BASE64.encodeToString(stamp)));
    }
    switch (content) {
      case Content.Dsse(DsseEnvelope envelope, var ignored) ->
          root.set("dsseEnvelope", envelope.toJson());
      case Content.Message(Optional<Digest> digest, byte[] signature) -> {
        ObjectNode message = root.putObject("messageSignature");
        digest.ifPresent(one ->
            message
                .putObject("messageDigest")
                .put("algorithm", nameOf(one.algorithm()))
                .put("digest", BASE64.encodeToString(one.bytes())));
        message.put("signature", BASE64.encodeToString(signature));
      }
    }
    return Json.write(root);
  }

  private static String nameOf(Digest.Algorithm algorithm) {
    return switch (algorithm) {
      case SHA256 -> "SHA2_256";
      case SHA384 -> "SHA2_384";
      case SHA512 -> "SHA2_512";
    };
  }

  private static Material material(Fields fields, String mediaType, String what) {
    Optional<Fields> key = fields.optionalObject("publicKey");
    Optional<Fields> certificate = fields.optionalObject("certificate");
    Optional<Fields> chain = fields.optionalObject("x509CertificateChain");
    if (Stream.of(key, certificate, chain).filter(Optional::isPresent).count() != 1) {
      throw malformed(
          what, "expected either a public key or a certificate as verification material");
    }
    if (key.isPresent()) {
      return new Material.PublicKey(key.get().only("hint").optionalString("hint").orElse(""));
    }
    boolean old = mediaType.equals(V01) || mediaType.equals(V02);
    if (old != chain.isPresent()) {
      throw malformed(
          what, "this version holds " + (old ? "a certificate chain" : "a single certificate"));
    }
    return new Material.Certificate(
        chain
            .map(one -> leaf(one, what))
            .orElseGet(() -> certificate(certificate.orElseThrow(), what)));
  }

  /**
   * The first of a chain. The rest is not used, for only certificates of the trusted root issue; a
   * root in it is refused.
   */
  private static X509Certificate leaf(Fields fields, String what) {
    List<Fields> chain = fields.only("certificates").objects("certificates");
    if (chain.isEmpty() || chain.size() > MAX_CHAIN) {
      throw malformed(what, "a chain of %d certificates".formatted(chain.size()));
    }
    List<X509Certificate> certificates = chain.stream().map(one -> certificate(one, what)).toList();
    if (certificates.stream().anyMatch(one -> Certificates.isIssuedBy(one, one))) {
      throw malformed(what, "the chain holds a root certificate");
    }
    return certificates.getFirst();
  }

  private static X509Certificate certificate(Fields fields, String what) {
    return Certificates.parse(ProtoJson.bytes(fields.only("rawBytes"), "rawBytes"), what);
  }

  private static Content content(Fields root, String what) {
    Optional<Fields> dsse = root.optionalObject("dsseEnvelope");
    Optional<Fields> message = root.optionalObject("messageSignature");
    if (dsse.isPresent() == message.isPresent()) {
      throw malformed(what, "expected either a DSSE envelope or a message signature");
    }
    if (dsse.isPresent()) {
      dsse.get().only("payload", "payloadType", "signatures");
      dsse.get().objects("signatures").forEach(one -> one.only("sig", "keyid"));
      DsseEnvelope envelope = DsseEnvelope.parse(dsse.get().node(), what);
      if (envelope.signatures().size() != 1) {
        throw malformed(
            what,
            "the envelope has %d signatures, expected one".formatted(envelope.signatures().size()));
      }
      return new Content.Dsse(envelope, envelope.signatures().getFirst().value());
    }
    Fields signature = message.orElseThrow().only("messageDigest", "signature");
    if (!signature.has("messageDigest")) {
      throw malformed(what, "the signature says no digest of its message");
    }
    return new Content.Message(
        signature.optionalObject("messageDigest").map(one -> digest(one, what)),
        ProtoJson.bytes(signature, "signature"));
  }

  private static Digest digest(Fields fields, String what) {
    fields.only("algorithm", "digest");
    String named = fields.string("algorithm");
    Digest.Algorithm algorithm =
        Stream.of(Digest.Algorithm.values())
            .filter(one -> nameOf(one).equals(named))
            .findFirst()
            .orElse(null);
    byte[] value = ProtoJson.bytes(fields, "digest");
    if (algorithm == null || value.length * 2 != algorithm.hexLength()) {
      throw malformed(
          what, "the message digest is of an unknown algorithm or has the wrong length");
    }
    return Digest.ofHash(algorithm, value);
  }

  static BullaException malformed(String what, String why) {
    return new BullaException(ErrorCode.SIGNATURE_MALFORMED, what + ": " + why);
  }
}
