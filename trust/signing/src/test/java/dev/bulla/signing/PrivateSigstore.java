package dev.bulla.signing;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import tools.jackson.databind.node.ObjectNode;

/**
 * A certificate authority and a log of the first Rekor's kind, as a test needs them to make
 * evidence of its own.
 */
final class PrivateSigstore {
  static final String ISSUER = "https://issuer.example.test";
  private static final Duration LIFE = Duration.ofMinutes(10);

  private final KeyPair authority = newKey();
  private final KeyPair log = newKey();
  private final KeyPair certificateLog = newKey();
  private final Instant begin;
  private final X509Certificate root;

  PrivateSigstore(Instant begin) {
    this.begin = begin;
    this.root = rootCertificate();
  }

  /** A short-lived key and its certificate. */
  record Signer(KeyPair pair, X509Certificate certificate) {
    byte[] sign(byte[] message) {
      return PrivateSigstore.sign(pair.getPrivate(), message);
    }

    String pem() {
      return PrivateSigstore.pem("CERTIFICATE", certificateBytes());
    }

    byte[] certificateBytes() {
      try {
        return certificate.getEncoded();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** A certificate for {@code email}, valid for ten minutes from {@code from}. */
  Signer certify(String email, Instant from) {
    KeyPair pair = newKey();
    try {
      X509v3CertificateBuilder builder =
          builder(new X500Name(new org.bouncycastle.asn1.x500.RDN[0]), pair, from, from.plus(LIFE));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_codeSigning));
      builder.addExtension(
          Extension.subjectAlternativeName,
          true,
          new GeneralNames(new GeneralName(GeneralName.rfc822Name, email)));
      builder.addExtension(
          new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1.8"), false, new DERUTF8String(ISSUER));
      return new Signer(pair, issued(builder));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What cosign stores of the log's answer. */
  String logEntry(ObjectNode body, Instant time) {
    String encoded = base64(Json.canonical(body));
    String id = Digest.sha256(log.getPublic().getEncoded()).hex();
    ObjectNode payload =
        Json.object()
            .put("body", encoded)
            .put("integratedTime", time.getEpochSecond())
            .put("logID", id)
            .put("logIndex", 7);
    ObjectNode entry = Json.object();
    entry.put("SignedEntryTimestamp", base64(sign(log.getPrivate(), Json.canonical(payload))));
    entry.set("Payload", payload);
    return new String(Json.write(entry), StandardCharsets.UTF_8);
  }

  /** A {@code hashedrekord} of a signature over {@code message}. */
  static ObjectNode hashedRecord(byte[] message, byte[] signature, String signerPem) {
    ObjectNode root = Json.object().put("apiVersion", "0.0.1").put("kind", "hashedrekord");
    ObjectNode spec = root.putObject("spec");
    spec.putObject("data")
        .putObject("hash")
        .put("algorithm", "sha256")
        .put("value", Digest.sha256(message).hex());
    spec.putObject("signature")
        .put("content", base64(signature))
        .putObject("publicKey")
        .put("content", base64(signerPem.getBytes(StandardCharsets.US_ASCII)));
    return root;
  }

  /** A {@code dsse} entry of an envelope with one signature. */
  static ObjectNode dsse(byte[] payload, byte[] signature, String signerPem) {
    ObjectNode root = Json.object().put("apiVersion", "0.0.1").put("kind", "dsse");
    ObjectNode spec = root.putObject("spec");
    spec.putObject("payloadHash")
        .put("algorithm", "sha256")
        .put("value", Digest.sha256(payload).hex());
    spec.putArray("signatures")
        .addObject()
        .put("signature", base64(signature))
        .put("verifier", base64(signerPem.getBytes(StandardCharsets.US_ASCII)));
    return root;
  }

  /** A certificate log's answer to {@code add-chain} (RFC 6962 sections 3.2 and 4.1). */
  ObjectNode promise(Signer signer, Instant time) {
    byte[] certificate = signer.certificateBytes();
    ByteBuffer signed = ByteBuffer.allocate(15 + certificate.length + 2);
    signed.putShort((short) 0).putLong(time.toEpochMilli()).putShort((short) 0).put((byte) 0);
    signed.putShort((short) certificate.length).put(certificate).putShort((short) 0);
    byte[] signature = sign(certificateLog.getPrivate(), signed.array());
    ByteBuffer encoded = ByteBuffer.allocate(4 + signature.length);
    encoded.put((byte) 4).put((byte) 3).putShort((short) signature.length).put(signature);
    return Json.object()
        .put("sct_version", 0)
        .put("id", base64(Digest.sha256(certificateLog.getPublic().getEncoded()).bytes()))
        .put("timestamp", time.toEpochMilli())
        .put("extensions", "")
        .put("signature", base64(encoded.array()));
  }

  TrustedRoot trustedRoot() {
    return TrustedRoot.parse(Json.write(root()));
  }

  /** The same, and a certificate log that must have promised to publish. */
  TrustedRoot rootWithCertificateLog() {
    ObjectNode root = root();
    ObjectNode named = root.putArray("ctlogs").addObject();
    named.put("baseUrl", "https://ct.example.test").put("hashAlgorithm", "SHA2_256");
    byte[] key = certificateLog.getPublic().getEncoded();
    named
        .putObject("publicKey")
        .put("rawBytes", base64(key))
        .put("keyDetails", "PKIX_ECDSA_P256_SHA_256")
        .putObject("validFor")
        .put("start", begin.toString());
    named.putObject("logId").put("keyId", base64(Digest.sha256(key).bytes()));
    return TrustedRoot.parse(Json.write(root));
  }

  private ObjectNode root() {
    ObjectNode root = Json.object();
    root.put("mediaType", "application/vnd.dev.sigstore.trustedroot+json;version=0.1");
    ObjectNode tlog = root.putArray("tlogs").addObject();
    tlog.put("baseUrl", "https://log.example.test").put("hashAlgorithm", "SHA2_256");
    ObjectNode key = tlog.putObject("publicKey");
    key.put("rawBytes", base64(log.getPublic().getEncoded()))
        .put("keyDetails", "PKIX_ECDSA_P256_SHA_256");
    key.putObject("validFor").put("start", begin.toString());
    tlog.putObject("logId")
        .put("keyId", base64(Digest.sha256(log.getPublic().getEncoded()).bytes()));
    ObjectNode ca = root.putArray("certificateAuthorities").addObject();
    ca.put("uri", "https://ca.example.test");
    try {
      ca.putObject("certChain")
          .putArray("certificates")
          .addObject()
          .put("rawBytes", base64(this.root.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    ca.putObject("validFor").put("start", begin.toString());
    return root;
  }

  static String pem(String label, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), label);
  }

  static byte[] sign(PrivateKey key, byte[] message) {
    try {
      Signature engine = Signature.getInstance("SHA256withECDSA");
      engine.initSign(key);
      engine.update(message);
      return engine.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate rootCertificate() {
    try {
      X509v3CertificateBuilder builder =
          builder(
              new X500Name("CN=authority"), authority, begin, begin.plus(Duration.ofDays(3650)));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(1));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
      return issued(builder);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Name subject, KeyPair pair, Instant from, Instant until) {
    return new X509v3CertificateBuilder(
        new X500Name("CN=authority"),
        new BigInteger(
                HexFormat.of().formatHex(Digest.sha256(pair.getPublic().getEncoded()).bytes()), 16)
            .shiftRight(100),
        Date.from(from),
        Date.from(until),
        subject,
        SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
  }

  private X509Certificate issued(X509v3CertificateBuilder builder) throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(authority.getPrivate())));
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
