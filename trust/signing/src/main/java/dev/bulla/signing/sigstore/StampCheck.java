package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.timestamp.Rfc3161Token;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether an RFC 3161 timestamp over a signature is by an authority of the trusted root (Sigstore
 * client specification, "Timestamping Authority").
 *
 * <p>The signer's certificate may be in the token, in the trusted root, or in both, and then it
 * must be the same. The whole chain counts at the moment of the stamp only: that it has run out
 * since says nothing.
 */
final class StampCheck {
  private final TrustedRoot root;

  StampCheck(TrustedRoot root) {
    this.root = root;
  }

  /**
   * The stamp's time.
   *
   * @param response a DER TimeStampResp
   * @param signature the raw bytes that it must stamp
   * @throws BullaException {@link ErrorCode#TIMESTAMP_INVALID}, {@link
   *     ErrorCode#SIGNER_NOT_TRUSTED}
   */
  Instant check(byte[] response, byte[] signature) {
    Rfc3161Token token = Rfc3161Token.parseResponse(response);
    token.checkOver(signature);
    Instant time = token.time();
    BullaException last =
        new BullaException(
            ErrorCode.SIGNER_NOT_TRUSTED,
            "the timestamp is by an authority that is not in the trusted root");
    for (TrustedRoot.Authority authority : root.timestampAuthorities()) {
      try {
        for (X509Certificate signer : signers(token, authority)) {
          checkBy(token, authority, signer);
          return time;
        }
      } catch (BullaException e) {
        last = e;
      }
    }
    throw last;
  }

  /** Certificates that the token may be signed with if it is this authority's. */
  private static List<X509Certificate> signers(
      Rfc3161Token token, TrustedRoot.Authority authority) {
    X509Certificate lowest = authority.chain().getFirst();
    List<X509Certificate> embedded = token.embedded().stream().filter(token::names).toList();
    if (lowest.getBasicConstraints() < 0) {
      boolean same = embedded.stream().allMatch(lowest::equals);
      return token.names(lowest) && same ? List.of(lowest) : List.of();
    }
    return embedded.stream().filter(one -> Certificates.isIssuedBy(one, lowest)).toList();
  }

  private static void checkBy(
      Rfc3161Token token, TrustedRoot.Authority authority, X509Certificate signer) {
    if (!authority.validity().covers(token.time())) {
      throw new BullaException(
          ErrorCode.SIGNER_NOT_TRUSTED,
          "the stamp is of %s, the timestamp authority %s is trusted %s"
              .formatted(token.time(), authority, authority.validity()));
    }
    List<X509Certificate> chain = new ArrayList<>();
    if (!authority.chain().contains(signer)) {
      chain.add(signer);
    }
    chain.addAll(authority.chain());
    try {
      CertificatePath.check(chain, token.time(), CertificatePath.TIME_STAMPING);
    } catch (BullaException e) {
      throw new BullaException(ErrorCode.TIMESTAMP_INVALID, "timestamp: " + e.reason(), e);
    }
    token.checkSignedBy(signer);
  }
}
