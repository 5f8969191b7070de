package dev.bulla.server;

import dev.bulla.keys.Certificates;
import dev.bulla.keys.LocalSigner;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority whose certificates name a revocation list, and the lists that it makes. */
final class RevocableAuthority {
  private static final X500Name NAME = new X500Name("CN=authority,O=Bulla,ST=BW,C=DE");
  private static final X500Name BELOW = new X500Name("CN=release,O=Bulla,ST=BW,C=DE");
  private static final String POINT = "http://crl.example.test/list";
  private static final Duration MONTH = Duration.ofDays(30);

  private final KeyPair key = newKey();
  private final Instant now;
  private final X509Certificate root;
  private int serial = 1;

  RevocableAuthority(Instant now) {
    this.now = now;
    this.root = certificate(NAME, key.getPublic(), true);
  }

  /** The same key with a certificate of this authority. */
  LocalSigner certified(LocalSigner signer) {
    return signer.withChain(List.of(certificate(BELOW, signer.publicKey(), false), root));
  }

  String rootPem() {
    return new String(Certificates.pem(List.of(root)), StandardCharsets.US_ASCII);
  }

  /** A list, with or without all certificates that were made so far. */
  byte[] list(boolean revoked) {
    try {
      X509v2CRLBuilder builder = new X509v2CRLBuilder(NAME, Date.from(now.minusSeconds(60)));
      builder.setNextUpdate(Date.from(now.plus(MONTH)));
      for (int i = 2; revoked && i <= serial; i++) {
        builder.addCRLEntry(
            BigInteger.valueOf(i), Date.from(now.minusSeconds(60)), CRLReason.keyCompromise);
      }
      return builder.build(signer()).getEncoded();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate certificate(X500Name name, PublicKey of, boolean authority) {
    try {
      X509v3CertificateBuilder builder =
          new X509v3CertificateBuilder(
              NAME,
              BigInteger.valueOf(authority ? 1 : ++serial),
              Date.from(now.minus(MONTH)),
              Date.from(now.plus(MONTH.multipliedBy(10))),
              name,
              SubjectPublicKeyInfo.getInstance(of.getEncoded()));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(
              authority ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
      if (!authority) {
        builder.addExtension(
            Extension.extendedKeyUsage,
            false,
            new ExtendedKeyUsage(KeyPurposeId.id_kp_codeSigning));
        builder.addExtension(Extension.cRLDistributionPoints, false, point());
      }
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer()));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static ASN1Encodable point() {
    GeneralNames names =
        new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, POINT));
    return new CRLDistPoint(
        new DistributionPoint[] {
          new DistributionPoint(new DistributionPointName(names), null, null)
        });
  }

  private ContentSigner signer() throws Exception {
    return new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate());
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
}
