package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.Signer;
import dev.bulla.keys.Certificates;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** Signs with a key that has a certificate chain. */
final class KeySigner implements RawSigner {
  private final Signer signer;
  private final NotationAlgorithm algorithm;

  /**
   * @throws BullaException {@link ErrorCode#KEY_UNSUPPORTED}, {@link
   *     ErrorCode#CERTIFICATE_INVALID}, {@link ErrorCode#SIGNATURE_ALGORITHM}
   */
  KeySigner(Signer signer) {
    List<X509Certificate> chain = signer.certificateChain();
    if (chain.isEmpty()) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          "a Notation signature needs a certificate chain and the key has none",
          "Sign with a signing identity, or give the chain in a PEM file beside the key.");
    }
    CertificateRules.check(chain);
    this.signer = signer;
    this.algorithm = NotationAlgorithm.of(Certificates.verifier(chain.getFirst()));
  }

  @Override
  public NotationAlgorithm algorithm() {
    return algorithm;
  }

  @Override
  public String agent() {
    return SignedAttributes.AGENT;
  }

  @Override
  public Signed sign(byte[] toBeSigned, Instant now) {
    List<X509Certificate> chain = signer.certificateChain();
    RawEnvelopeMaker.checkValidity(chain, now);
    byte[] signature = signer.sign(algorithm.algorithm(), toBeSigned);
    return new Signed(algorithm.toEnvelope(signature), chain);
  }
}
