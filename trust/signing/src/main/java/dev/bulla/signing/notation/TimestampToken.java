package dev.bulla.signing.notation;

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
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.tsp.Accuracy;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.bc.BcECSignerInfoVerifierBuilder;
import org.bouncycastle.cms.bc.BcRSASignerInfoVerifierBuilder;
import org.bouncycastle.cms.DefaultCMSSignatureAlgorithmNameGenerator;
import org.bouncycastle.operator.DefaultDigestAlgorithmIdentifierFinder;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.tsp.TimeStampTokenInfo;

/**
 * A verified RFC 3161 timestamp over a signature (signature specification 1.1, "Timestamp"): the bare CMS token.
 *
 * @param earliest the stamp's time less its accuracy
 * @param latest the stamp's time plus its accuracy
 * @param authority the subject of the timestamp certificate
 */
record TimestampToken(Instant earliest, Instant latest, String authority) {
  private static final String TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
  private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
  private static final String ETSI_BASELINE = "0.4.0.2023.1.1";
  private static final int MAX_BYTES = 1024 * 1024;
  private static final int MAX_CHAIN = 8;

  /**
   * Checks a token completely: signature, signing certificate, what it stamps, and the path to one of {@code roots} at the
   * time of the stamp.
   *
   * @param stamped the signature's bytes, as the envelope holds them
   * @throws BullaException {@link ErrorCode#TIMESTAMP_INVALID}
   */
  static TimestampToken verify(byte[] token, byte[] stamped, List<X509Certificate> roots) {
    if (token.length > MAX_BYTES) {
      throw invalid("the token has more than " + MAX_BYTES + " bytes");
    }
    try {
      TimeStampToken read = new TimeStampToken(new CMSSignedData(token));
      TimeStampTokenInfo info = read.getTimeStampInfo();
      checkImprint(info, stamped);
      List<X509Certificate> embedded = certificates(read);
      X509Certificate signer = signer(read, embedded);
      checkSigner(read, signer);
      Instant time = info.getGenTime().toInstant();
      Duration accuracy = accuracy(info);
      checkPath(signer, embedded, roots, time);
      return new TimestampToken(
          time.minus(accuracy), time.plus(accuracy), signer.getSubjectX500Principal().getName());
    } catch (TSPException
        | CMSException
        | IOException
        | OperatorCreationException
        | IllegalArgumentException
        | IllegalStateException
        | ClassCastException
        | NullPointerException e) { // the last three: what the ASN.1 classes throw for odd structures
      throw new BullaException(
          ErrorCode.TIMESTAMP_INVALID, "the timestamp cannot be verified: " + e.getMessage(), e);
    }
  }

