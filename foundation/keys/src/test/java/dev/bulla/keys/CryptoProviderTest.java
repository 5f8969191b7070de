package dev.bulla.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.core.BullaException;
import dev.bulla.core.crypto.SignatureAlgorithm;
import java.security.Security;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CryptoProviderTest {
  @AfterEach
  void leaveNoChoiceBehind() {
    CryptoProvider.choose(CryptoProvider.Choice.AUTOMATIC);
  }

  @ParameterizedTest
  @CsvSource({"'', AUTOMATIC", "auto, AUTOMATIC", "jdk, JDK", "native, NATIVE"})
  void theChoiceIsRead(String text, CryptoProvider.Choice choice) {
    assertThat(CryptoProvider.Choice.parse(text)).isEqualTo(choice);
  }

  @Test
  void anotherChoiceIsRefused() {
    assertThatThrownBy(() -> CryptoProvider.Choice.parse("fips"))
        .isInstanceOf(BullaException.class)
        .hasMessageContaining("expected auto, jdk or native");
  }

  @Test
  void javaCodeOnlyMeansThatNothingNativeIsUsed() {
    CryptoProvider.choose(CryptoProvider.Choice.JDK);
    assertThat(CryptoProvider.loadNow()).isFalse();
    assertThat(CryptoProvider.description()).isEqualTo("Bouncy Castle");
    assertThat(CryptoProvider.ecdsa()).isEmpty();
  }

  @Test
  void whatEndsSoonNeverLoadsIt() {
    CryptoProvider.choose(CryptoProvider.Choice.AUTOMATIC);
    for (int i = 0; i < 63; i++) {
      assertThat(CryptoProvider.ecdsa()).isEmpty();
    }
    assertThat(CryptoProvider.description()).contains("not loaded yet");
  }

  @Test
  void whatIsLoadedIsUsedAndNotRegistered() {
    CryptoProvider.choose(CryptoProvider.Choice.NATIVE);
    assumeTrue(CryptoProvider.loadNow(), CryptoProvider.description());
    assertThat(CryptoProvider.description()).startsWith("AmazonCorrettoCryptoProvider");
    assertThat(CryptoProvider.ecdsa()).isPresent();
    assertThat(Security.getProviders()).noneMatch(one -> one.getName().contains("Amazon"));
  }

  @ParameterizedTest
  @CsvSource({
    "p256.sec1.pem, ECDSA_P256_SHA256",
    "p384.sec1.pem, ECDSA_P384_SHA384",
    "p384.sec1.pem, ECDSA_P384_SHA256",
    "p521.sec1.pem, ECDSA_P521_SHA512",
    "p521.sec1.pem, ECDSA_P521_SHA256"
  })
  void eachProviderGivesTheSameAnswer(String name, SignatureAlgorithm algorithm) {
    LocalSigner signer = Keys.signer(name);
    byte[] message = {1, 2, 3};
    byte[] signature = signer.sign(algorithm, message);
    for (CryptoProvider.Choice choice : CryptoProvider.Choice.values()) {
      CryptoProvider.choose(choice);
      PublicKeyVerifier verifier = Keys.signer(name).verifier();
      assertThat(verifier.verify(algorithm, message, signature)).as(choice.name()).isTrue();
      assertThat(verifier.verify(algorithm, new byte[3], signature)).as(choice.name()).isFalse();
      // a hash that is longer than the curve's order is cut to its size
      assertThat(verifier.verifyEcdsa("SHA-512", message, signature))
          .as(choice.name())
          .isEqualTo(algorithm == SignatureAlgorithm.ECDSA_P521_SHA512);
    }
  }
}
