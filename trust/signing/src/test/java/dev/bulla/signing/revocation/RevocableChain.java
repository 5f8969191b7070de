package dev.bulla.signing.revocation;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An authority, a certificate that names a responder and a list, and everything that can be said
 * about it.
 */
final class RevocableChain {
  static final String RESPONDER = "http://ocsp.example.test";
  static final String POINT = "http://crl.example.test/list";
  static final String CHANGES = "http://crl.example.test/changes";
  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  static final Duration DAY = Duration.ofDays(1);

  private static final X500Name NAME = new X500Name("CN=authority");
  private static final RevocableChain SHARED = new RevocableChain();

  private final KeyPair authority = newKey();
  private final KeyPair responder = newKey();
  private final X509Certificate root = certificate(authority, Optional.empty());
  private final X509Certificate leaf = certificate(newKey(), Optional.of(false));
  private final X509CertificateHolder appointed = holder(certificate(responder, Optional.of(true)));
  private final X509CertificateHolder notAppointed =
      holder(certificate(responder, Optional.of(false)));

  static RevocableChain shared() {
    return SHARED;
  }

  X509Certificate root() {
    return root;
  }

  X509Certificate leaf() {
    return leaf;
  }

  /** What a list holds. */
  record Contents(
      Instant from,
      Instant until,
      int reason,
      Optional<Instant> invalidity,
      int number,
      int delta,
      boolean refers,
      boolean indirect) {
    static Contents empty() {
      return new Contents(NOW.minus(DAY), NOW.plus(DAY), -1, Optional.empty(), 7, 0, false, false);
    }

    static Contents revoked() {
      return empty().because(CRLReason.keyCompromise);
    }

    Contents because(int why) {
      return new Contents(from, until, why, invalidity, number, delta, refers, indirect);
    }

    Contents until(Instant end) {
      return new Contents(from, end, reason, invalidity, number, delta, refers, indirect);
    }

    Contents invalidSince(Instant time) {
      return new Contents(from, until, reason, Optional.of(time), number, delta, refers, indirect);
    }

    Contents changesOf(int base, int own) {
      return new Contents(from, until, reason, invalidity, own, base, false, indirect);
    }

    Contents referringToChanges() {
      return new Contents(from, until, reason, invalidity, number, delta, true, indirect);
    }

    Contents forManyIssuers() {
      return new Contents(from, until, reason, invalidity, number, delta, refers, true);
    }
  }

  byte[] list(Contents contents) {
    try {
      X509v2CRLBuilder builder = new X509v2CRLBuilder(NAME, Date.from(contents.from));
      builder.setNextUpdate(Date.from(contents.until));
      builder.addExtension(Extension.cRLNumber, false, new ASN1Integer(contents.number));
      if (contents.delta > 0) {
        builder.addExtension(Extension.deltaCRLIndicator, true, new ASN1Integer(contents.delta));
      }
      if (contents.refers) {
        builder.addExtension(Extension.freshestCRL, false, points(CHANGES));
      }
      if (contents.indirect) {
        builder.addExtension(
            Extension.issuingDistributionPoint,
            true,
            new IssuingDistributionPoint(null, false, false, null, true, false));
      }
      if (contents.reason >= 0) {
        if (contents.invalidity.isPresent()) {
          builder.addCRLEntry(
              leaf.getSerialNumber(),
              Date.from(NOW.minus(DAY)),
              contents.reason,
              Date.from(contents.invalidity.get()));
        } else {
          builder.addCRLEntry(leaf.getSerialNumber(), Date.from(NOW.minus(DAY)), contents.reason);
        }
      }
      return builder.build(signer(authority)).getEncoded();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Who signs a response. */
  enum By {
    AUTHORITY,
    APPOINTED,
    NOT_APPOINTED
  }

  byte[] response(CertificateStatus status, Instant until, By by) {
    return response(status, until, by, leaf.getSerialNumber(), Optional.empty());
  }

  byte[] response(
      CertificateStatus status,
      Instant until,
      By by,
      BigInteger serial,
      Optional<Instant> invalidity) {
    try {
      BasicOCSPRespBuilder builder = new BasicOCSPRespBuilder(new RespID(NAME));
      Extensions extensions =
          invalidity.isEmpty()
              ? null
              : new Extensions(
                  new Extension(
                      new ASN1ObjectIdentifier("2.5.29.24"),
                      false,
                      new ASN1GeneralizedTime(Date.from(invalidity.get())).getEncoded()));
      builder.addResponse(
          new CertificateID(
              new BcDigestCalculatorProvider().get(CertificateID.HASH_SHA1), holder(root), serial),
          status,
          Date.from(NOW.minus(DAY)),
          Date.from(until),
          extensions);
      X509CertificateHolder[] carried =
          switch (by) {
            case AUTHORITY -> new X509CertificateHolder[0];
            case APPOINTED -> new X509CertificateHolder[] {appointed};
            case NOT_APPOINTED -> new X509CertificateHolder[] {notAppointed};
          };
      return new OCSPRespBuilder()
          .build(
              OCSPRespBuilder.SUCCESSFUL,
              builder.build(
                  signer(by == By.AUTHORITY ? authority : responder), carried, Date.from(NOW)))
          .getEncoded();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The root; or a certificate below it, for OCSP signing or for code signing. */
  private X509Certificate certificate(KeyPair pair, Optional<Boolean> forOcsp) {
    try {
      X509v3CertificateBuilder builder =
          new X509v3CertificateBuilder(
              NAME,
              new BigInteger(64, new java.security.SecureRandom()),
              Date.from(NOW.minus(DAY.multipliedBy(30))),
              Date.from(NOW.plus(DAY.multipliedBy(300))),
              forOcsp.isEmpty() ? NAME : new X500Name("CN=below"),
              SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
      if (forOcsp.isEmpty()) {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(
            Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      } else {
        builder.addExtension(
            Extension.extendedKeyUsage,
            false,
            new ExtendedKeyUsage(
                forOcsp.get() ? KeyPurposeId.id_kp_OCSPSigning : KeyPurposeId.id_kp_codeSigning));
        builder.addExtension(
            Extension.authorityInfoAccess,
            false,
            new AuthorityInformationAccess(
                AccessDescription.id_ad_ocsp,
                new GeneralName(GeneralName.uniformResourceIdentifier, RESPONDER)));
        builder.addExtension(Extension.cRLDistributionPoints, false, points(POINT));
      }
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer(authority)));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static CRLDistPoint points(String url) {
    GeneralNames names =
        new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, url));
    return new CRLDistPoint(
        new DistributionPoint[] {
          new DistributionPoint(new DistributionPointName(names), null, null)
        });
  }

  private static ContentSigner signer(KeyPair pair) throws Exception {
    return new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
  }

  private static X509CertificateHolder holder(X509Certificate certificate) {
    try {
      return new JcaX509CertificateHolder(certificate);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
