package dev.bulla.keys.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What tokens can say that SoftHSM never does, and tokens that hold certificates. */
class TokenFailuresTest {
  private static final byte[] ID = {1};

  private final PretendedToken token = new PretendedToken();
  private List<X509Certificate> chain = List.of();

  @BeforeEach
  void aKeyWithItsChain() throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/dev/bulla/keys/p256.chain.pem")) {
      chain = Certificates.parseAll(in.readAllBytes(), "chain");
    }
    token.objects.add(
        Map.of(
            Cryptoki.CKA_CLASS, token.number(Cryptoki.CKO_PRIVATE_KEY),
            Cryptoki.CKA_KEY_TYPE, token.number(Cryptoki.CKK_EC),
            Cryptoki.CKA_ID, ID));
  }

  @ParameterizedTest
  @CsvSource({
    "0xa0, 0, key-invalid, the PIN is wrong",
    "0xa3, 0, key-invalid, the PIN has expired",
    "0xa4, 0, key-invalid, the PIN is locked after too many wrong ones",
    "0x102, 0, key-invalid, no user PIN was ever set",
    "0xe0, 0, key-invalid, it was taken away",
    "0x5, 0, key-invalid, C_Login ends with CKR_GENERAL_ERROR",
    "0x99999, 0, key-invalid, C_Login ends with 0x99999",
    "0, 0x70, key-unsupported, does not make this kind of signature",
    "0, 0x68, key-unsupported, does not make this kind of signature",
    "0, 0x32, key-invalid, it was taken away"
  })
  void eachFailureIsSaidInWordsAndNoSessionStaysOpen(
      String login, String signing, String code, String message) {
    certificate(0);
    token.loginEndsWith = Long.decode(login);
    token.signingEndsWith = Long.decode(signing);
    assertThatThrownBy(() -> open().sign(SignatureAlgorithm.ECDSA_P256_SHA256, new byte[] {1}))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code().id()).isEqualTo(code))
        .hasMessageContaining("token 'pretended': ")
        .hasMessageContaining(message);
    assertThat(token.openSessions).isZero();
  }

  @Test
  void theChainInTheTokenCountsWhenItIsWhole() {
    certificate(0);
    assertThat(open().certificateChain()).isEmpty();
    token.objects.add(
        Map.of(
            Cryptoki.CKA_CLASS, token.number(Cryptoki.CKO_CERTIFICATE),
            Cryptoki.CKA_VALUE, Certificates.encoded(chain.get(1))));
    assertThat(open().certificateChain()).isEqualTo(chain);
  }

  @Test
  void aKeyWithoutAnyPublicHalfIsRefused() {
    assertThatThrownBy(this::open)
        .hasMessageContaining("neither a public key nor a certificate for this key");
  }

  @Test
  void aSignatureThatIsNotTheKeysIsNeverGivenOut() {
    certificate(0);
    token.signature = new byte[64];
    assertThatThrownBy(() -> open().sign(SignatureAlgorithm.ECDSA_P256_SHA256, new byte[] {1}))
        .hasMessageContaining("does not verify with the public key in the token");
  }

  @Test
  void aPublicKeyThatIsNoneIsRefused() {
    token.objects.add(
        Map.of(
            Cryptoki.CKA_CLASS,
            token.number(Cryptoki.CKO_PUBLIC_KEY),
            Cryptoki.CKA_ID,
            ID,
            Cryptoki.CKA_EC_PARAMS,
            new byte[] {6, 1},
            Cryptoki.CKA_EC_POINT,
            new byte[] {4, 1, 4}));
    assertThatThrownBy(this::open)
        .isInstanceOf(BullaException.class)
        .hasMessageContaining("public key in the token is not readable");
  }

  private void certificate(int index) {
    token.objects.add(
        Map.of(
            Cryptoki.CKA_CLASS, token.number(Cryptoki.CKO_CERTIFICATE),
            Cryptoki.CKA_ID, ID,
            Cryptoki.CKA_VALUE, Certificates.encoded(chain.get(index))));
  }

  private Pkcs11Signer open() {
    return Pkcs11Signer.open(
        new TokenKey(token, Pkcs11Uri.parse("pkcs11:token=pretended"), name -> Secret.of("1")));
  }
}
