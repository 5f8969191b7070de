package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * X.509 certificates: reading, printing, and the one question whether one was issued by another.
 *
 * <p>Path building and validation rules belong to the formats (Notary, Sigstore), which differ from
 * the JDK's PKIX.
 */
public final class Certificates {
  static final String LABEL = "CERTIFICATE";

  private static final int MAX_BYTES = 64 * 1024;

  /** Signature algorithms that a certificate may be signed with; nothing with SHA-1 or MD5. */
  private static final Map<String, String> ECDSA_HASHES =
      Map.of(
          "1.2.840.10045.4.3.2", "SHA-256",
          "1.2.840.10045.4.3.3", "SHA-384",
          "1.2.840.10045.4.3.4", "SHA-512");

  private static final List<String> RSA_OIDS =
      List.of(
          "1.2.840.113549.1.1.11", // SHA-256
          "1.2.840.113549.1.1.12", // SHA-384
          "1.2.840.113549.1.1.13", // SHA-512
          "1.2.840.113549.1.1.10"); // PSS, hash in the parameters

  private static final String ED25519_OID = "1.3.101.112";

  private Certificates() {}

  /**
   * One DER certificate, all bytes of it.
   *
   * @param what names it in errors
   * @throws BullaException {@link ErrorCode#CERTIFICATE_INVALID}
   */
  public static X509Certificate parse(byte[] der, String what) {
    if (der.length > MAX_BYTES) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "%s: a certificate of %d bytes, at most %d are read"
              .formatted(what, der.length, MAX_BYTES));
    }
    try {
      ByteArrayInputStream in = new ByteArrayInputStream(der);
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      if (der.length == 0 || der[0] != 0x30 || !Arrays.equals(certificate.getEncoded(), der)) {
        throw new BullaException(
            ErrorCode.CERTIFICATE_INVALID, what + ": not exactly one DER certificate");
      }
      return certificate;
    } catch (CertificateException e) {
      throw new BullaException(
          ErrorCode.CERTIFICATE_INVALID,
          what + ": not a readable X.509 certificate: " + e.getMessage(),
          e);
    }
  }

  /**
   * All certificates of a PEM text, or the one of a DER file, in order.
   *
   * @throws BullaException {@link ErrorCode#CERTIFICATE_INVALID} if there is none or one is
   *     unreadable
   */
  public static List<X509Certificate> parseAll(byte[] content, String what) {
    if (content.length > 0 && content[0] == 0x30) {
      return List.of(parse(content, what));
    }
    List<X509Certificate> all = new ArrayList<>();
    for (Pem block : Pem.parse(content, what)) {
      if (!block.label().equals(LABEL)) {
        throw new BullaException(
            ErrorCode.CERTIFICATE_INVALID, what + ": holds something that is not a certificate");
      }
      all.add(parse(block.content(), what));
    }
    if (all.isEmpty()) {
      throw new BullaException(ErrorCode.CERTIFICATE_INVALID, what + ": no certificate in it");
    }
    return List.copyOf(all);
  }

  /** The chain as PEM text, in the given order. */
  public static byte[] pem(List<X509Certificate> chain) {
    StringBuilder text = new StringBuilder();
    chain.forEach(certificate -> text.append(Pem.encode(LABEL, encoded(certificate))));
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  public static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new BullaException(ErrorCode.CERTIFICATE_INVALID, "a certificate cannot be encoded", e);
    }
  }

  /**
   * The verifier of signatures by the certificate's key; {@link ErrorCode#KEY_UNSUPPORTED} for an
   * unfit key.
   */
  public static PublicKeyVerifier verifier(X509Certificate certificate) {
    return PublicKeyVerifier.of(
        PublicKeyVerifier.encoded(certificate.getPublicKey()),
        "certificate " + certificate.getSubjectX500Principal());
  }

  /**
   * Whether {@code issuer}'s name and key stand behind {@code certificate}: equal raw name bytes,
   * and a signature by an acceptable algorithm. Says nothing about validity times and extensions.
   */
  public static boolean isIssuedBy(X509Certificate certificate, X509Certificate issuer) {
    if (!Arrays.equals(
        certificate.getIssuerX500Principal().getEncoded(),
        issuer.getSubjectX500Principal().getEncoded())) {
      return false;
    }
    String algorithm = certificate.getSigAlgOID();
    try {
      String hash = ECDSA_HASHES.get(algorithm);
      if (hash != null) {
        return verifier(issuer)
            .verifyEcdsa(hash, certificate.getTBSCertificate(), certificate.getSignature());
      }
      if (!RSA_OIDS.contains(algorithm) && !algorithm.equals(ED25519_OID)
          || certificate.getSigAlgName().contains("SHA1")) {
        return false;
      }
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException | BullaException e) {
      return false;
    }
  }
}
