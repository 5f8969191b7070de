package dev.bulla.keys;

import dev.bulla.core.crypto.SignatureAlgorithm;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.spec.EdDSAParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/**
 * The JDK's signature engines for our algorithms; PSS with a salt as long as the hash (RFC 7518
 * section 3.5).
 */
final class JcaSignatures {
  private JcaSignatures() {}

  /** A new engine, parameters set; not thread-safe. */
  static Signature of(SignatureAlgorithm algorithm) throws GeneralSecurityException {
    return switch (algorithm) {
      case ECDSA_P256_SHA256, ECDSA_P384_SHA256, ECDSA_P521_SHA256 ->
          Signature.getInstance("SHA256withECDSA");
      case ECDSA_P384_SHA384 -> Signature.getInstance("SHA384withECDSA");
      case ECDSA_P521_SHA512 -> Signature.getInstance("SHA512withECDSA");
      case RSA_PKCS1_SHA256 -> Signature.getInstance("SHA256withRSA");
      case RSA_PSS_SHA256 -> pss("SHA-256", MGF1ParameterSpec.SHA256, 32);
      case RSA_PSS_SHA384 -> pss("SHA-384", MGF1ParameterSpec.SHA384, 48);
      case RSA_PSS_SHA512 -> pss("SHA-512", MGF1ParameterSpec.SHA512, 64);
      case ED25519 -> Signature.getInstance("Ed25519");
      case ED25519PH -> {
        Signature engine = Signature.getInstance("Ed25519");
        engine.setParameter(new EdDSAParameterSpec(true));
        yield engine;
      }
      case ML_DSA_65 -> throw new NoSuchAlgorithmException("not by this provider");
    };
  }

  private static Signature pss(String hash, MGF1ParameterSpec mask, int salt)
      throws GeneralSecurityException {
    Signature engine = Signature.getInstance("RSASSA-PSS");
    engine.setParameter(new PSSParameterSpec(hash, "MGF1", mask, salt, 1));
    return engine;
  }
}
