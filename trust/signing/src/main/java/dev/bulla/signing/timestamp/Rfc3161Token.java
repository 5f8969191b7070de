package dev.bulla.signing.timestamp;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.Certificates;
import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.tsp.Accuracy;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.DefaultCMSSignatureAlgorithmNameGenerator;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.bc.BcECSignerInfoVerifierBuilder;
import org.bouncycastle.cms.bc.BcRSASignerInfoVerifierBuilder;
import org.bouncycastle.operator.DefaultDigestAlgorithmIdentifierFinder;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.tsp.TimeStampTokenInfo;

/**
 * An RFC 3161 timestamp token: what it stamps, when, and who signed it. Which certificates are
 * believed is the business of the formats: the Notary Project asks trust stores, Sigstore a trusted
 * root.
 *
 * <p>Every failure of this class is {@link ErrorCode#TIMESTAMP_INVALID}.
 */
public final class Rfc3161Token {
  /** No token of an honest authority comes near this, in bytes. */
  public static final int MAX_BYTES = 1024 * 1024;

  /** Certificates of a token or path that are looked at. */
  public static final int MAX_CHAIN = 8;

  private static final String TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
  private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
  private static final String ETSI_BASELINE = "0.4.0.2023.1.1";

  private final TimeStampToken token;
  private final List<X509Certificate> embedded;

  private Rfc3161Token(TimeStampToken token, List<X509Certificate> embedded) {
    this.token = token;
    this.embedded = List.copyOf(embedded);
  }

  /** A step of Bouncy Castle's, which throws many kinds of exceptions for odd structures. */
  private interface Step<T> {
    T run() throws TSPException, CMSException, IOException, OperatorCreationException;
  }

  /** The bare CMS token, as the Notary Project stores it. */
  public static Rfc3161Token parse(byte[] token) {
    checkSize(token);
    return reading(() -> of(new TimeStampToken(new CMSSignedData(token))));
  }

  /**
   * The whole answer of an authority, as Sigstore stores it; its status must say that the stamp was
   * granted.
   */
  public static Rfc3161Token parseResponse(byte[] response) {
    checkSize(response);
    return reading(() -> {
      TimeStampResponse read = new TimeStampResponse(response);
      if (read.getStatus() != 0 && read.getStatus() != 1 || read.getTimeStampToken() == null) {
        throw invalid("the authority's answer has status " + read.getStatus() + " and no stamp");
      }
      return of(read.getTimeStampToken());
    });
  }

  private static Rfc3161Token of(TimeStampToken token) throws IOException {
    Collection<X509CertificateHolder> holders = token.getCertificates().getMatches(null);
    if (holders.size() > MAX_CHAIN) {
      throw invalid(
          "the token carries %d certificates, at most %d are read"
              .formatted(holders.size(), MAX_CHAIN));
    }
    List<X509Certificate> all = new ArrayList<>();
    for (X509CertificateHolder holder : holders) {
      all.add(Certificates.parse(holder.getEncoded(), "timestamp certificate"));
    }
    return new Rfc3161Token(token, all);
  }

  /** The certificates that the token carries; nothing is known of them. */
  public List<X509Certificate> embedded() {
    return embedded;
  }

  /** When the authority made the stamp; believed only after {@link #checkSignedBy}. */
  public Instant time() {
    return token.getTimeStampInfo().getGenTime().toInstant();
  }

  /**
   * How far the time may be off: as stated, or one second under the ETSI baseline policy, or
   * nothing.
   */
  public Duration accuracy() {
    return reading(this::statedAccuracy);
  }

  private Duration statedAccuracy() {
    TimeStampTokenInfo info = token.getTimeStampInfo();
    Accuracy accuracy = info.toASN1Structure().getAccuracy();
    if (accuracy == null) {
      return ETSI_BASELINE.equals(info.getPolicy().getId()) ? Duration.ofSeconds(1) : Duration.ZERO;
    }
    return Duration.ofSeconds(number(accuracy.getSeconds()))
        .plusMillis(number(accuracy.getMillis()))
        .plusNanos(1000L * number(accuracy.getMicros()));
  }

  /**
   * Whether {@code certificate} has the issuer and serial number that the token names as its
   * signer.
   */
  public boolean names(X509Certificate certificate) {
    return reading(() ->
        token.getSID().getIssuer() != null
            && certificate.getSerialNumber().equals(token.getSID().getSerialNumber())
            && Arrays.equals(
                certificate.getIssuerX500Principal().getEncoded(),
                token.getSID().getIssuer().getEncoded()));
  }

