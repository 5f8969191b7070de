package dev.bulla.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ML-DSA-65 beside OpenSSL's (the files of README.md) and the JDK's. */
class MlDsaTest {
  private static final SignatureAlgorithm ALGORITHM = SignatureAlgorithm.ML_DSA_65;
  private static final byte[] MESSAGE = file("message.txt");

  private static byte[] file(String name) {
    try (InputStream in = MlDsaTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(name, e);
    }
  }

  private static LocalSigner signer(byte[] pem) {
    return KeyFiles.signer(pem, PasswordSource.none(), "test");
  }

  private static byte[] pem(byte[] pkcs8) {
    return Pem.encode("PRIVATE KEY", pkcs8).getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void theKeyAndTheSignatureOfOpenSslAreUnderstood() {
    LocalSigner signer = signer(file("mldsa65.pkcs8.pem"));
    PublicKeyVerifier key = PublicKeyVerifier.ofPem(file("mldsa65.pub.pem"), "public");
    assertThat(signer.verifier()).isEqualTo(key);
    assertThat(key.type()).isEqualTo(KeyType.ML_DSA_65);
    byte[] signature = file("mldsa65.sig");
    assertThat(key.verify(ALGORITHM, MESSAGE, signature)).isTrue();
    assertThat(pem(signer.privateKey().getEncoded())).isEqualTo(file("mldsa65.pkcs8.pem"));
    for (int at = 0; at < signature.length; at += 97) {
      byte[] changed = signature.clone();
      changed[at] ^= 1;
      assertThat(key.verify(ALGORITHM, MESSAGE, changed)).isFalse();
    }
    assertThat(key.verify(ALGORITHM, new byte[0], signature)).isFalse();
    assertThat(key.verify(ALGORITHM, MESSAGE, Arrays.copyOf(signature, 3308))).isFalse();
    assertThat(key.verify(ALGORITHM, MESSAGE, Arrays.copyOf(signature, 3310))).isFalse();
    assertThat(key.verify(SignatureAlgorithm.ED25519, MESSAGE, signature)).isFalse();
  }

  @Test
  void theJdkVerifiesOurSignaturesAndReadsOurKeys() throws Exception {
    LocalSigner signer = KeyAlgorithm.ML_DSA_65.generate(new SecureRandom());
    Signature jdk = Signature.getInstance("ML-DSA-65");
    jdk.initVerify(
        KeyFactory.getInstance("ML-DSA")
            .generatePublic(new X509EncodedKeySpec(signer.publicKey().getEncoded())));
    jdk.update(MESSAGE);
    assertThat(jdk.verify(signer.sign(ALGORITHM, MESSAGE))).isTrue();
    jdk.update(MESSAGE);
    assertThat(jdk.verify(signer.sign(ALGORITHM, new ByteArrayInputStream(MESSAGE)))).isTrue();
    assertThat(signer(pem(signer.privateKey().getEncoded())).verifier())
        .isEqualTo(signer.verifier());
    assertThat(signer.privateKey().toString()).isEqualTo("ML-DSA-65 private key");
  }

  @Test
  void weVerifyTheJdksSignaturesAndReadItsKeys() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("ML-DSA-65").generateKeyPair();
    Signature jdk = Signature.getInstance("ML-DSA-65");
    jdk.initSign(pair.getPrivate());
    jdk.update(MESSAGE);
    PublicKeyVerifier key = PublicKeyVerifier.of(pair.getPublic());
    assertThat(key.verify(ALGORITHM, MESSAGE, jdk.sign())).isTrue();
    LocalSigner read = signer(pem(pair.getPrivate().getEncoded()));
    assertThat(read.verifier()).isEqualTo(key);
    assertThat(key.verify(ALGORITHM, MESSAGE, read.sign(ALGORITHM, MESSAGE))).isTrue();
    assertThat(signer(pem(read.privateKey().getEncoded())).verifier()).isEqualTo(key);
  }

  @Test
  void aKeyDoesNotSignWithAnAlgorithmOfOthers() {
    LocalSigner signer = signer(file("mldsa65.pkcs8.pem"));
    assertThatThrownBy(() -> signer.sign(SignatureAlgorithm.ED25519, MESSAGE))
        .isInstanceOf(BullaException.class);
  }

  /** PKCS#8 with the algorithm of ML-DSA-65, and something else than its key. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "3034020100300b0609608648016503040312042280200001",
        "3018020100300b0609608648016503040312040680040001020304",
        "3019020100300b060960864801650304031204070405000102030405",
        "3016020100300b06096086480165030403120404300204ff",
        "3014020100300b060960864801650304031204020500",
        "3015020100300d060960864801650304031205000401ff"
      })
  void anotherStructureIsRefused(String hex) {
    assertThatThrownBy(() -> signer(pem(HexFormat.of().parseHex(hex))))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_INVALID));
  }

  @Test
  void seedAndExpandedKeyMustBelongTogether() throws Exception {
    byte[] seed = new byte[32];
    for (int i = 0; i < seed.length; i++) {
      seed[i] = (byte) i;
    }
    byte[] expanded =
        new org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters(
                org.bouncycastle.crypto.params.MLDSAParameters.ml_dsa_65, seed)
            .getParametersWithFormat(
                org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters.EXPANDED_KEY)
            .getEncoded();
    assertThat(signer(pem(both(seed, expanded))).verifier())
        .isEqualTo(PublicKeyVerifier.ofPem(file("mldsa65.pub.pem"), "public"));
    seed[0] = 9;
    assertThatThrownBy(() -> signer(pem(both(seed, expanded))))
        .hasMessageContaining("do not belong together");
  }

  private static byte[] both(byte[] seed, byte[] expanded) throws IOException {
    var both = new org.bouncycastle.asn1.ASN1EncodableVector();
    both.add(new org.bouncycastle.asn1.DEROctetString(seed));
    both.add(new org.bouncycastle.asn1.DEROctetString(expanded));
    return new org.bouncycastle.asn1.pkcs.PrivateKeyInfo(
            new org.bouncycastle.asn1.x509.AlgorithmIdentifier(
                new org.bouncycastle.asn1.ASN1ObjectIdentifier(MlDsa.OID)),
            new org.bouncycastle.asn1.DERSequence(both))
        .getEncoded();
  }
}