  private static void checkImprint(TimeStampTokenInfo info, byte[] stamped) {
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

  private static List<X509Certificate> certificates(TimeStampToken token) throws IOException {
    Collection<X509CertificateHolder> holders = token.getCertificates().getMatches(null);
    if (holders.size() > MAX_CHAIN) {
      throw invalid("the token carries %d certificates, at most %d are read".formatted(holders.size(), MAX_CHAIN));
    }
    List<X509Certificate> all = new ArrayList<>();
    for (X509CertificateHolder holder : holders) {
      all.add(Certificates.parse(holder.getEncoded(), "timestamp certificate"));
    }
    return all;
  }

  private static X509Certificate signer(TimeStampToken token, List<X509Certificate> embedded) {
    List<X509Certificate> fitting =
        embedded.stream()
            .filter(one -> one.getSerialNumber().equals(token.getSID().getSerialNumber()))
            .filter(
                one ->
                    token.getSID().getIssuer() != null
                        && Arrays.equals(
                            one.getIssuerX500Principal().getEncoded(), encoded(token)))
            .toList();
    if (fitting.size() != 1) {
      throw invalid("the token does not carry the certificate of its signer");
    }
    return fitting.getFirst();
  }

  private static byte[] encoded(TimeStampToken token) {
    try {
      return token.getSID().getIssuer().getEncoded();
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Signature, signing-certificate attribute (version 2 is demanded), validity and key usage. */
  private static void checkSigner(TimeStampToken token, X509Certificate signer)
      throws TSPException, OperatorCreationException, IOException {
    if (token.getSignedAttributes() == null
        || token.getSignedAttributes().get(PKCSObjectIdentifiers.id_aa_signingCertificateV2) == null) {
      throw invalid("the token has no signing-certificate-v2 attribute");
    }
    X509CertificateHolder holder = new X509CertificateHolder(Certificates.encoded(signer));
    DefaultCMSSignatureAlgorithmNameGenerator names = new DefaultCMSSignatureAlgorithmNameGenerator();
    DefaultSignatureAlgorithmIdentifierFinder algorithms = new DefaultSignatureAlgorithmIdentifierFinder();
    DefaultDigestAlgorithmIdentifierFinder digests = new DefaultDigestAlgorithmIdentifierFinder();
    BcDigestCalculatorProvider calculators = new BcDigestCalculatorProvider();
    SignerInformationVerifier verifier =
        signer.getPublicKey().getAlgorithm().equals("EC")
            ? new BcECSignerInfoVerifierBuilder(names, algorithms, digests, calculators).build(holder)
            : new BcRSASignerInfoVerifierBuilder(names, algorithms, digests, calculators).build(holder);
    token.validate(verifier);
    checkLeafRules(signer);
  }

  private static void checkLeafRules(X509Certificate signer) {
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

  /** From the signer upwards through the token's certificates to a trusted root, everything valid at {@code time}. */
  private static void checkPath(
      X509Certificate signer, List<X509Certificate> embedded, List<X509Certificate> roots, Instant time) {
    X509Certificate at = signer;
    for (int length = 0; length < MAX_CHAIN; length++) {
      checkValid(at, time);
      X509Certificate here = at;
      checkRevocation(here, roots);
      Optional<X509Certificate> root =
          roots.stream()
              .filter(one -> one.equals(here) || isAuthority(one, 0) && Certificates.isIssuedBy(here, one))
              .findFirst();
      if (root.isPresent()) {
        checkValid(root.get(), time);
        return;
      }
      Optional<X509Certificate> issuer =
          embedded.stream()
              .filter(one -> !one.equals(here) && isAuthority(one, 0) && Certificates.isIssuedBy(here, one))
              .findFirst();
      if (issuer.isEmpty()) {
        break;
      }
      at = issuer.get();
    }
    throw new BullaException(
        ErrorCode.SIGNER_NOT_TRUSTED,
        "the timestamp authority '%s' is not under a root of the trust policy's tsa stores"
            .formatted(signer.getSubjectX500Principal()));
  }

  /** For timestamp authorities revocation is always enforced, and here it cannot be asked yet. */
  private static void checkRevocation(X509Certificate certificate, List<X509Certificate> roots) {
    if (!roots.contains(certificate) && RevocationCheck.namesSource(certificate)) {
      throw new BullaException(
          ErrorCode.REVOCATION_UNKNOWN,
          "timestamp certificate '%s' names an OCSP responder or CRL, which are not supported yet"
              .formatted(certificate.getSubjectX500Principal()));
    }
  }

  private static boolean isAuthority(X509Certificate certificate, int beneath) {
    boolean[] usage = certificate.getKeyUsage();
    return certificate.getBasicConstraints() >= beneath && usage != null && usage.length > 5 && usage[5];
  }

  private static void checkValid(X509Certificate certificate, Instant time) {
    Date date = Date.from(time);
    if (date.before(certificate.getNotBefore()) || date.after(certificate.getNotAfter())) {
      throw invalid(
          "'%s' was not valid at the time of the stamp, %s"
              .formatted(certificate.getSubjectX500Principal(), time));
    }
  }

  private static Duration accuracy(TimeStampTokenInfo info) {
    Accuracy accuracy = info.toASN1Structure().getAccuracy();
    if (accuracy == null) {
      return ETSI_BASELINE.equals(info.getPolicy().getId()) ? Duration.ofSeconds(1) : Duration.ZERO;
    }
    return Duration.ofSeconds(number(accuracy.getSeconds()))
        .plusMillis(number(accuracy.getMillis()))
        .plusNanos(1000L * number(accuracy.getMicros()));
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
