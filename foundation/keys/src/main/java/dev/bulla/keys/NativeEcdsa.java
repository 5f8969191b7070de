package dev.bulla.keys;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * ECDSA by the Amazon Corretto Crypto Provider, found on the class path by its name, so that
 * nothing here needs it to be there. Thread-safe.
 */
final class NativeEcdsa {
  private static final String CLASS =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

  /** A signature over "bulla" by a P-256 key made with openssl 3.0 for this purpose. */
  private static final String KNOWN_KEY =
      "3059301306072a8648ce3d020106082a8648ce3d030107034200049f56c8abd9a391351ca56b"
          + "4e70fc3a91feea05cbe7ea2701280273bc0d58db021f37aaa4226e00cfc6222b7a6046a82176"
          + "96315957a1e751e8822124dea785a3";

  private static final String KNOWN_HASH =
      "9652fe506b6bddea89740c57f5c3a4f17750210c8a9a9e344702183dfbbc37cb";

  private static final String KNOWN_SIGNATURE =
      "3046022100e3f5be2bd302c137a55fc656b4fdf28d833028e5a0c2b44b76e759e6c3fa6a4002"
          + "21008339e3f7128f28afabadb2d48bb33ff922612184eef5e9fbc84dd1815eee3fab";

  private final Provider provider;
  private final KeyFactory keys;

  private NativeEcdsa(Provider provider) throws GeneralSecurityException {
    this.provider = provider;
    this.keys = KeyFactory.getInstance("EC", provider);
  }

  /** The provider cannot be used here; the message says why. */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1;

    Unusable(String why) {
      super(why);
    }
  }

  /**
   * Loads the native library, runs the provider's own self test and one known answer here.
   *
   * @throws Unusable if it is not on the class path, not for this platform, or fails a test
   */
  static NativeEcdsa load() throws Unusable {
    try {
      Class<?> found = Class.forName(CLASS);
      if (found.getMethod("getLoadingError").invoke(found.getField("INSTANCE").get(null))
          instanceof Throwable error) {
        throw new Unusable("its native library does not load: " + error.getMessage());
      }
      Provider provider = (Provider) found.getField("INSTANCE").get(null);
      String health = String.valueOf(found.getMethod("runSelfTests").invoke(provider));
      if (!health.equals("PASSED")) {
        throw new Unusable("its self test ends with " + health);
      }
      NativeEcdsa engine = new NativeEcdsa(provider);
      engine.checkKnownAnswer();
      return engine;
    } catch (ClassNotFoundException e) {
      throw new Unusable("not on the class path");
    } catch (ReflectiveOperationException | GeneralSecurityException | LinkageError e) {
      throw new Unusable("cannot be used: " + e);
    }
  }

  private void checkKnownAnswer() throws GeneralSecurityException, Unusable {
    HexFormat hex = HexFormat.of();
    PublicKey key = key(hex.parseHex(KNOWN_KEY));
    byte[] hash = hex.parseHex(KNOWN_HASH);
    byte[] signature = hex.parseHex(KNOWN_SIGNATURE);
    boolean accepts = verify(key, hash, signature);
    hash[31] ^= 1;
    if (!accepts || verify(key, hash, signature)) {
      throw new Unusable("it judges a known signature wrongly");
    }
  }

  /** Its own form of the key in a SubjectPublicKeyInfo. */
  PublicKey key(byte[] spki) throws GeneralSecurityException {
    return keys.generatePublic(new X509EncodedKeySpec(spki));
  }

  /**
   * @param signature in strict DER, which the caller has checked
   */
  boolean verify(PublicKey key, byte[] hash, byte[] signature) throws GeneralSecurityException {
    Signature engine = Signature.getInstance("NONEwithECDSA", provider);
    engine.initVerify(key);
    engine.update(hash);
    try {
      return engine.verify(signature);
    } catch (SignatureException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return provider.getInfo();
  }
}
