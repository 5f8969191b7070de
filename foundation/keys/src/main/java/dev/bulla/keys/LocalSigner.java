package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.crypto.Signer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;

/**
 * Signs with a private key that lives in this process, read from a file or made here. Thread-safe;
 * prints as its public key.
 */
public final class LocalSigner implements Signer {
  private static final int CHUNK = 64 * 1024;

  private final PrivateKey privateKey;
  private final PublicKeyVerifier publicKey;
  private final List<X509Certificate> chain;

  LocalSigner(PrivateKey privateKey, PublicKeyVerifier publicKey, List<X509Certificate> chain) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
    this.chain = List.copyOf(chain);
  }

  /**
   * The same key with its certificate chain, leaf first.
   *
   * @throws BullaException {@link ErrorCode#KEY_INVALID} if the leaf certifies another key
   */
  public LocalSigner withChain(List<X509Certificate> certificates) {
    if (certificates.isEmpty()
        || !Arrays.equals(
            PublicKeyVerifier.encoded(certificates.getFirst().getPublicKey()),
            publicKey.subjectPublicKeyInfo())) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          "the first certificate of the chain does not certify " + publicKey,
          "Give the chain of this key, leaf certificate first.");
    }
    return new LocalSigner(privateKey, publicKey, certificates);
  }

  @Override
  public PublicKey publicKey() {
    return publicKey.publicKey();
  }

  /** The verifier of this signer's signatures. */
  public PublicKeyVerifier verifier() {
    return publicKey;
  }

  @Override
  public List<X509Certificate> certificateChain() {
    return chain;
  }

  @Override
  public byte[] sign(SignatureAlgorithm algorithm, byte[] message) {
    if (privateKey instanceof MlDsa.Private) {
      try {
        return sign(algorithm, new ByteArrayInputStream(message));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    try {
      Signature engine = engine(algorithm);
      engine.update(message);
      return engine.sign();
    } catch (GeneralSecurityException e) {
      throw failed(e);
    }
  }

  @Override
  public byte[] sign(SignatureAlgorithm algorithm, InputStream message) throws IOException {
    check(algorithm);
    if (privateKey instanceof MlDsa.Private lattice) {
      return MlDsa.sign(lattice, message);
    }
    try {
      Signature engine = engine(algorithm);
      byte[] chunk = new byte[CHUNK];
      for (int read = message.read(chunk); read >= 0; read = message.read(chunk)) {
        engine.update(chunk, 0, read);
      }
      return engine.sign();
    } catch (GeneralSecurityException e) {
      throw failed(e);
    }
  }

  private Signature engine(SignatureAlgorithm algorithm) throws GeneralSecurityException {
    check(algorithm);
    Signature engine = JcaSignatures.of(algorithm);
    engine.initSign(privateKey);
    return engine;
  }

  private void check(SignatureAlgorithm algorithm) {
    if (!publicKey.type().fits(algorithm)) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          "cannot sign with %s: the key is of type %s".formatted(algorithm, publicKey.type()));
    }
  }

  private BullaException failed(GeneralSecurityException e) {
    return new BullaException(
        ErrorCode.KEY_UNSUPPORTED, "signing with " + publicKey + " failed: " + e.getMessage(), e);
  }

  PrivateKey privateKey() {
    return privateKey;
  }

  @Override
  public String toString() {
    return "signer with " + publicKey;
  }
}
