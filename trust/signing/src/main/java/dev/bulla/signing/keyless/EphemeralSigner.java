package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.crypto.Signer;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.PublicKeyVerifier;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.List;

/**
 * A P-256 key that is made for a few minutes and kept nowhere, with the certificate that it was
 * given, if it has one already. Thread-safe.
 */
final class EphemeralSigner implements Signer {
  private static final int CHUNK = 64 * 1024;

  private final KeyPair pair;
  private final SecureRandom random;
  private final List<X509Certificate> chain;

  private EphemeralSigner(KeyPair pair, SecureRandom random, List<X509Certificate> chain) {
    this.pair = pair;
    this.random = random;
    this.chain = List.copyOf(chain);
  }

  static EphemeralSigner create(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      return new EphemeralSigner(generator.generateKeyPair(), random, List.of());
    } catch (GeneralSecurityException e) {
      throw new BullaException(ErrorCode.INTERNAL, "this Java runtime makes no P-256 keys", e);
    }
  }

  /** The same key with its certificate. */
  EphemeralSigner certifiedBy(X509Certificate leaf) {
    return new EphemeralSigner(pair, random, List.of(leaf));
  }

  /** The certificate of this key. */
  X509Certificate certificate() {
    return chain.getFirst();
  }

  boolean isKeyOf(X509Certificate certificate) {
    return java.util.Arrays.equals(
        Certificates.verifier(certificate).subjectPublicKeyInfo(),
        PublicKeyVerifier.of(pair.getPublic()).subjectPublicKeyInfo());
  }

  @Override
  public PublicKey publicKey() {
    return pair.getPublic();
  }

  @Override
  public List<X509Certificate> certificateChain() {
    return chain;
  }

  @Override
  public byte[] sign(SignatureAlgorithm algorithm, byte[] message) {
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
    if (algorithm != SignatureAlgorithm.ECDSA_P256_SHA256) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED, "cannot sign with %s: the key is P-256".formatted(algorithm));
    }
    Signature engine = Signature.getInstance("SHA256withECDSA");
    engine.initSign(pair.getPrivate(), random);
    return engine;
  }

  private static BullaException failed(GeneralSecurityException e) {
    return new BullaException(ErrorCode.INTERNAL, "signing failed: " + e.getMessage(), e);
  }
}
