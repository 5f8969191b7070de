package dev.bulla.signing.notation;

import dev.bulla.core.Digest;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.LocalSigner;
import dev.bulla.keys.PasswordSource;
import dev.bulla.signing.timestamp.TimestampSource;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;

/** A root with signers for every algorithm of Notation, and a timestamp authority. */
public final class NotaryCertificates {
  private static final X500Name ROOT = new X500Name("C=ZZ,ST=Local,O=Bulla,CN=root");
  private static final SecureRandom RANDOM = new SecureRandom();

  private final KeyPair rootKey = keys("EC", 256);
  private final KeyPair stamperKey = keys("EC", 256);
  private final Instant from;
  private final Instant until;
  private final X509Certificate root;
  private final X509Certificate stamper;

  /**
   * Signers are valid from {@code from} to {@code until}; the root and the timestamp authority ten
   * times longer.
   */
  public NotaryCertificates(Instant from, Instant until) {
    this.from = from;
    this.until = until;
    this.root = certificate(ROOT, rootKey, true, null, 10);
    this.stamper =
        certificate(
            new X500Name("C=ZZ,ST=Local,O=Bulla,CN=time"),
            stamperKey,
            false,
            KeyPurposeId.id_kp_timeStamping,
            10);
  }

  public X509Certificate root() {
    return root;
  }

  public LocalSigner signer(String algorithm, int bits) {
    KeyPair pair = keys(algorithm, bits);
    X509Certificate leaf =
        certificate(
            new X500Name("C=ZZ,ST=Local,O=Bulla,CN=signer"),
            pair,
            false,
            KeyPurposeId.id_kp_codeSigning,
            1);
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    return KeyFiles.signer(pem.getBytes(StandardCharsets.US_ASCII), PasswordSource.none(), "key")
        .withChain(List.of(leaf, root));
  }

  /** Stamps whatever it is asked to, at {@code time}. */
  public TimestampSource stamping(Instant time) {
    return (signature, algorithm) -> {
      TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
      generator.setCertReq(true);
      ASN1ObjectIdentifier hash =
          switch (algorithm) {
            case SHA256 -> NISTObjectIdentifiers.id_sha256;
            case SHA384 -> NISTObjectIdentifiers.id_sha384;
            case SHA512 -> NISTObjectIdentifiers.id_sha512;
          };
      try {
        byte[] answer =
            respond(generator.generate(hash, Digest.of(algorithm, signature).bytes()), time);
        return new org.bouncycastle.tsp.TimeStampResponse(answer).getTimeStampToken().getEncoded();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    };
  }

  /** The authority's answer to a request. */
  public byte[] respond(TimeStampRequest request, Instant time) {
    try {
      TimeStampTokenGenerator tokens =
          new TimeStampTokenGenerator(
              new JcaSignerInfoGeneratorBuilder(new BcDigestCalculatorProvider())
                  .build(
                      new JcaContentSignerBuilder("SHA256withECDSA").build(stamperKey.getPrivate()),
                      stamper),
              new BcDigestCalculatorProvider()
                  .get(new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256)),
              new ASN1ObjectIdentifier("1.2.3.4"));
      tokens.addCertificates(new JcaCertStore(List.of(stamper)));
      return new TimeStampResponseGenerator(tokens, TSPAlgorithms.ALLOWED)
          .generate(request, BigInteger.ONE, Date.from(time))
          .getEncoded();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate certificate(
      X500Name subject,
      KeyPair pair,
      boolean authority,
      @org.jspecify.annotations.Nullable KeyPurposeId purpose,
      int lives) {
    try {
      Instant end = from.plus(java.time.Duration.between(from, until).multipliedBy(lives));
      X509v3CertificateBuilder builder =
          new X509v3CertificateBuilder(
              ROOT,
              new BigInteger(64, RANDOM),
              Date.from(from),
              Date.from(end),
              subject,
              SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
      builder.addExtension(
          Extension.basicConstraints,
          true,
          authority ? new BasicConstraints(0) : new BasicConstraints(false));
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(authority ? KeyUsage.keyCertSign : KeyUsage.digitalSignature));
      if (purpose != null) {
        builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(purpose));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(rootKey.getPrivate())));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair keys(String algorithm, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
