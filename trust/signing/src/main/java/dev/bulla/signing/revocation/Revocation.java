package dev.bulla.signing.revocation;

import dev.bulla.core.BullaException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * Finds out whether a certificate was revoked, in the order of the Notary Project (specification
 * 1.1, "Certificate Revocation Checks"): OCSP first; if nobody knows there, every list that the
 * certificate names must be had and none may hold it.
 *
 * <p>Thread-safe. Only data that the certificate's issuer signed, or a responder that the issuer
 * appointed, and that is fresh at the moment of judging, decides.
 */
public final class Revocation {
  private static final String CRL_POINTS = "2.5.29.31";
  private static final String AUTHORITY_ACCESS = "1.3.6.1.5.5.7.1.1";
  private static final int MAX_URLS = 8;

  private final RevocationSource source;
  private final Instant now;

  /**
   * @param now the moment of judging: data must be fresh then
   */
  public Revocation(RevocationSource source, Instant now) {
    this.source = source;
    this.now = now;
  }

  /**
   * The state of {@code certificate}.
   *
   * @param signed when the signature was made, if that is authentic: a revocation with a later
   *     invalidity date does not touch it
   */
  public RevocationState state(
      X509Certificate certificate, X509Certificate issuer, Optional<Instant> signed) {
    List<URI> responders;
    List<URI> points;
    try {
      responders = responders(certificate);
      points = points(certificate, CRL_POINTS);
    } catch (IOException
        | RuntimeException e) { // Bouncy Castle throws several kinds for odd structures
      return new RevocationState.Unknown("the certificate's revocation addresses cannot be read");
    }
    if (responders.isEmpty() && points.isEmpty()) {
      return namesSource(certificate)
          ? new RevocationState.Unknown("the certificate names no address that can be asked")
          : new RevocationState.NotRevocable();
    }
    RevocationState last = new RevocationState.Unknown("nobody answered");
    for (URI responder : responders) {
      last = asked(responder, certificate, issuer, signed);
      if (!(last instanceof RevocationState.Unknown)) {
        return last;
      }
    }
    for (URI point : points) {
      last = listed(point, certificate, issuer, signed);
      if (!(last instanceof RevocationState.Good)) {
        return last;
      }
    }
    return last;
  }

  /** Whether a certificate says where its state can be asked for. */
  public static boolean namesSource(X509Certificate certificate) {
    return certificate.getExtensionValue(CRL_POINTS) != null
        || certificate.getExtensionValue(AUTHORITY_ACCESS) != null
            && mentionsOcsp(certificate.getExtensionValue(AUTHORITY_ACCESS));
  }

  private RevocationState asked(
      URI responder,
      X509Certificate certificate,
      X509Certificate issuer,
      Optional<Instant> signed) {
    OcspQuestion question = new OcspQuestion(certificate, issuer);
    String why = "the OCSP responder %s does not answer".formatted(responder);
    for (byte[] response : source.responses(responder, question.request())) {
      try {
        Optional<RevocationState> state = question.answer(response, now, signed);
        if (state.isPresent()) {
          return state.get();
        }
      } catch (BullaException e) {
        why = e.reason();
      }
    }
    return new RevocationState.Unknown(why);
  }

  private RevocationState listed(
      URI point, X509Certificate certificate, X509Certificate issuer, Optional<Instant> signed) {
    String why = "there is no revocation list at %s".formatted(point);
    for (byte[] der : source.lists(point)) {
      try {
        RevocationList list = RevocationList.parse(der);
        if (!list.isOf(issuer) || list.isDelta()) {
          continue;
        }
        list.check(issuer, certificate, now);
        List<RevocationList> changes = new ArrayList<>();
        for (URI fresher : list.freshest()) {
          changes.add(changes(fresher, list, certificate, issuer));
        }
        return list.state(certificate, changes, signed);
      } catch (BullaException e) {
        why = e.reason();
      }
    }
    return new RevocationState.Unknown(why);
  }

  /**
   * The changes since {@code base}: where a list says that there are some, it alone is not enough.
   */
  private RevocationList changes(
      URI point, RevocationList base, X509Certificate certificate, X509Certificate issuer) {
    for (byte[] der : source.lists(point)) {
      RevocationList list = RevocationList.parse(der);
      if (list.isOf(issuer) && list.isDelta()) {
        list.check(issuer, certificate, now);
        list.checkFollows(base);
        return list;
      }
    }
    throw RevocationList.invalid("the changes that the list refers to are not at " + point);
  }

  private static List<URI> responders(X509Certificate certificate) throws IOException {
    byte[] extension = certificate.getExtensionValue(AUTHORITY_ACCESS);
    List<URI> all = new ArrayList<>();
    if (extension != null) {
      for (AccessDescription access :
          AuthorityInformationAccess.getInstance(inner(extension)).getAccessDescriptions()) {
        if (access.getAccessMethod().equals(AccessDescription.id_ad_ocsp)) {
          uri(access.getAccessLocation()).ifPresent(all::add);
        }
      }
    }
    return limited(all);
  }

  /** The addresses in an extension of distribution points, of a certificate or a list. */
  static List<URI> points(java.security.cert.X509Extension from, String oid) throws IOException {
    byte[] extension = from.getExtensionValue(oid);
    List<URI> all = new ArrayList<>();
    if (extension != null) {
      for (DistributionPoint point :
          CRLDistPoint.getInstance(inner(extension)).getDistributionPoints()) {
        DistributionPointName name = point.getDistributionPoint();
        if (name != null && name.getType() == DistributionPointName.FULL_NAME) {
          for (GeneralName one : GeneralNames.getInstance(name.getName()).getNames()) {
            uri(one).ifPresent(all::add);
          }
        }
      }
    }
    return limited(all);
  }

  static ASN1Primitive inner(byte[] extension) throws IOException {
    return ASN1Primitive.fromByteArray(ASN1OctetString.getInstance(extension).getOctets());
  }

  private static List<URI> limited(List<URI> all) {
    if (all.size() > MAX_URLS) {
      throw new IllegalArgumentException("more than " + MAX_URLS + " addresses");
    }
    return all;
  }

  private static Optional<URI> uri(GeneralName name) {
    try {
      return name.getTagNo() == GeneralName.uniformResourceIdentifier
          ? Optional.of(new URI(name.getName().toString()))
          : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static boolean mentionsOcsp(byte[] extension) {
    try {
      for (AccessDescription access :
          AuthorityInformationAccess.getInstance(inner(extension)).getAccessDescriptions()) {
        if (access.getAccessMethod().equals(AccessDescription.id_ad_ocsp)) {
          return true;
        }
      }
      return false;
    } catch (IOException | RuntimeException e) { // as above; what cannot be read may be one
      return true;
    }
  }
}
