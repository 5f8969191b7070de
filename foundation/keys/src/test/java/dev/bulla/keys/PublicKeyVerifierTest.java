package dev.bulla.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.crypto.SignatureAlgorithm;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublicKeyVerifierTest {
  private static final byte[] MESSAGE = Keys.bytes("message.txt");

  @ParameterizedTest
  @CsvSource({
    "p256.pub.pem, ECDSA_P256_SHA256, p256.sig",
    "p384.pub.pem, ECDSA_P384_SHA384, p384.sig",
    "p521.pub.pem, ECDSA_P521_SHA512, p521.sig",
    "rsa.pub.pem, RSA_PKCS1_SHA256, rsa.sig",
    "rsa.pub.pem, RSA_PSS_SHA256, rsa-pss.sig",
    "ed25519.pub.pem, ED25519, ed25519.sig"
  })
  void acceptsWhatOpensslSignedAndNothingElse(
      String key, SignatureAlgorithm algorithm, String signature) {
    PublicKeyVerifier verifier = Keys.verifier(key);
    byte[] made = Keys.bytes(signature);
    assertThat(verifier.verify(algorithm, MESSAGE, made)).isTrue();
    assertThat(verifier.verify(algorithm, "other".getBytes(), made)).isFalse();
    for (int at = 0; at < made.length; at += 7) {
      byte[] changed = made.clone();
      changed[at] ^= 1;
      assertThat(verifier.verify(algorithm, MESSAGE, changed)).as("bit 0 of byte %d", at).isFalse();
    }
    assertThat(verifier.verify(algorithm, MESSAGE, new byte[0])).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "p256.sec1.pem, ECDSA_P256_SHA256",
    "p384.sec1.pem, ECDSA_P384_SHA384",
    "p384.sec1.pem, ECDSA_P384_SHA256",
    "p521.sec1.pem, ECDSA_P521_SHA512",
    "p521.sec1.pem, ECDSA_P521_SHA256",
    "rsa.pkcs1.pem, RSA_PKCS1_SHA256",
    "rsa.pkcs1.pem, RSA_PSS_SHA256",
    "rsa.pkcs1.pem, RSA_PSS_SHA384",
    "rsa.pkcs1.pem, RSA_PSS_SHA512",
    "ed25519.pkcs8.pem, ED25519",
    "ed25519.pkcs8.pem, ED25519PH"
  })
  void acceptsWhatOurSignerMakesFromTheMessageAndFromItsHash(
      String key, SignatureAlgorithm algorithm) {
    LocalSigner signer = Keys.signer(key);
    byte[] signature = signer.sign(algorithm, MESSAGE);
    assertThat(signer.verifier().verify(algorithm, MESSAGE, signature)).isTrue();
    Optional<Digest.Algorithm> hash = signer.verifier().prehash(algorithm);
    if (hash.isPresent()) {
      byte[] hashed = Digest.of(hash.get(), MESSAGE).bytes();
      assertThat(signer.verifier().verifyPrehashed(algorithm, hashed, signature)).isTrue();
      hashed[0] ^= 1;
      assertThat(signer.verifier().verifyPrehashed(algorithm, hashed, signature)).isFalse();
    }
    for (SignatureAlgorithm other : SignatureAlgorithm.values()) {
      if (other != algorithm) {
        assertThat(signer.verifier().verify(other, MESSAGE, signature)).as(other.name()).isFalse();
      }
    }
  }

  @Test
  void zeroAndOversizedEcdsaValuesAreNoSignature() {
    PublicKeyVerifier verifier = Keys.verifier("p256.pub.pem");
    byte[] zeros = EcdsaSignatures.toDer(new byte[64], 32);
    assertThat(verifier.verify(SignatureAlgorithm.ECDSA_P256_SHA256, MESSAGE, zeros)).isFalse();
    byte[] ones = new byte[64];
    java.util.Arrays.fill(ones, (byte) 0xff);
    assertThat(
            verifier.verify(
                SignatureAlgorithm.ECDSA_P256_SHA256, MESSAGE, EcdsaSignatures.toDer(ones, 32)))
        .isFalse();
  }

  @Test
  void aPointOffTheCurveIsRefused() {
    byte[] spki = Keys.verifier("p256.pub.pem").subjectPublicKeyInfo();
    spki[spki.length - 1] ^= 1;
    assertThatThrownBy(() -> PublicKeyVerifier.of(spki, "bent key"))
        .isInstanceOf(BullaException.class);
  }

  @Test
  void namesTheKeyAsOpensslAndCosignDo() {
    assertThat(Keys.verifier("cosign.pub").hint())
        .isEqualTo("CHPkjAxcdEAIeBDQt/aJzMef2HljumMJw9NKxgm45UU=");
  }
}
