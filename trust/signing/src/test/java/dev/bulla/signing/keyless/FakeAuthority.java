package dev.bulla.signing.keyless;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.PublicKeyVerifier;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.RDN;
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
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Fulcio's part of {@link FakeSigstore}, with the certificate log that promises to publish. */
final class FakeAuthority {
  private static final X500Name NAME = new X500Name("CN=authority");
  private static final Duration LIFE = Duration.ofMinutes(10);

  private final KeyPair key = FakeLogs.keys("EC");
  private final KeyPair log = FakeLogs.keys("EC");
  private final KeyPair stranger = FakeLogs.keys("EC");
  private final X509Certificate root = makeRoot();

  X509Certificate root() {
    return root;
  }

  byte[] logKey() {
    return log.getPublic().getEncoded();
  }

  /** The chain in PEM, after the proof of possession was checked. */
  List<String> certify(ObjectNode request, FakeSigstore.Fault fault) throws Exception {
    JsonNode wanted = request.get("publicKeyRequest");
    byte[] pem =
        wanted.get("publicKey").get("content").stringValue().getBytes(StandardCharsets.US_ASCII);
    PublicKeyVerifier shown = PublicKeyVerifier.ofPem(pem, "key");
    String token = request.get("credentials").get("oidcIdentityToken").stringValue();
    ObjectNode claims =
        Json.parseObject(Base64.getUrlDecoder().decode(token.split("\\.")[1]), "claims");
    String email = claims.get("email").stringValue();
    Signature proof = Signature.getInstance("SHA256withECDSA");
    proof.initVerify(shown.publicKey());
    proof.update(email.getBytes(StandardCharsets.UTF_8));
    if (!proof.verify(Base64.getDecoder().decode(wanted.get("proofOfPossession").stringValue()))) {
      throw new IllegalStateException("the proof of possession does not verify");
    }
    byte[] certified =
        fault == FakeSigstore.Fault.OTHER_KEY
            ? stranger.getPublic().getEncoded()
            : shown.subjectPublicKeyInfo();
    X509Certificate leaf = leaf(certified, email, claims, fault);
    return List.of(
        new String(Certificates.pem(List.of(leaf)), StandardCharsets.US_ASCII),
        new String(Certificates.pem(List.of(root)), StandardCharsets.US_ASCII));
  }

  private X509Certificate leaf(
      byte[] spki, String email, ObjectNode claims, FakeSigstore.Fault fault) throws Exception {
    boolean old = fault == FakeSigstore.Fault.EXPIRED_CERTIFICATE;
    Instant from = old ? FakeSigstore.NOW.minus(Duration.ofHours(1)) : FakeSigstore.NOW;
    X509v3CertificateBuilder builder =
        new X509v3CertificateBuilder(
            NAME,
            BigInteger.TWO,
            Date.from(from),
            Date.from(from.plus(LIFE)),
            new X500Name(new RDN[0]),
            SubjectPublicKeyInfo.getInstance(spki));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(
        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_codeSigning));
    String who = fault == FakeSigstore.Fault.OTHER_IDENTITY ? "mallory@example.test" : email;
    builder.addExtension(
        Extension.subjectAlternativeName,
        true,
        new GeneralNames(new GeneralName(GeneralName.rfc822Name, who)));
    boolean otherIssuer = fault == FakeSigstore.Fault.OTHER_ISSUER;
    text(builder, 8, otherIssuer ? "https://other.test" : claims.get("iss").stringValue());
    boolean otherSubject = fault == FakeSigstore.Fault.OTHER_TOKEN_SUBJECT;
    text(builder, 24, otherSubject ? "b2" : claims.get("sub").stringValue());
    if (fault != FakeSigstore.Fault.DETACHED_PROMISE) {
      KeyPair by = fault == FakeSigstore.Fault.OTHER_CERTIFICATE_LOG ? stranger : log;
      byte[] before = builder.build(signer()).toASN1Structure().getTBSCertificate().getEncoded();
      builder.addExtension(
          new ASN1ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), false, promise(before, by));
    }
    return new JcaX509CertificateConverter().getCertificate(builder.build(signer()));
  }

  private static void text(X509v3CertificateBuilder builder, int number, String value)
      throws java.io.IOException {
    builder.addExtension(
        new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1." + number), false, new DERUTF8String(value));
  }

  /** The list with one signed certificate timestamp (RFC 6962 section 3.2). */
  private DEROctetString promise(byte[] before, KeyPair by) {
    byte[] issuer = Digest.sha256(key.getPublic().getEncoded()).bytes();
    long millis = FakeSigstore.NOW.toEpochMilli();
    ByteBuffer signed = ByteBuffer.allocate(12 + 32 + 3 + before.length + 2);
    signed.put((byte) 0).put((byte) 0).putLong(millis).putShort((short) 1).put(issuer);
    signed.put((byte) (before.length >> 16)).putShort((short) before.length).put(before);
    signed.putShort((short) 0);
    byte[] signature = FakeLogs.sign(by, "SHA256withECDSA", signed.array());
    byte[] id = Digest.sha256(by.getPublic().getEncoded()).bytes();
    int length = 1 + 32 + 8 + 2 + 2 + 2 + signature.length;
    ByteBuffer list = ByteBuffer.allocate(4 + length);
    list.putShort((short) (2 + length)).putShort((short) length);
    list.put((byte) 0).put(id).putLong(millis).putShort((short) 0);
    list.put((byte) 4).put((byte) 3).putShort((short) signature.length).put(signature);
    return new DEROctetString(list.array());
  }

  private ContentSigner signer() throws Exception {
    return new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate());
  }

  private X509Certificate makeRoot() {
    try {
      Instant from = Instant.parse("2026-01-01T00:00:00Z");
      X509v3CertificateBuilder builder =
          new X509v3CertificateBuilder(
              NAME,
              BigInteger.ONE,
              Date.from(from),
              Date.from(from.plus(Duration.ofDays(3650))),
              NAME,
              SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer()));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
