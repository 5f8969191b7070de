package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.MLDSASigner;

/**
 * ML-DSA-65 (FIPS 204), pure, with an empty context, and its keys in the forms of RFC 9881.
 *
 * <p>Bouncy Castle computes it, so that it is the same on every Java runtime from 21 on; the JDK
 * has it from 24. Private keys are written as their seed of 32 bytes, and read as seed, as the
 * expanded key that the JDK writes, or as both, which must then belong together.
 */
final class MlDsa {
  static final String OID = "2.16.840.1.101.3.4.3.18";
  static final int PUBLIC_KEY_BYTES = 1952;

  private static final String NAME = "ML-DSA-65";
  private static final int SIGNATURE_BYTES = 3309;
  private static final int SEED_BYTES = 32;
  private static final int EXPANDED_BYTES = 4032;
  private static final int CHUNK = 64 * 1024;

  /** What stands before the key in a SubjectPublicKeyInfo. */
  static final byte[] PREFIX =
      HexFormat.of().parseHex("308207b2300b0609608648016503040312038207a100");

  private MlDsa() {}

  /** A public key in a form that every runtime knows how to carry. */
  record Public(byte[] spki) implements PublicKey {
    @Override
    public String getAlgorithm() {
      return NAME;
    }

    @Override
    public String getFormat() {
      return "X.509";
    }

    @Override
    public byte[] getEncoded() {
      return spki.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Public that && Arrays.equals(spki, that.spki);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(spki);
    }

    @Override
    public String toString() {
      return NAME + " public key";
    }
  }

  /** A private key; prints as nothing. */
  static final class Private implements PrivateKey {
    private final transient MLDSAPrivateKeyParameters parameters;

    private Private(MLDSAPrivateKeyParameters parameters) {
      this.parameters = parameters;
    }

    @Override
    public String getAlgorithm() {
      return NAME;
    }

    @Override
    public String getFormat() {
      return "PKCS#8";
    }

    @Override
    public byte[] getEncoded() {
      byte[] seed = parameters.getSeed();
      try {
        return new PrivateKeyInfo(
                new AlgorithmIdentifier(NISTObjectIdentifiers.id_ml_dsa_65),
                seed == null
                    ? new DEROctetString(parameters.getEncoded())
                    : new DERTaggedObject(false, 0, new DEROctetString(seed)))
            .getEncoded();
      } catch (IOException e) {
        throw new IllegalStateException("a key that was read cannot be written", e);
      }
    }

    @Override
    public String toString() {
      return NAME + " private key";
    }
  }

  static LocalSigner generate(SecureRandom random) {
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    return signer(new MLDSAPrivateKeyParameters(MLDSAParameters.ml_dsa_65, seed), NAME);
  }

  /**
   * The signer of a PKCS#8 key.
   *
   * @throws BullaException {@link ErrorCode#KEY_INVALID}
   */
  static LocalSigner read(PrivateKeyInfo info, String what) {
    try {
      if (info.getPrivateKeyAlgorithm().getParameters() != null) {
        throw invalid(what, "parameters, which it has none of");
      }
      return signer(parameters(info.parsePrivateKey().toASN1Primitive(), what), what);
    } catch (IOException | RuntimeException e) {
      if (e instanceof BullaException known) {
        throw known;
      }
      throw new BullaException(
          ErrorCode.KEY_INVALID, what + ": not a readable " + NAME + " private key", e);
    }
  }

  /** RFC 9881 section 6: seed, expandedKey or both. */
  private static MLDSAPrivateKeyParameters parameters(ASN1Primitive key, String what) {
    return switch (key) {
      case ASN1TaggedObject seed when seed.hasContextTag(0) ->
          of(ASN1OctetString.getInstance(seed, false), SEED_BYTES, what);
      case ASN1OctetString expanded -> of(expanded, EXPANDED_BYTES, what);
      case ASN1Sequence both when both.size() == 2 -> {
        var fromSeed = of(ASN1OctetString.getInstance(both.getObjectAt(0)), SEED_BYTES, what);
        var expanded = of(ASN1OctetString.getInstance(both.getObjectAt(1)), EXPANDED_BYTES, what);
        if (!Arrays.equals(encoded(fromSeed), encoded(expanded))) {
          throw invalid(what, "a seed and an expanded key that do not belong together");
        }
        yield fromSeed;
      }
      default -> throw invalid(what, "neither seed nor expanded key");
    };
  }

  private static MLDSAPrivateKeyParameters of(ASN1OctetString bytes, int length, String what) {
    if (bytes.getOctets().length != length) {
      throw invalid(what, "%d bytes, expected %d".formatted(bytes.getOctets().length, length));
    }
    return new MLDSAPrivateKeyParameters(MLDSAParameters.ml_dsa_65, bytes.getOctets());
  }

  private static byte[] encoded(MLDSAPrivateKeyParameters key) {
    return key.getParametersWithFormat(MLDSAPrivateKeyParameters.EXPANDED_KEY).getEncoded();
  }

  private static LocalSigner signer(MLDSAPrivateKeyParameters key, String what) {
    byte[] spki = SubjectKey.ofPoint(KeyType.ML_DSA_65, key.getPublicKey());
    return new LocalSigner(new Private(key), PublicKeyVerifier.of(spki, what), List.of());
  }

  static byte[] sign(Private key, InputStream message) throws IOException {
    MLDSASigner engine = new MLDSASigner();
    engine.init(true, new ParametersWithRandom(key.parameters, new SecureRandom()));
    byte[] chunk = new byte[CHUNK];
    for (int read = message.read(chunk); read >= 0; read = message.read(chunk)) {
      engine.update(chunk, 0, read);
    }
    try {
      return engine.generateSignature();
    } catch (CryptoException e) {
      throw new IllegalStateException(NAME + " cannot sign", e);
    }
  }

  /**
   * @param key {@value #PUBLIC_KEY_BYTES} bytes
   */
  static boolean verify(byte[] key, byte[] message, byte[] signature) {
    if (signature.length != SIGNATURE_BYTES) {
      return false;
    }
    MLDSASigner engine = new MLDSASigner();
    engine.init(false, new MLDSAPublicKeyParameters(MLDSAParameters.ml_dsa_65, key));
    engine.update(message, 0, message.length);
    return engine.verifySignature(signature);
  }

  private static BullaException invalid(String what, String found) {
    return new BullaException(
        ErrorCode.KEY_INVALID, "%s: an %s private key has %s".formatted(what, NAME, found));
  }
}
