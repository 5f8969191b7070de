package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/** From the bytes of a private key in its three usual wrappings to a {@link LocalSigner}. */
final class PrivateKeys {
  private static final List<ASN1ObjectIdentifier> CURVES =
      List.of(
          SECObjectIdentifiers.secp256r1,
          SECObjectIdentifiers.secp384r1,
          SECObjectIdentifiers.secp521r1);

  private PrivateKeys() {}

  /** SEC1 (RFC 5915) wrapped as PKCS#8. */
  static byte[] fromSec1(byte[] der, String what) {
    try {
      org.bouncycastle.asn1.sec.ECPrivateKey key =
          org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(der);
      return new PrivateKeyInfo(
              new AlgorithmIdentifier(
                  X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()),
              key)
          .getEncoded();
    } catch (IOException | RuntimeException e) {
      throw unreadable(what, "SEC1 EC", e);
    }
  }

  /** PKCS#1 (RFC 8017 appendix A.1.2) wrapped as PKCS#8. */
  static byte[] fromPkcs1(byte[] der, String what) {
    try {
      return new PrivateKeyInfo(
              new AlgorithmIdentifier(
                  PKCSObjectIdentifiers.rsaEncryption, org.bouncycastle.asn1.DERNull.INSTANCE),
              RSAPrivateKey.getInstance(der))
          .getEncoded();
    } catch (IOException | RuntimeException e) {
      throw unreadable(what, "PKCS#1 RSA", e);
    }
  }

  /** A signer of a PKCS#8 key (RFC 5208); the public half is computed from the private one. */
  static LocalSigner fromPkcs8(byte[] der, String what) {
    try {
      PrivateKeyInfo info = parse(der, what);
      ASN1ObjectIdentifier algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
      if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
        return ec(info, der, what);
      }
      if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
        return rsa(der, what);
      }
      if (algorithm.getId().equals("1.3.101.112")) {
        return ed25519(der, what);
      }
      if (algorithm.getId().equals(MlDsa.OID)) {
        return MlDsa.read(info, what);
      }
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          what + ": a private key with algorithm " + algorithm.getId() + " is not supported",
          "Use ECDSA on P-256, P-384 or P-521, RSA or Ed25519.");
    } catch (GeneralSecurityException | IllegalArgumentException | IllegalStateException e) {
      throw unreadable(what, "PKCS#8", e);
    }
  }

  private static PrivateKeyInfo parse(byte[] der, String what) {
    try {
      return PrivateKeyInfo.getInstance(der);
    } catch (
        RuntimeException
            e) { // Bouncy Castle throws several kinds for elements that are missing or odd
      throw unreadable(what, "PKCS#8", e);
    }
  }

  private static LocalSigner ec(PrivateKeyInfo info, byte[] der, String what)
      throws GeneralSecurityException {
    if (!(info.getPrivateKeyAlgorithm().getParameters() instanceof ASN1ObjectIdentifier curve)) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          what + ": an EC private key that does not name its curve",
          "Write it with a named curve: openssl pkey -in OLD -out NEW -ec_param_enc named_curve.");
    }
    int index = CURVES.indexOf(curve);
    if (index < 0) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          what + ": the curve " + Shown.text(curve.getId()) + " is not P-256, P-384 or P-521");
    }
    KeyType type = KeyType.values()[index];
    ECPrivateKey key = (ECPrivateKey) generate("EC", der);
    X9ECParameters parameters = CustomNamedCurves.getByOID(curve);
    BigInteger d = key.getS();
    if (d.signum() <= 0 || d.compareTo(parameters.getN()) >= 0) {
      throw new BullaException(ErrorCode.KEY_INVALID, what + ": the private value is out of range");
    }
    byte[] point =
        new FixedPointCombMultiplier().multiply(parameters.getG(), d).normalize().getEncoded(false);
    return signer(key, SubjectKey.ofPoint(type, point), what);
  }

  private static LocalSigner rsa(byte[] der, String what) throws GeneralSecurityException {
    if (!(generate("RSA", der) instanceof RSAPrivateCrtKey key)) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED, what + ": an RSA key without its public exponent");
    }
    byte[] spki =
        PublicKeyVerifier.encoded(
            KeyFactory.getInstance("RSA")
                .generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent())));
    return signer(key, spki, what);
  }

  private static LocalSigner ed25519(byte[] der, String what) throws GeneralSecurityException {
    EdECPrivateKey key = (EdECPrivateKey) generate("Ed25519", der);
    byte[] seed =
        key.getBytes()
            .orElseThrow(
                () -> new BullaException(ErrorCode.KEY_INVALID, what + ": an empty Ed25519 key"));
    byte[] point = new Ed25519PrivateKeyParameters(seed, 0).generatePublicKey().getEncoded();
    return signer(key, SubjectKey.ofPoint(KeyType.ED25519, point), what);
  }

  private static LocalSigner signer(PrivateKey key, byte[] spki, String what) {
    return new LocalSigner(key, PublicKeyVerifier.of(spki, what), List.of());
  }

  private static PrivateKey generate(String algorithm, byte[] der) throws GeneralSecurityException {
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
  }

  private static BullaException unreadable(String what, String form, Exception e) {
    return new BullaException(
        ErrorCode.KEY_INVALID, what + ": not a readable " + form + " private key", e);
  }
}