  /** Checks that the stamp is over {@code stamped}, by SHA-256, SHA-384 or SHA-512. */
  public void checkOver(byte[] stamped) {
    TimeStampTokenInfo info = token.getTimeStampInfo();
    String oid = info.getMessageImprintAlgOID().getId();
    Digest.Algorithm algorithm;
    if (oid.equals(NISTObjectIdentifiers.id_sha256.getId())) {
      algorithm = Digest.Algorithm.SHA256;
    } else if (oid.equals(NISTObjectIdentifiers.id_sha384.getId())) {
      algorithm = Digest.Algorithm.SHA384;
    } else if (oid.equals(NISTObjectIdentifiers.id_sha512.getId())) {
      algorithm = Digest.Algorithm.SHA512;
    } else {
      throw invalid("the stamp is over a hash that is not SHA-256, SHA-384 or SHA-512: " + oid);
    }
    if (!Arrays.equals(Digest.of(algorithm, stamped).bytes(), info.getMessageImprintDigest())) {
      throw invalid("the stamp is over another signature");
    }
  }

  /**
   * Checks the token's signature by {@code signer}, that its signing-certificate attribute (version
   * 2 is demanded) means this certificate, that it was valid at the time, and that it is for
   * timestamps only.
   */
  public void checkSignedBy(X509Certificate signer) {
    reading(() -> {
      if (token.getSignedAttributes() == null
          || token.getSignedAttributes().get(PKCSObjectIdentifiers.id_aa_signingCertificateV2)
              == null) {
        throw invalid("the token has no signing-certificate-v2 attribute");
      }
      token.validate(verifier(signer));
      return signer;
    });
    checkPurpose(signer);
  }

  private static SignerInformationVerifier verifier(X509Certificate signer)
      throws OperatorCreationException, IOException {
    X509CertificateHolder holder = new X509CertificateHolder(Certificates.encoded(signer));
    DefaultCMSSignatureAlgorithmNameGenerator names =
        new DefaultCMSSignatureAlgorithmNameGenerator();
    DefaultSignatureAlgorithmIdentifierFinder algorithms =
        new DefaultSignatureAlgorithmIdentifierFinder();
    DefaultDigestAlgorithmIdentifierFinder digests = new DefaultDigestAlgorithmIdentifierFinder();
    BcDigestCalculatorProvider calculators = new BcDigestCalculatorProvider();
    return signer.getPublicKey().getAlgorithm().equals("EC")
        ? new BcECSignerInfoVerifierBuilder(names, algorithms, digests, calculators).build(holder)
        : new BcRSASignerInfoVerifierBuilder(names, algorithms, digests, calculators).build(holder);
  }

  private static void checkPurpose(X509Certificate signer) {
    try {
      List<String> purposes = signer.getExtendedKeyUsage();
      Set<String> critical = signer.getCriticalExtensionOIDs();
      boolean[] usage = signer.getKeyUsage();
      if (signer.getBasicConstraints() >= 0
          || purposes == null
          || !purposes.equals(List.of(TIME_STAMPING))
          || critical == null
          || !critical.contains(EXTENDED_KEY_USAGE)
          || usage == null
          || !usage[0]) {
        throw invalid("the timestamp certificate is not one for timestamps only");
      }
    } catch (CertificateParsingException e) {
      throw invalid("the timestamp certificate has an unreadable extended key usage");
    }
  }

  private static <T> T reading(Step<T> step) {
    try {
      return step.run();
    } catch (BullaException e) {
      throw e;
    } catch (TSPException
        | CMSException
        | IOException
        | OperatorCreationException
        | RuntimeException e) { // Bouncy Castle throws many kinds for odd structures
      throw new BullaException(
          ErrorCode.TIMESTAMP_INVALID, "the timestamp cannot be verified: " + e.getMessage(), e);
    }
  }

  private static void checkSize(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw invalid("the token has more than " + MAX_BYTES + " bytes");
    }
  }

  private static int number(@org.jspecify.annotations.Nullable ASN1Integer value) {
    if (value == null) {
      return 0;
    }
    BigInteger number = value.getValue();
    if (number.signum() < 0 || number.bitLength() > 31) {
      throw invalid("the stamp's accuracy is out of range");
    }
    return number.intValue();
  }

  private static BullaException invalid(String why) {
    return new BullaException(ErrorCode.TIMESTAMP_INVALID, "timestamp: " + why);
  }
}
