package dev.bulla.core.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A private key that can be used but not read. Implementations: key files and PKCS#11 in {@code
 * keys}, later the vault.
 *
 * <p>Thread-safe. Failures are {@link dev.bulla.core.BullaException}s.
 */
public interface Signer {
  PublicKey publicKey();

  /**
   * The certificate of the key and its issuers, leaf first, root last; empty if the key has none.
   */
  List<X509Certificate> certificateChain();

  /**
   * Signs {@code message} (the message itself, not its hash).
   *
   * @return the signature; ECDSA as ASN.1 DER
   * @throws dev.bulla.core.BullaException {@code KEY_UNSUPPORTED} if the key cannot make such a
   *     signature
   */
  byte[] sign(SignatureAlgorithm algorithm, byte[] message);

  /**
   * As {@link #sign(SignatureAlgorithm, byte[])} for a message that is read to its end, not closed.
   * Unless the adapter can do better the whole of it is held in memory.
   *
   * @throws IOException if the message cannot be read
   */
  default byte[] sign(SignatureAlgorithm algorithm, InputStream message) throws IOException {
    return sign(algorithm, message.readAllBytes());
  }
}
