package dev.bulla.signing.revocation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;

/**
 * A certificate revocation list (RFC 5280 section 5), whole or of changes.
 *
 * <p>Lists that speak for several issuers, for some reasons only, or about attribute certificates
 * are not understood and decide nothing; nor does a list with a critical extension that is not
 * understood.
 */
final class RevocationList {
  private static final String NUMBER = "2.5.29.20";
  private static final String DELTA = "2.5.29.27";
  private static final String SCOPE = "2.5.29.28";
  private static final String FRESHEST = "2.5.29.46";
  private static final String INVALIDITY = "2.5.29.24";
  private static final int MAX_BYTES = 32 * 1024 * 1024;
  private static final int CRL_SIGN = 6;

  private final X509CRL list;

  private RevocationList(X509CRL list) {
    this.list = list;
  }

  /**
   * @throws BullaException {@link ErrorCode#REVOCATION_UNKNOWN}
   */
  static RevocationList parse(byte[] der) {
    if (der.length > MAX_BYTES || der.length == 0 || der[0] != 0x30) {
      throw invalid("not a revocation list in DER of at most " + MAX_BYTES + " bytes");
    }
    try {
      return new RevocationList(
          (X509CRL)
              CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der)));
    } catch (GeneralSecurityException e) {
      throw invalid("the revocation list cannot be read: " + e.getMessage());
    }
  }

  boolean isOf(X509Certificate issuer) {
    return Arrays.equals(
        list.getIssuerX500Principal().getEncoded(), issuer.getSubjectX500Principal().getEncoded());
  }

  boolean isDelta() {
    return list.getExtensionValue(DELTA) != null;
  }

  /**
   * Checks that the issuer signed it, that it is fresh, and that it speaks about {@code
   * certificate}.
   */
  void check(X509Certificate issuer, X509Certificate certificate, Instant now) {
    boolean[] usage = issuer.getKeyUsage();
    if (usage != null && (usage.length <= CRL_SIGN || !usage[CRL_SIGN])) {
      throw invalid(
          "'%s' may not sign revocation lists".formatted(issuer.getSubjectX500Principal()));
    }
    if (!Algorithms.ACCEPTED.contains(list.getSigAlgOID())) {
      throw invalid("the revocation list is signed with a weak or unknown algorithm");
    }
    try {
      list.verify(issuer.getPublicKey());
    } catch (GeneralSecurityException | RuntimeException e) {
      throw invalid(
          "the revocation list is not signed by '%s'".formatted(issuer.getSubjectX500Principal()));
    }
    if (list.getNextUpdate() == null
        || list.getThisUpdate().toInstant().isAfter(now)
        || !list.getNextUpdate().toInstant().isAfter(now)) {
      throw invalid(
          "the revocation list is of %s, the next was due %s, and it is %s"
              .formatted(
                  list.getThisUpdate().toInstant(),
                  list.getNextUpdate() == null ? "never" : list.getNextUpdate().toInstant(),
                  now));
    }
    checkExtensions(certificate);
  }

  private void checkExtensions(X509Certificate certificate) {
    Set<String> critical = list.getCriticalExtensionOIDs();
    if (critical != null && !Set.of(DELTA, SCOPE).containsAll(critical)) {
      throw invalid("the revocation list has a critical extension that is not understood");
    }
    byte[] extension = list.getExtensionValue(SCOPE);
    if (extension == null) {
      return;
    }
    try {
      IssuingDistributionPoint scope =
          IssuingDistributionPoint.getInstance(Revocation.inner(extension));
      boolean authority = certificate.getBasicConstraints() >= 0;
      if (scope.isIndirectCRL()
          || scope.onlyContainsAttributeCerts()
          || scope.getOnlySomeReasons() != null
          || scope.onlyContainsUserCerts() && authority
          || scope.onlyContainsCACerts() && !authority) {
        throw invalid("the revocation list does not speak about this certificate");
      }
    } catch (IOException | IllegalArgumentException | ClassCastException e) {
      throw invalid("the scope of the revocation list cannot be read");
    }
  }

  /** Checks that these changes follow upon {@code base}. */
  void checkFollows(RevocationList base) {
    Optional<BigInteger> from = number(DELTA);
    Optional<BigInteger> known = base.number(NUMBER);
    Optional<BigInteger> own = number(NUMBER);
    if (from.isEmpty()
        || known.isEmpty()
        || own.isEmpty()
        || from.get().compareTo(known.get()) > 0
        || own.get().compareTo(known.get()) <= 0) {
      throw invalid("the list of changes does not follow upon the whole list");
    }
  }

  /** Where changes to this list are said to be. */
  List<URI> freshest() {
    try {
      return Revocation.points(list, FRESHEST);
    } catch (IOException
        | RuntimeException e) { // Bouncy Castle throws several kinds for odd structures
      throw invalid("where the changes to the list are cannot be read");
    }
  }

  /** What this list and the changes to it say; all must have been checked. */
  RevocationState state(
      X509Certificate certificate, List<RevocationList> changes, Optional<Instant> signed) {
    String source = "the revocation list of " + list.getThisUpdate().toInstant();
    Optional<X509CRLEntry> entry = entry(certificate);
    for (RevocationList change : changes) {
      Optional<X509CRLEntry> newer = change.entry(certificate);
      entry = newer.isPresent() ? newer : entry;
    }
    if (entry.isEmpty()
        || isRemoved(entry.get())
        || signed.filter(before(entry.get())::isAfter).isPresent()) {
      return new RevocationState.Good(source);
    }
    return new RevocationState.Revoked(entry.get().getRevocationDate().toInstant(), source);
  }

  private Optional<X509CRLEntry> entry(X509Certificate certificate) {
    Optional<X509CRLEntry> entry =
        Optional.ofNullable(list.getRevokedCertificate(certificate.getSerialNumber()));
    entry
        .map(X509CRLEntry::getCriticalExtensionOIDs)
        .filter(critical -> !Set.of(INVALIDITY, "2.5.29.21").containsAll(critical))
        .ifPresent(critical -> {
          throw invalid("the certificate's entry has a critical extension that is not understood");
        });
    return entry;
  }

  private static boolean isRemoved(X509CRLEntry entry) {
    return entry.getRevocationReason() == java.security.cert.CRLReason.REMOVE_FROM_CRL;
  }

  /**
   * Signatures made before this are not touched; the beginning of time if the entry does not say.
   */
  private static Instant before(X509CRLEntry entry) {
    byte[] extension = entry.getExtensionValue(INVALIDITY);
    try {
      return extension == null
          ? Instant.MIN
          : ASN1GeneralizedTime.getInstance(Revocation.inner(extension)).getDate().toInstant();
    } catch (IOException
        | java.text.ParseException
        | RuntimeException e) { // unreadable means: not said
      return Instant.MIN;
    }
  }

  private Optional<BigInteger> number(String oid) {
    byte[] extension = list.getExtensionValue(oid);
    try {
      return extension == null
          ? Optional.empty()
          : Optional.of(ASN1Integer.getInstance(Revocation.inner(extension)).getValue());
    } catch (IOException | RuntimeException e) { // as above
      return Optional.empty();
    }
  }

  static BullaException invalid(String why) {
    return new BullaException(ErrorCode.REVOCATION_UNKNOWN, why);
  }
}
