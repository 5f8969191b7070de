package dev.bulla.signing.revocation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.Certificates;
import java.io.IOException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

/**
 * The question about one certificate to an OCSP responder (RFC 6960), and the reading of answers.
 *
 * <p>An answer is signed by the certificate's issuer, or by somebody to whom the issuer gave a
 * certificate for just that. The question names the certificate by SHA-1, as responders expect;
 * that hash protects nothing.
 */
final class OcspQuestion {
  private static final String OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
  private static final ASN1ObjectIdentifier INVALIDITY = new ASN1ObjectIdentifier("2.5.29.24");
  private static final int MAX_BYTES = 20 * 1024;
  private static final int MAX_CERTIFICATES = 8;

  private final X509Certificate certificate;
  private final X509Certificate issuer;

  OcspQuestion(X509Certificate certificate, X509Certificate issuer) {
    this.certificate = certificate;
    this.issuer = issuer;
  }

  /** The DER request. */
  byte[] request() {
    try {
      DigestCalculatorProvider digests = new BcDigestCalculatorProvider();
      return new OCSPReqBuilder()
          .addRequest(
              new CertificateID(
                  digests.get(CertificateID.HASH_SHA1),
                  holder(issuer),
                  certificate.getSerialNumber()))
          .build()
          .getEncoded();
    } catch (IOException | OCSPException | OperatorCreationException e) {
      throw new BullaException(
          ErrorCode.INTERNAL, "an OCSP request cannot be made: " + e.getMessage(), e);
    }
  }

  static boolean isResponse(byte[] der) {
    try {
      return der.length <= MAX_BYTES && new OCSPResp(der).getResponseObject() != null;
    } catch (IOException | OCSPException | RuntimeException e) { // as below
      return false;
    }
  }

  /**
   * What {@code response} says; empty if it is about other certificates.
   *
   * @throws BullaException {@link ErrorCode#REVOCATION_UNKNOWN} if it decides nothing
   */
  Optional<RevocationState> answer(byte[] response, Instant now, Optional<Instant> signed) {
    if (response.length > MAX_BYTES) {
      throw RevocationList.invalid("the OCSP response has more than " + MAX_BYTES + " bytes");
    }
    try {
      OCSPResp read = new OCSPResp(response);
      if (read.getStatus() != OCSPResp.SUCCESSFUL
          || !(read.getResponseObject() instanceof BasicOCSPResp basic)) {
        throw RevocationList.invalid("the OCSP responder answers with status " + read.getStatus());
      }
      for (SingleResp one : basic.getResponses()) {
        if (isAboutThis(one.getCertID())) {
          checkSignature(basic, now);
          checkFresh(one, now);
          return Optional.of(state(one, signed));
        }
      }
      return Optional.empty();
    } catch (BullaException e) {
      throw e;
    } catch (IOException
        | OCSPException
        | OperatorCreationException
        | RuntimeException e) { // Bouncy Castle throws many kinds for odd structures
      throw RevocationList.invalid("the OCSP response cannot be read: " + e.getMessage());
    }
  }

  private boolean isAboutThis(CertificateID id) throws OCSPException, IOException {
    return id.getSerialNumber().equals(certificate.getSerialNumber())
        && id.matchesIssuer(holder(issuer), new BcDigestCalculatorProvider());
  }

  private void checkSignature(BasicOCSPResp response, Instant now)
      throws IOException, OCSPException, OperatorCreationException {
    if (!Algorithms.ACCEPTED.contains(response.getSignatureAlgOID().getId())) {
      throw RevocationList.invalid("the OCSP response is signed with a weak or unknown algorithm");
    }
    List<X509Certificate> signers = new ArrayList<>(List.of(issuer));
    for (X509CertificateHolder holder : response.getCerts()) {
      if (signers.size() > MAX_CERTIFICATES) {
        throw RevocationList.invalid("the OCSP response carries too many certificates");
      }
      X509Certificate carried = Certificates.parse(holder.getEncoded(), "OCSP responder");
      if (isAppointed(carried, now)) {
        signers.add(carried);
      }
    }
    for (X509Certificate signer : signers) {
      if (response.isSignatureValid(
          new JcaContentVerifierProviderBuilder().build(signer.getPublicKey()))) {
        return;
      }
    }
    throw RevocationList.invalid(
        "the OCSP response is not signed by '%s' or a responder of its"
            .formatted(issuer.getSubjectX500Principal()));
  }

  private boolean isAppointed(X509Certificate carried, Instant now) {
    try {
      Date date = Date.from(now);
      return carried.getExtendedKeyUsage() != null
          && carried.getExtendedKeyUsage().contains(OCSP_SIGNING)
          && !date.before(carried.getNotBefore())
          && !date.after(carried.getNotAfter())
          && Certificates.isIssuedBy(carried, issuer);
    } catch (CertificateParsingException e) {
      return false;
    }
  }

  private static void checkFresh(SingleResp one, Instant now) {
    if (one.getNextUpdate() == null
        || one.getThisUpdate().toInstant().isAfter(now)
        || !one.getNextUpdate().toInstant().isAfter(now)) {
      throw RevocationList.invalid(
          "the OCSP response is of %s, the next was due %s, and it is %s"
              .formatted(
                  one.getThisUpdate().toInstant(),
                  one.getNextUpdate() == null ? "never" : one.getNextUpdate().toInstant(),
                  now));
    }
  }

  private static RevocationState state(SingleResp one, Optional<Instant> signed) {
    String source = "the OCSP response of " + one.getThisUpdate().toInstant();
    CertificateStatus status = one.getCertStatus();
    if (status == CertificateStatus.GOOD) {
      return new RevocationState.Good(source);
    }
    if (status instanceof RevokedStatus revoked) {
      return signed.filter(before(one)::isAfter).isPresent()
          ? new RevocationState.Good(source + ", invalid only after the signature")
          : new RevocationState.Revoked(revoked.getRevocationTime().toInstant(), source);
    }
    throw RevocationList.invalid("the OCSP responder does not know the certificate");
  }

  /**
   * Signatures made before this are not touched; the beginning of time if the response does not
   * say.
   */
  private static Instant before(SingleResp one) {
    Extension extension = one.getExtension(INVALIDITY);
    try {
      return extension == null
          ? Instant.MIN
          : ASN1GeneralizedTime.getInstance(extension.getParsedValue()).getDate().toInstant();
    } catch (java.text.ParseException | RuntimeException e) { // unreadable means: not said
      return Instant.MIN;
    }
  }

  private static X509CertificateHolder holder(X509Certificate certificate) throws IOException {
    return new X509CertificateHolder(Certificates.encoded(certificate));
  }
}
