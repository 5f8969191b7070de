package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.KeyFiles;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Ties a log entry to the signature beside it: a log proves that it holds <em>some</em> entry, and
 * only this makes it an entry about <em>this</em> signature by <em>this</em> key over <em>this</em>
 * message.
 *
 * <p>Entries of Rekor v1 say these three in their body, which is read and compared. Entries of
 * Rekor v2 are built anew from the signature; a body in the bundle may only say the same.
 */
final class LogBody {
  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  private LogBody() {}

  /**
   * The bytes that the log must have hashed for its entry to be about {@code signed}.
   *
   * @throws BullaException {@link ErrorCode#LOG_ENTRY_INVALID} if the entry is about something else
   */
  static byte[] checked(LogEntry entry, SignedMaterial signed) {
    if (entry.isRebuilt()) {
      byte[] body = rebuilt(signed);
      if (entry.body().length > 0 && !Arrays.equals(entry.body(), body)) {
        throw differs("signature, signer or artifact");
      }
      return body;
    }
    try {
      check(entry, signed);
      return entry.body();
    } catch (BullaException e) {
      if (e.code() == ErrorCode.LOG_ENTRY_INVALID) {
        throw e;
      }
      throw new BullaException(ErrorCode.LOG_ENTRY_INVALID, e.reason(), e.nextStep(), e);
    }
  }

  private static void check(LogEntry entry, SignedMaterial signed) {
    Fields root = Fields.of(Json.parse(entry.body(), "log entry"), "log entry");
    if (!root.string("kind").equals(entry.kind())
        || !root.string("apiVersion").equals(entry.version())) {
      throw differs("kind");
    }
    Fields spec = root.object("spec");
    switch (entry.kind() + " " + entry.version()) {
      case "hashedrekord 0.0.1" -> hashedRecord(spec, signed);
      case "dsse 0.0.1" -> dsse(spec, signed);
      case "intoto 0.0.2" -> intoto(spec.object("content"), signed);
      default ->
          throw invalid(
              "an entry of the kind '%s', version '%s', is not understood"
                  .formatted(Shown.text(entry.kind()), Shown.text(entry.version())));
    }
  }

  private static void hashedRecord(Fields spec, SignedMaterial signed) {
    Fields hash = spec.object("data").object("hash");
    Digest.Algorithm algorithm = Digest.Algorithm.parse(hash.string("algorithm"));
    if (!signed
        .message()
        .digest(algorithm)
        .map(Digest::hex)
        .filter(hex -> hex.equals(hash.optionalString("value").orElse("")))
        .isPresent()) {
      throw differs("artifact");
    }
    Fields signature = spec.object("signature");
    sameSignature(ProtoJson.bytes(signature, "content"), signed);
    sameSigner(ProtoJson.bytes(signature.object("publicKey"), "content"), signed);
  }

  private static void dsse(Fields spec, SignedMaterial signed) {
    samePayload(spec, envelope(signed));
    Fields signature = only(spec.objects("signatures"));
    sameSignature(ProtoJson.bytes(signature, "signature"), signed);
    sameSigner(ProtoJson.bytes(signature, "verifier"), signed);
  }

  private static void intoto(Fields content, SignedMaterial signed) {
    DsseEnvelope envelope = envelope(signed);
    samePayload(content, envelope);
    Fields logged = content.object("envelope");
    if (!logged.string("payloadType").equals(envelope.payloadType())) {
      throw differs("payload type");
    }
    Fields signature = only(logged.objects("signatures"));
    // this form holds the base64 of the base64
    String inner = new String(ProtoJson.bytes(signature, "sig"), StandardCharsets.ISO_8859_1);
    sameSignature(ProtoJson.decode(inner, signature, "sig"), signed);
    sameSigner(ProtoJson.bytes(signature, "publicKey"), signed);
  }

  private static void samePayload(Fields fields, DsseEnvelope envelope) {
    Fields hash = fields.object("payloadHash");
    if (!hash.string("algorithm").equals("sha256")
        || !hash.string("value").equals(Digest.sha256(envelope.payload()).hex())) {
      throw differs("payload");
    }
  }

  private static void sameSignature(byte[] logged, SignedMaterial signed) {
    if (!Arrays.equals(logged, signed.signature())) {
      throw differs("signature");
    }
  }

