package dev.bulla.signing.timestamp;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.revocation.Revocation;
import dev.bulla.signing.revocation.RevocationState;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A verified RFC 3161 timestamp, by one of the roots that are believed: over a signature of the
 * Notary Project (signature specification 1.1, "Timestamp"), or over an evidence pack.
 *
 * @param earliest the stamp's time less its accuracy
 * @param latest the stamp's time plus its accuracy
 * @param authority the subject of the timestamp certificate
 */
public record VerifiedStamp(Instant earliest, Instant latest, String authority) {

  /**
   * Checks a token completely: signature, signing certificate, what it stamps, and the path to one
   * of {@code roots} at the time of the stamp.
   *
   * @param token the bare CMS token, DER
   * @param stamped what was stamped, such as the signature's bytes as the envelope holds them
   * @param revocation whom to ask about the authority's certificates; empty to ask nobody
   * @throws BullaException {@link ErrorCode#TIMESTAMP_INVALID}, {@link
   *     ErrorCode#SIGNER_NOT_TRUSTED}, {@link ErrorCode#CERTIFICATE_REVOKED}, {@link
   *     ErrorCode#REVOCATION_UNKNOWN}
   */
  public static VerifiedStamp verify(
      byte[] token, byte[] stamped, List<X509Certificate> roots, Optional<Revocation> revocation) {
    Rfc3161Token read = Rfc3161Token.parse(token);
    read.checkOver(stamped);
    List<X509Certificate> fitting = read.embedded().stream().filter(read::names).toList();
    if (fitting.size() != 1) {
      throw invalid("the token does not carry the certificate of its signer");
    }
    X509Certificate signer = fitting.getFirst();
    read.checkSignedBy(signer);
    Instant time = read.time();
    Duration accuracy = read.accuracy();
    checkPath(signer, read.embedded(), roots, time, revocation);
    return new VerifiedStamp(
        time.minus(accuracy), time.plus(accuracy), signer.getSubjectX500Principal().getName());
  }

  /**
   * From the signer upwards through the token's certificates to a trusted root, everything valid at
   * {@code time}. Revocation is asked only of a path that ends well, so that a stranger's stamp
   * sends nobody anywhere.
   */
  private static void checkPath(
      X509Certificate signer,
      List<X509Certificate> embedded,
      List<X509Certificate> roots,
      Instant time,
      Optional<Revocation> revocation) {
    List<X509Certificate> path = new ArrayList<>(List.of(signer));
    while (path.size() <= Rfc3161Token.MAX_CHAIN) {
      X509Certificate here = path.getLast();
      checkValid(here, time);
      if (roots.contains(here)) {
        revocation.ifPresent(asked -> checkRevocation(path, asked));
        return;
      }
      Optional<X509Certificate> issuer =
          Stream.concat(roots.stream(), embedded.stream())
              .filter(one ->
                  !one.equals(here) && isAuthority(one) && Certificates.isIssuedBy(here, one))
              .findFirst();
      if (issuer.isEmpty()) {
        break;
      }
      path.add(issuer.get());
    }
    throw new BullaException(
        ErrorCode.SIGNER_NOT_TRUSTED,
        "the timestamp authority '%s' is not under a root that is believed"
            .formatted(signer.getSubjectX500Principal()));
  }

  /**
   * For timestamp authorities revocation is always enforced; the root, last of the path, cannot be
   * revoked.
   */
  private static void checkRevocation(List<X509Certificate> path, Revocation revocation) {
    for (int at = 0; at < path.size() - 1; at++) {
      X509Certificate certificate = path.get(at);
      switch (revocation.state(certificate, path.get(at + 1), Optional.empty())) {
        case RevocationState.NotRevocable ignored -> {}
        case RevocationState.Good ignored -> {}
        case RevocationState.Revoked(Instant since, String source) ->
            throw new BullaException(
                ErrorCode.CERTIFICATE_REVOKED,
                "timestamp certificate '%s': revoked %s, by %s"
                    .formatted(certificate.getSubjectX500Principal(), since, source));
        case RevocationState.Unknown(String why) ->
            throw new BullaException(
                ErrorCode.REVOCATION_UNKNOWN,
                "timestamp certificate '%s': %s"
                    .formatted(certificate.getSubjectX500Principal(), why));
      }
    }
  }

  private static boolean isAuthority(X509Certificate certificate) {
    boolean[] usage = certificate.getKeyUsage();
    return certificate.getBasicConstraints() >= 0 && usage != null && usage.length > 5 && usage[5];
  }

  private static void checkValid(X509Certificate certificate, Instant time) {
    Date date = Date.from(time);
    if (date.before(certificate.getNotBefore()) || date.after(certificate.getNotAfter())) {
      throw invalid(
          "'%s' was not valid at the time of the stamp, %s"
              .formatted(certificate.getSubjectX500Principal(), time));
    }
  }

  private static BullaException invalid(String why) {
    return new BullaException(ErrorCode.TIMESTAMP_INVALID, "timestamp: " + why);
  }
}
