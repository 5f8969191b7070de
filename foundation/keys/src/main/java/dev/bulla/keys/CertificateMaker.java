package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;

/**
 * Makes the certificates of {@link LocalTls}, and the two of a {@link SigningIdentity} after the
 * Notary Project's certificate requirements (signature specification 1.1, "Certificate
 * Requirements"): a root that may certify leaves only, and a leaf for code signing.
 */
final class CertificateMaker {
  private static final Duration SKEW = Duration.ofMinutes(5);
  private static final Duration ROOT_LIFE = Duration.ofDays(3652);
  private static final Duration LEAF_LIFE = Duration.ofDays(1096);
  private static final Duration TLS_LEAF_LIFE = Duration.ofDays(397);

  private final Instant from;
  private final SecureRandom random;

  CertificateMaker(Instant now, SecureRandom random) {
    this.from = now.minus(SKEW);
    this.random = random;
  }

  X509Certificate root(KeyPair pair, String name) {
    X500Name subject = name(name);
    X509v3CertificateBuilder builder = builder(subject, subject, pair.getPublic(), ROOT_LIFE);
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(Extension.subjectKeyIdentifier, false, keyIdentifier(pair.getPublic()));
      return sign(builder, pair);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  X509Certificate codeSigning(
      PublicKey key, KeyPair issuerPair, X509Certificate issuer, String name) {
    X500Name issuerName = X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded());
    X509v3CertificateBuilder builder = builder(issuerName, name(name), key, LEAF_LIFE);
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_codeSigning));
      builder.addExtension(Extension.subjectKeyIdentifier, false, keyIdentifier(key));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new AuthorityKeyIdentifier(keyIdentifier(issuerPair.getPublic()).getKeyIdentifier()));
      return sign(builder, issuerPair);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** A root that may certify servers of this machine and nothing else. */
  X509Certificate tlsAuthority(KeyPair pair) {
    X500Name subject = name("Bulla local TLS");
    X509v3CertificateBuilder builder = builder(subject, subject, pair.getPublic(), ROOT_LIFE);
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
      builder.addExtension(Extension.nameConstraints, true, loopbackOnly());
      builder.addExtension(Extension.subjectKeyIdentifier, false, keyIdentifier(pair.getPublic()));
      return sign(builder, pair);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** The certificate of a server at localhost, 127.0.0.1 and ::1. */
  X509Certificate tlsServer(PublicKey key, KeyPair issuerPair, X509Certificate issuer) {
    X500Name issuerName = X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded());
    X509v3CertificateBuilder builder =
        builder(issuerName, name("Bulla server"), key, TLS_LEAF_LIFE);
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
      builder.addExtension(Extension.subjectAlternativeName, false, loopbackNames());
      builder.addExtension(Extension.subjectKeyIdentifier, false, keyIdentifier(key));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new AuthorityKeyIdentifier(keyIdentifier(issuerPair.getPublic()).getKeyIdentifier()));
      return sign(builder, issuerPair);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static GeneralNames loopbackNames() {
    return new GeneralNames(
        new GeneralName[] {
          new GeneralName(GeneralName.dNSName, "localhost"),
          new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
          new GeneralName(GeneralName.iPAddress, "::1")
        });
  }

  private static NameConstraints loopbackOnly() {
    return new NameConstraints(
        new GeneralSubtree[] {
          new GeneralSubtree(new GeneralName(GeneralName.dNSName, "localhost")),
          new GeneralSubtree(new GeneralName(GeneralName.iPAddress, "127.0.0.0/8")),
          new GeneralSubtree(new GeneralName(GeneralName.iPAddress, "::1/128"))
        },
        null);
  }

  private X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, PublicKey key, Duration life) {
    // 159 random bits: positive, not zero, at most 20 bytes (RFC 5280 section 4.1.2.2)
    BigInteger serial = new BigInteger(159, random).setBit(158);
    return new X509v3CertificateBuilder(
        issuer,
        serial,
        Date.from(from),
        Date.from(from.plus(life)),
        subject,
        SubjectPublicKeyInfo.getInstance(PublicKeyVerifier.encoded(key)));
  }

  /**
   * C, ST and O must be there, or a Notation trust policy cannot name the signer; ZZ is no
   * country's code.
   */
  private static X500Name name(String commonName) {
    return new X500NameBuilder(BCStyle.INSTANCE)
        .addRDN(BCStyle.C, "ZZ")
        .addRDN(BCStyle.ST, "Local")
        .addRDN(BCStyle.O, "Bulla")
        .addRDN(BCStyle.CN, commonName)
        .build();
  }

  private static SubjectKeyIdentifier keyIdentifier(PublicKey key) {
    byte[] hash = dev.bulla.core.Digest.sha256(PublicKeyVerifier.encoded(key)).bytes();
    return new SubjectKeyIdentifier(java.util.Arrays.copyOf(hash, 20));
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair issuer)
      throws IOException {
    LocalSigner signer =
        new LocalSigner(issuer.getPrivate(), PublicKeyVerifier.of(issuer.getPublic()), List.of());
    return Certificates.parse(
        builder.build(new EcdsaContentSigner(signer)).getEncoded(), "new certificate");
  }

  private static BullaException failed(IOException e) {
    return new BullaException(
        ErrorCode.INTERNAL, "making a certificate failed: " + e.getMessage(), e);
  }

  /** Bouncy Castle's view of our signer: ECDSA with SHA-256, no provider. */
  private static final class EcdsaContentSigner implements ContentSigner {
    private static final ASN1ObjectIdentifier OID = X9ObjectIdentifiers.ecdsa_with_SHA256;
    private final LocalSigner signer;
    private final ByteArrayOutputStream toBeSigned = new ByteArrayOutputStream();

    EcdsaContentSigner(LocalSigner signer) {
      this.signer = signer;
    }

    @Override
    public AlgorithmIdentifier getAlgorithmIdentifier() {
      return new AlgorithmIdentifier(OID);
    }

    @Override
    public OutputStream getOutputStream() {
      return toBeSigned;
    }

    @Override
    public byte[] getSignature() {
      return signer.sign(SignatureAlgorithm.ECDSA_P256_SHA256, toBeSigned.toByteArray());
    }
  }
}