  /** The logged PEM must be the certificate of the signature, or its key if it has none. */
  private static void sameSigner(byte[] pem, SignedMaterial signed) {
    boolean same =
        signed
            .certificate()
            .map(one -> Certificates.parseAll(pem, "logged certificate").equals(List.of(one)))
            .orElseGet(() ->
                Arrays.equals(
                    KeyFiles.publicKey(pem, "logged key"), signed.key().subjectPublicKeyInfo()));
    if (!same) {
      throw differs("signer");
    }
  }

  private static DsseEnvelope envelope(SignedMaterial signed) {
    return signed.envelope().orElseThrow(() -> differs("content"));
  }

  private static Fields only(List<Fields> signatures) {
    if (signatures.size() != 1) {
      throw invalid("the entry has %d signatures, expected one".formatted(signatures.size()));
    }
    return signatures.getFirst();
  }

  /**
   * The canonical form of a {@code hashedrekord 0.0.2} (rekor-tiles): RFC 8785 JSON of digest,
   * signature and signer.
   */
  static byte[] rebuilt(SignedMaterial signed) {
    Digest digest = digest(signed);
    ObjectNode root = Json.object();
    root.put("apiVersion", "0.0.2").put("kind", "hashedrekord");
    ObjectNode spec = root.putObject("spec").putObject("hashedRekordV002");
    spec.putObject("data")
        .put("algorithm", name(digest.algorithm()))
        .put("digest", BASE64.encodeToString(digest.bytes()));
    spec.set("signature", signature(signed));
    return Json.canonical(root);
  }

  /** The hash of what was signed, by the algorithm that belongs to the signature. */
  static Digest digest(SignedMaterial signed) {
    Digest.Algorithm algorithm =
        signed
            .key()
            .prehash(signed.algorithm())
            .orElseThrow(() -> invalid("the log takes no signatures by " + signed.algorithm()));
    return signed
        .message()
        .digest(algorithm)
        .orElseThrow(() -> invalid("the log's entry is about the artifact's " + algorithm.id()));
  }

  /** Signature and signer, as Rekor v2 takes and keeps them. */
  static ObjectNode signature(SignedMaterial signed) {
    ObjectNode signature = Json.object();
    signature.put("content", BASE64.encodeToString(signed.signature()));
    ObjectNode verifier = signature.putObject("verifier").put("keyDetails", keyDetails(signed));
    if (signed.certificate().isPresent()) {
      X509Certificate certificate = signed.certificate().get();
      verifier
          .putObject("x509Certificate")
          .put("rawBytes", BASE64.encodeToString(Certificates.encoded(certificate)));
    } else {
      verifier
          .putObject("publicKey")
          .put("rawBytes", BASE64.encodeToString(signed.key().subjectPublicKeyInfo()));
    }
    return signature;
  }

  private static String name(Digest.Algorithm algorithm) {
    return switch (algorithm) {
      case SHA256 -> "SHA2_256";
      case SHA384 -> "SHA2_384";
      case SHA512 -> "SHA2_512";
    };
  }

  private static String keyDetails(SignedMaterial signed) {
    SignatureAlgorithm algorithm = signed.algorithm();
    return switch (algorithm) {
      case ECDSA_P256_SHA256 -> "PKIX_ECDSA_P256_SHA_256";
      case ECDSA_P384_SHA384 -> "PKIX_ECDSA_P384_SHA_384";
      case ECDSA_P521_SHA512 -> "PKIX_ECDSA_P521_SHA_512";
      case ECDSA_P384_SHA256 -> "PKIX_ECDSA_P384_SHA_256";
      case ECDSA_P521_SHA256 -> "PKIX_ECDSA_P521_SHA_256";
      case RSA_PKCS1_SHA256 -> "PKIX_RSA_PKCS1V15_%d_SHA256".formatted(signed.key().bits());
      case ED25519PH -> "PKIX_ED25519_PH";
      case ED25519, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, ML_DSA_65 ->
          throw invalid("the log takes no signatures by " + algorithm);
    };
  }

  private static BullaException differs(String part) {
    return invalid("the entry is about another " + part + " than this bundle's");
  }

  private static BullaException invalid(String why) {
    return new BullaException(ErrorCode.LOG_ENTRY_INVALID, "log entry: " + why);
  }
}
