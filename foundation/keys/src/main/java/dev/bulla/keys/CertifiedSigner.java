package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.crypto.Signer;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A key of any kind with a certificate chain that came from elsewhere, such as a file beside a key
 * in a token. As thread-safe as the key.
 */
public final class CertifiedSigner implements Signer {
  private final Signer key;
  private final List<X509Certificate> chain;

  private CertifiedSigner(Signer key, List<X509Certificate> chain) {
    this.key = key;
    this.chain = chain;
  }

  /**
   * @param chain leaf first; each certificate issued by the next. The root may be missing.
   * @param what names the chain in errors
   * @throws BullaException {@link ErrorCode#KEY_INVALID} if the leaf certifies another key, or a
   *     certificate was not issued by the one behind it
   */
  public static CertifiedSigner of(Signer key, List<X509Certificate> chain, String what) {
    PublicKeyVerifier own = PublicKeyVerifier.of(key.publicKey());
    if (chain.isEmpty() || !Certificates.verifier(chain.getFirst()).equals(own)) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          "%s: the first certificate does not certify the %s".formatted(what, own),
          "Give the chain of this key, leaf certificate first.");
    }
    for (int i = 0; i + 1 < chain.size(); i++) {
      if (!Certificates.isIssuedBy(chain.get(i), chain.get(i + 1))) {
        throw new BullaException(
            ErrorCode.KEY_INVALID,
            "%s: certificate %d (%s) was not issued by the one behind it (%s)"
                .formatted(
                    what,
                    i + 1,
                    chain.get(i).getSubjectX500Principal(),
                    chain.get(i + 1).getSubjectX500Principal()),
            "Order the file: leaf certificate first, then its issuer, the root last.");
      }
    }
    return new CertifiedSigner(key, List.copyOf(chain));
  }

  @Override
  public PublicKey publicKey() {
    return key.publicKey();
  }

  @Override
  public List<X509Certificate> certificateChain() {
    return chain;
  }

  @Override
  public byte[] sign(SignatureAlgorithm algorithm, byte[] message) {
    return key.sign(algorithm, message);
  }

  @Override
  public String toString() {
    return key + " certified as '" + chain.getFirst().getSubjectX500Principal() + "'";
  }
}
