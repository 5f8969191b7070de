package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.ASN1UTF8String;

/**
 * Who a Fulcio certificate says its key belonged to (fulcio, {@code
 * docs/certificate-specification.md}).
 *
 * @param subject the one subject alternative name: e-mail address, URI, or user name
 * @param issuer of the identity token; empty if the certificate does not say
 */
record CertifiedIdentity(String subject, String issuer) {
  private static final String OLD_ISSUER = "1.3.6.1.4.1.57264.1.1";
  private static final String ISSUER = "1.3.6.1.4.1.57264.1.8";
  private static final String USER_NAME = "1.3.6.1.4.1.57264.1.7";
  private static final int OTHER_NAME = 0;
  private static final int EMAIL = 1;
  private static final int URI = 6;

  /**
   * @throws BullaException {@link ErrorCode#CERTIFICATE_INVALID} if there is not exactly one name,
   *     or the two forms of the issuer contradict each other
   */
  static CertifiedIdentity of(X509Certificate certificate) {
    Optional<String> old = extension(certificate, OLD_ISSUER).map(CertifiedIdentity::utf8);
    Optional<String> issuer = extension(certificate, ISSUER).map(CertifiedIdentity::derText);
    if (old.isPresent() && issuer.isPresent() && !old.equals(issuer)) {
      throw invalid("names two issuers");
    }
    return new CertifiedIdentity(subject(certificate), issuer.or(() -> old).orElse(""));
  }

  /** What {@code certificate} claims; empty if it says nothing of that kind. */
  static Optional<String> claim(X509Certificate certificate, CertificateClaim claim) {
    return extension(certificate, claim.oid())
        .map(value -> claim.isRaw() ? utf8(value) : derText(value));
  }

  private static String subject(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null || names.size() != 1) {
        throw invalid("does not name exactly one subject");
      }
      List<?> name = names.iterator().next();
      int kind = (Integer) name.get(0);
      if (kind == EMAIL || kind == URI) {
        return (String) name.get(1);
      }
      if (kind == OTHER_NAME && name.get(1) instanceof byte[] der) {
        return userName(der);
      }
      throw invalid("names its subject in a way that is not understood");
    } catch (CertificateParsingException e) {
      throw new BullaException(
          ErrorCode.CERTIFICATE_INVALID,
          "the certificate has an unreadable subject: " + e.getMessage(),
          e);
    }
  }

  private static String userName(byte[] der) {
    try {
      ASN1Sequence name = ASN1Sequence.getInstance(ASN1TaggedObject.getInstance(der), false);
      if (ASN1ObjectIdentifier.getInstance(name.getObjectAt(0)).getId().equals(USER_NAME)) {
        return ASN1UTF8String.getInstance(
                ASN1TaggedObject.getInstance(name.getObjectAt(1)).getExplicitBaseObject())
            .getString();
      }
    } catch (RuntimeException e) { // Bouncy Castle throws several kinds for odd structures
      throw new BullaException(
          ErrorCode.CERTIFICATE_INVALID, "the certificate has an unreadable user name", e);
    }
    throw invalid("names its subject in a way that is not understood");
  }

  private static Optional<byte[]> extension(X509Certificate certificate, String oid) {
    return Optional.ofNullable(certificate.getExtensionValue(oid))
        .map(value -> ASN1OctetString.getInstance(value).getOctets());
  }

  private static String derText(byte[] der) {
    try {
      return ASN1UTF8String.getInstance(der).getString();
    } catch (RuntimeException e) { // as above
      throw new BullaException(
          ErrorCode.CERTIFICATE_INVALID, "the certificate has an unreadable extension", e);
    }
  }

  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw invalid("has an unreadable extension");
    }
  }

  private static BullaException invalid(String rule) {
    return new BullaException(ErrorCode.CERTIFICATE_INVALID, "the certificate " + rule);
  }
}
