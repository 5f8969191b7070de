package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.revocation.Revocation;
import dev.bulla.signing.timestamp.VerifiedStamp;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the envelope here and has somebody sign its bytes. */
final class RawEnvelopeMaker implements EnvelopeMaker {
  private final RawSigner signer;

  RawEnvelopeMaker(RawSigner signer) {
    this.signer = signer;
  }

  @Override
  public Digest.Algorithm fileHash() {
    return signer.algorithm().hash();
  }

  @Override
  public Made make(Order order) {
    SignedAttributes attributes =
        new SignedAttributes(
            signer.algorithm(), order.payload(), order.now(), order.expiry(), signer.agent());
    EnvelopeDraft draft =
        switch (order.format()) {
          case JWS -> new JwsDraft(attributes);
          case COSE -> new CoseDraft(attributes);
        };
    RawSigner.Signed signed = signer.sign(draft.toBeSigned(), order.now());
    byte[] envelope =
        draft.finish(
            signed.signature(),
            signed.chain(),
            order.stamping().map(by -> stamp(signed.signature(), by, order.now())));
    return new Made(envelope, signed.chain(), order.now(), Map.of());
  }

  /**
   * A token over the signature as the envelope holds it, hashed as the signature's algorithm does.
   */
  private byte[] stamp(byte[] signature, Stamping by, Instant now) {
    byte[] token = by.source().stamp(signature, signer.algorithm().hash());
    VerifiedStamp.verify(
        token, signature, by.roots(), Optional.of(new Revocation(by.revocation(), now)));
    return token;
  }

  /** Every certificate must be valid when something is signed. */
  static void checkValidity(List<X509Certificate> chain, Instant now) {
    for (X509Certificate certificate : chain) {
      if (now.isBefore(certificate.getNotBefore().toInstant())
          || now.isAfter(certificate.getNotAfter().toInstant())) {
        throw new BullaException(
            ErrorCode.CERTIFICATE_EXPIRED,
            "cannot sign at %s: the certificate %s is valid from %s to %s"
                .formatted(
                    now,
                    certificate.getSubjectX500Principal(),
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant()),
            "Renew the certificate or set the clock right.");
      }
    }
  }
}
