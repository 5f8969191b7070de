package dev.bulla.keys.pkcs11;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.crypto.Signer;
import dev.bulla.keys.EcdsaSignatures;
import dev.bulla.keys.KeyType;
import dev.bulla.keys.PublicKeyVerifier;
import java.io.ByteArrayOutputStream;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;

/**
 * Signs with a private key that stays in its token. The message is hashed here, the hash signed
 * there; every signature is verified with the public key before it is given out. Thread-safe; calls
 * wait for each other.
 */
public final class Pkcs11Signer implements Signer {
  private static final byte[] SHA256_INFO =
      HexFormat.of().parseHex("3031300d060960864801650304020105000420");

  private final TokenKey key;
  private final PublicKeyVerifier publicKey;
  private final List<X509Certificate> chain;

  private Pkcs11Signer(TokenKey key, PublicKeyVerifier publicKey, List<X509Certificate> chain) {
    this.key = key;
    this.publicKey = publicKey;
    this.chain = chain;
  }

  static Pkcs11Signer open(TokenKey key) {
    return key.use((session, object) -> {
      TokenObjects objects = new TokenObjects(key.module(), session);
      List<X509Certificate> chain = objects.chain(object);
      PublicKeyVerifier publicKey = objects.publicKey(object, key.shown());
      boolean complete =
          !chain.isEmpty()
              && PublicKeyVerifier.of(chain.getFirst().getPublicKey()).equals(publicKey);
      return new Pkcs11Signer(key, publicKey, complete ? chain : List.of());
    });
  }

  @Override
  public PublicKey publicKey() {
    return publicKey.publicKey();
  }

  /** The chain in the token, if it holds one for this key up to a self-signed certificate. */
  @Override
  public List<X509Certificate> certificateChain() {
    return chain;
  }

  @Override
  public byte[] sign(SignatureAlgorithm algorithm, byte[] message) {
    if (!publicKey.type().fits(algorithm)) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          "cannot sign with %s: the key is of type %s".formatted(algorithm, publicKey.type()));
    }
    byte[] made =
        key.use((session, object) ->
            switch (algorithm) {
              case ECDSA_P256_SHA256, ECDSA_P384_SHA256, ECDSA_P521_SHA256 ->
                  ecdsa(session, object, hash(Digest.Algorithm.SHA256, message));
              case ECDSA_P384_SHA384 ->
                  ecdsa(session, object, hash(Digest.Algorithm.SHA384, message));
              case ECDSA_P521_SHA512 ->
                  ecdsa(session, object, hash(Digest.Algorithm.SHA512, message));
              case RSA_PKCS1_SHA256 -> pkcs1(session, object, message);
              case RSA_PSS_SHA256 ->
                  pss(session, object, hash(Digest.Algorithm.SHA256, message), 0x250, 2);
              case RSA_PSS_SHA384 ->
                  pss(session, object, hash(Digest.Algorithm.SHA384, message), 0x260, 3);
              case RSA_PSS_SHA512 ->
                  pss(session, object, hash(Digest.Algorithm.SHA512, message), 0x270, 4);
              case ED25519 ->
                  key.module().sign(session, object, Cryptoki.CKM_EDDSA, new byte[0], message);
              case ED25519PH, ML_DSA_65 ->
                  throw new BullaException(
                      ErrorCode.KEY_UNSUPPORTED,
                      algorithm + " signatures by a PKCS#11 token are not supported");
            });
    if (!publicKey.verify(algorithm, message, made)) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          key.shown() + ": the token's signature does not verify with the public key in the token",
          "The private key and the public key or certificate of this label or id do not belong"
              + " together.");
    }
    return made;
  }

  private byte[] ecdsa(long session, long object, byte[] hash) {
    byte[] raw = key.module().sign(session, object, Cryptoki.CKM_ECDSA, new byte[0], hash);
    return EcdsaSignatures.toDer(raw, fieldBytes(publicKey.type()));
  }

  private static int fieldBytes(KeyType type) {
    return switch (type) {
      case EC_P256 -> 32;
      case EC_P384 -> 48;
      case EC_P521 -> 66;
      case RSA, ED25519, ML_DSA_65 -> 0;
    };
  }

  private byte[] pkcs1(long session, long object, byte[] message) {
    ByteArrayOutputStream info = new ByteArrayOutputStream();
    info.writeBytes(SHA256_INFO);
    info.writeBytes(hash(Digest.Algorithm.SHA256, message));
    return key.module()
        .sign(session, object, Cryptoki.CKM_RSA_PKCS, new byte[0], info.toByteArray());
  }

  /** CK_RSA_PKCS_PSS_PARAMS: hash mechanism, mask function, salt length (that of the hash). */
  private byte[] pss(long session, long object, byte[] hash, long mechanism, long mask) {
    ByteArrayOutputStream parameters = new ByteArrayOutputStream();
    parameters.writeBytes(key.module().number(mechanism));
    parameters.writeBytes(key.module().number(mask));
    parameters.writeBytes(key.module().number(hash.length));
    return key.module()
        .sign(session, object, Cryptoki.CKM_RSA_PKCS_PSS, parameters.toByteArray(), hash);
  }

  private static byte[] hash(Digest.Algorithm algorithm, byte[] message) {
    return Digest.of(algorithm, message).bytes();
  }

  @Override
  public String toString() {
    return "signer with " + publicKey + " in " + key.shown();
  }
}
