package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.json.Fields;
import dev.bulla.keys.KeyType;
import dev.bulla.keys.PublicKeyVerifier;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A key of a role (TUF specification section 4.2): ECDSA on P-256 and P-384, Ed25519, RSA-PSS with
 * SHA-256. ECDSA keys are PEM, or the point in hexadecimal as Sigstore's first roots have them,
 * where the key type also stands for the scheme.
 *
 * <p>Two keys are the same if their public keys are, whatever their identifiers.
 */
record TufKey(PublicKeyVerifier verifier, SignatureAlgorithm algorithm) {
  private static final String P256_POINT = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
  private static final String P384_POINT = "3076301006072a8648ce3d020106052b81040022036200";
  private static final String ED25519_KEY = "302a300506032b6570032100";

  /** Empty for a key of a kind that cannot be verified: what it signs does not count. */
  static Optional<TufKey> parse(Fields key) {
    String scheme = key.string("scheme");
    String type = key.string("keytype");
    String written = key.object("keyval").optionalString("public").orElse("");
    try {
      return switch (scheme) {
        case "ecdsa-sha2-nistp256" ->
            ofType(type, "ecdsa|ecdsa-sha2-nistp256")
                .map(ok -> key(written, P256_POINT, 65))
                .flatMap(k -> of(k, KeyType.EC_P256, SignatureAlgorithm.ECDSA_P256_SHA256));
        case "ecdsa-sha2-nistp384" ->
            ofType(type, "ecdsa|ecdsa-sha2-nistp384")
                .map(ok -> key(written, P384_POINT, 97))
                .flatMap(k -> of(k, KeyType.EC_P384, SignatureAlgorithm.ECDSA_P384_SHA384));
        case "ed25519" ->
            ofType(type, "ed25519")
                .map(ok -> key(written, ED25519_KEY, 32))
                .flatMap(k -> of(k, KeyType.ED25519, SignatureAlgorithm.ED25519));
        case "rsassa-pss-sha256" ->
            ofType(type, "rsa")
                .map(ok -> key(written, "", 0))
                .flatMap(k -> of(k, KeyType.RSA, SignatureAlgorithm.RSA_PSS_SHA256));
        default -> Optional.empty();
      };
    } catch (BullaException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  boolean verify(byte[] message, byte[] signature) {
    return verifier.verify(algorithm, message, signature);
  }

  private static Optional<String> ofType(String type, String expected) {
    return Optional.of(type).filter(one -> one.matches(expected));
  }

  private static Optional<TufKey> of(
      PublicKeyVerifier verifier, KeyType type, SignatureAlgorithm algorithm) {
    return verifier.type() == type
        ? Optional.of(new TufKey(verifier, algorithm))
        : Optional.empty();
  }

  private static PublicKeyVerifier key(String written, String prefix, int length) {
    if (written.startsWith("-----BEGIN ")) {
      return PublicKeyVerifier.ofPem(written.getBytes(StandardCharsets.UTF_8), "key of a role");
    }
    if (written.length() != 2 * length) {
      throw new IllegalArgumentException("neither PEM nor hexadecimal");
    }
    return PublicKeyVerifier.of(HexFormat.of().parseHex(prefix + written), "key of a role");
  }
}
