package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The kinds of keys that can be made here. */
public enum KeyAlgorithm {
  ECDSA_P256("EC", "secp256r1"),
  ECDSA_P384("EC", "secp384r1"),
  ECDSA_P521("EC", "secp521r1"),
  ED25519("Ed25519", ""),
  RSA_2048("RSA", "2048"),
  RSA_3072("RSA", "3072"),
  RSA_4096("RSA", "4096"),
  /** Experimental. */
  ML_DSA_65("ML-DSA", "");

  private final String family;
  private final String parameter;

  KeyAlgorithm(String family, String parameter) {
    this.family = family;
    this.parameter = parameter;
  }

  /** As the user writes it, for example {@code ecdsa-p256}. */
  public String id() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  /**
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public static KeyAlgorithm parse(String id) {
    return Arrays.stream(values())
        .filter(one -> one.id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.USAGE,
                "'%s' is no algorithm of keys".formatted(Shown.text(id)),
                "Give one of: "
                    + Arrays.stream(values())
                        .map(KeyAlgorithm::id)
                        .collect(Collectors.joining(", "))
                    + "."));
  }

  /** Whether it is made only where somebody says that he wants to try it. */
  public boolean isExperimental() {
    return this == ML_DSA_65;
  }

  /** A new key of this kind, without certificates. */
  public LocalSigner generate(SecureRandom random) {
    if (this == ML_DSA_65) {
      return MlDsa.generate(random);
    }
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(family);
      switch (family) {
        case "EC" -> generator.initialize(new ECGenParameterSpec(parameter), random);
        case "RSA" -> generator.initialize(Integer.parseInt(parameter), random);
        default -> {}
      }
      KeyPair pair = generator.generateKeyPair();
      return new LocalSigner(pair.getPrivate(), PublicKeyVerifier.of(pair.getPublic()), List.of());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime cannot make a key " + id(), e);
    }
  }
}
