package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.Arrays;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.misc.ScryptParams;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.generators.SCrypt;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.paddings.PKCS7Padding;
import org.bouncycastle.crypto.paddings.PaddedBufferedBlockCipher;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * Encrypted PKCS#8 (RFC 5958 section 3) by PBES2 (RFC 8018 section 6.2): PBKDF2 or scrypt over the
 * password, AES or triple DES in CBC mode, as {@code openssl pkcs8 -topk8} writes it.
 *
 * <p>What the file may ask of memory and time is bounded. The older PBES1 is not read.
 */
final class EncryptedPkcs8 {
  static final String LABEL = "ENCRYPTED PRIVATE KEY";

  private static final int MAX_ITERATIONS = 10_000_000;
  private static final int MAX_SCRYPT_BYTES = 256 * 1024 * 1024;

  /** Key bytes of each cipher. */
  private static final Map<ASN1ObjectIdentifier, Integer> CIPHERS =
      Map.of(
          NISTObjectIdentifiers.id_aes128_CBC, 16,
          NISTObjectIdentifiers.id_aes192_CBC, 24,
          NISTObjectIdentifiers.id_aes256_CBC, 32,
          PKCSObjectIdentifiers.des_EDE3_CBC, 24);

  private EncryptedPkcs8() {}

  /**
   * The PKCS#8 bytes inside; the caller overwrites them after use.
   *
   * @throws BullaException {@link ErrorCode#KEY_INVALID} for a wrong password or a damaged file,
   *     {@link ErrorCode#KEY_UNSUPPORTED} for another way of encryption
   */
  static byte[] decrypt(byte[] der, Secret password, String what) {
    EncryptedPrivateKeyInfo info;
    PBES2Parameters parameters;
    try {
      info = EncryptedPrivateKeyInfo.getInstance(der);
      if (!info.getEncryptionAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.id_PBES2)) {
        throw unsupported(what, "scheme " + info.getEncryptionAlgorithm().getAlgorithm().getId());
      }
      parameters = PBES2Parameters.getInstance(info.getEncryptionAlgorithm().getParameters());
      return decrypt(info, parameters, password, what);
    } catch (BullaException e) {
      throw e;
    } catch (RuntimeException e) { // several kinds for elements that are missing or odd
      throw new BullaException(
          ErrorCode.KEY_INVALID, what + ": not a readable encrypted PKCS#8 private key", e);
    }
  }

  private static byte[] decrypt(
      EncryptedPrivateKeyInfo info, PBES2Parameters parameters, Secret password, String what) {
    EncryptionScheme scheme = parameters.getEncryptionScheme();
    Integer length = CIPHERS.get(scheme.getAlgorithm());
    if (length == null) {
      throw unsupported(what, "cipher " + scheme.getAlgorithm().getId());
    }
    BlockCipher cipher =
        length == 24 && isTripleDes(scheme) ? new DESedeEngine() : AESEngine.newInstance();
    byte[] iv = ASN1OctetString.getInstance(scheme.getParameters()).getOctets();
    byte[] key = derive(parameters.getKeyDerivationFunc(), length, password, what);
    try {
      PaddedBufferedBlockCipher mode =
          new PaddedBufferedBlockCipher(CBCBlockCipher.newInstance(cipher), new PKCS7Padding());
      mode.init(false, new ParametersWithIV(new KeyParameter(key), iv));
      byte[] box = info.getEncryptedData();
      byte[] out = new byte[mode.getOutputSize(box.length)];
      int size = mode.processBytes(box, 0, box.length, out, 0);
      size += mode.doFinal(out, size);
      byte[] pkcs8 = Arrays.copyOf(out, size);
      Arrays.fill(out, (byte) 0);
      if (size < 2 || pkcs8[0] != 0x30) {
        throw wrong(what);
      }
      return pkcs8;
    } catch (CryptoException e) {
      throw wrong(what);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static boolean isTripleDes(EncryptionScheme scheme) {
    return scheme.getAlgorithm().equals(PKCSObjectIdentifiers.des_EDE3_CBC);
  }

  private static byte[] derive(
      KeyDerivationFunc function, int length, Secret password, String what) {
    byte[] text = password.copy();
    try {
      if (function.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)) {
        return pbkdf2(PBKDF2Params.getInstance(function.getParameters()), length, text, what);
      }
      if (function.getAlgorithm().equals(MiscObjectIdentifiers.id_scrypt)) {
        return scrypt(ScryptParams.getInstance(function.getParameters()), length, text, what);
      }
      throw unsupported(what, "key derivation " + function.getAlgorithm().getId());
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  private static byte[] pbkdf2(PBKDF2Params asked, int length, byte[] password, String what) {
    int iterations = asked.getIterationCount().intValueExact();
    if (iterations < 1 || iterations > MAX_ITERATIONS) {
      throw unsupported(what, iterations + " iterations");
    }
    ASN1ObjectIdentifier prf = asked.getPrf().getAlgorithm();
    Digest digest;
    if (prf.equals(PKCSObjectIdentifiers.id_hmacWithSHA256)) {
      digest = SHA256Digest.newInstance();
    } else if (prf.equals(PKCSObjectIdentifiers.id_hmacWithSHA1)) {
      digest = new SHA1Digest();
    } else if (prf.equals(PKCSObjectIdentifiers.id_hmacWithSHA384)) {
      digest = new SHA384Digest();
    } else if (prf.equals(PKCSObjectIdentifiers.id_hmacWithSHA512)) {
      digest = new SHA512Digest();
    } else {
      throw unsupported(what, "hash of the key derivation " + prf.getId());
    }
    PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(digest);
    generator.init(password, asked.getSalt(), iterations);
    return ((KeyParameter) generator.generateDerivedMacParameters(8 * length)).getKey();
  }

  private static byte[] scrypt(ScryptParams asked, int length, byte[] password, String what) {
    long n = asked.getCostParameter().longValueExact();
    long r = asked.getBlockSize().longValueExact();
    long p = asked.getParallelizationParameter().longValueExact();
    if (n < 2
        || n > 1 << 24
        || r < 1
        || r > 64
        || p < 1
        || p > 16
        || 128 * n * r > MAX_SCRYPT_BYTES) {
      throw unsupported(what, "scrypt with N=%d, r=%d, p=%d".formatted(n, r, p));
    }
    return SCrypt.generate(password, asked.getSalt(), (int) n, (int) r, (int) p, length);
  }

  private static BullaException wrong(String what) {
    return new BullaException(
        ErrorCode.KEY_INVALID,
        what + ": the key cannot be decrypted: wrong password, or a damaged file",
        PasswordSource.CHECK);
  }

  private static BullaException unsupported(String what, String found) {
    return new BullaException(
        ErrorCode.KEY_UNSUPPORTED,
        what + ": the key is encrypted in a way that is not supported: " + found,
        "Convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW.");
  }
}
