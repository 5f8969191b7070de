package dev.bulla.keys.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.core.BullaException;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.keys.PublicKeyVerifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys in a real token of SoftHSM, made without certificates as most tools make them. */
class Pkcs11KeysTest {
  private static final byte[] MESSAGE = {1, 2, 3};

  @TempDir static Path temp;
  private static Path module;

  @BeforeAll
  static void aTokenWithKeys() throws Exception {
    Optional<Path> installed = SoftToken.installed();
    assumeTrue(installed.isPresent(), "SoftHSM is not installed (.ci/setup)");
    module = installed.get();
    SoftToken.create(temp, module)
        .token("release")
        .key("release", "p256", "01", key("p256.pkcs8.pem"))
        .key("release", "p384", "02", key("p384.pkcs8.pem"))
        .key("release", "p521", "03", key("p521.pkcs8.pem"))
        .key("release", "rsa", "04", key("rsa.pkcs8.pem"))
        .token("spare")
        .key("spare", "only one", "0a", key("p256.pkcs8.pem"));
    pinFile("pin", SoftToken.PIN + "\n");
    pinFile("wrong", "0000\n");
  }

  @ParameterizedTest
  @CsvSource({
    "token=release;object=p256, p256.pub.pem, ECDSA_P256_SHA256",
    "token=release;id=%02;type=private, p384.pub.pem, ECDSA_P384_SHA384",
    "token=release;id=%02;object=p384, p384.pub.pem, ECDSA_P384_SHA256",
    "token=release;object=p521, p521.pub.pem, ECDSA_P521_SHA512",
    "token=release;object=rsa, rsa.pub.pem, RSA_PKCS1_SHA256",
    "token=release;object=rsa, rsa.pub.pem, RSA_PSS_SHA256",
    "token=release;object=rsa, rsa.pub.pem, RSA_PSS_SHA384",
    "token=release;object=rsa, rsa.pub.pem, RSA_PSS_SHA512",
    "token=spare;x-maker=any, p256.pub.pem, ECDSA_P256_SHA256",
    "manufacturer=SoftHSM%20project;token=spare;object=only%20one, p256.pub.pem, ECDSA_P256_SHA256"
  })
  void signsInTheToken(String name, String publicKey, SignatureAlgorithm algorithm)
      throws IOException {
    Pkcs11Signer signer = open(name, "pin");
    PublicKeyVerifier known = PublicKeyVerifier.ofPem(key(publicKey), publicKey);
    assertThat(PublicKeyVerifier.of(signer.publicKey())).isEqualTo(known);
    assertThat(signer.certificateChain()).isEmpty();
    assertThat(known.verify(algorithm, MESSAGE, signer.sign(algorithm, MESSAGE))).isTrue();
    assertThat(signer.toString()).doesNotContain(SoftToken.PIN);
  }

  @ParameterizedTest
  @CsvSource({
    "token=release;object=p256, wrong, the PIN is wrong, a few wrong ones lock the token",
    "token=release;object=absent, pin, no private key that fits pkcs11:object=absent;token=release,"
        + " 'p384'",
    "token=release, pin, 4 private keys that fit, Name one by object or id",
    "token=absent, pin, the token of pkcs11:token=absent is not present, 'Present: '",
    "type=private, pin, 2 tokens fit, 'Name one by token, serial or slot-id'",
    "token=release;object=p256, absent, absent: there is no such file, ''"
  })
  void whatCannotBeUsedIsSaidPrecisely(String name, String pin, String message, String next) {
    assertThatThrownBy(() -> open(name, pin))
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.nextStep()).contains(next))
        .hasMessageContaining(message)
        .hasMessageNotContaining("0000");
  }

  @Test
  void theSignerAsksForItsPinEachTimeSoThatNothingStaysOpen() throws IOException {
    pinFile("passing", SoftToken.PIN);
    Pkcs11Signer signer = open("token=release;object=p256", "passing");
    pinFile("passing", "0000");
    assertThatThrownBy(() -> signer.sign(SignatureAlgorithm.ECDSA_P256_SHA256, MESSAGE))
        .hasMessageContaining("the PIN is wrong");
    assertThatThrownBy(() -> signer.sign(SignatureAlgorithm.RSA_PSS_SHA256, MESSAGE))
        .hasMessageContaining("the key is of type EC_P256");
  }

  @Test
  void moduleAndPinAlsoComeFromTheEnvironmentAsWithCosign() {
    Map<String, String> environment =
        Map.of(
            Pkcs11Keys.MODULE_VARIABLE, module.toString(), Pkcs11Keys.PIN_VARIABLE, SoftToken.PIN);
    Pkcs11Uri uri = Pkcs11Uri.parse("pkcs11:token=release;object=p256");
    assertThat(new Pkcs11Keys(temp, environment).open(uri).publicKey()).isNotNull();
    assertThatThrownBy(() ->
            new Pkcs11Keys(temp, Map.of(Pkcs11Keys.MODULE_VARIABLE, module.toString())).open(uri))
        .hasMessageContaining("the token wants a PIN and none was given");
    assertThatThrownBy(() -> new Pkcs11Keys(temp, Map.of()).open(uri))
        .hasMessageContaining("nothing says which PKCS#11 module");
  }

  @ParameterizedTest
  @CsvSource({
    "token=release;object=p384, p384.pub.pem",
    "token=release;id=%04;type=public, rsa.pub.pem",
    "token=spare, p256.pub.pem"
  })
  void thePublicKeyNeedsNoPin(String name, String publicKey) throws IOException {
    Pkcs11Uri uri = Pkcs11Uri.parse("pkcs11:" + name + "?module-path=" + module);
    assertThat(new Pkcs11Keys(temp, Map.of()).publicKey(uri))
        .isEqualTo(PublicKeyVerifier.ofPem(key(publicKey), publicKey));
  }

  @Test
  void anAmbiguousPublicKeyIsNotGuessed() {
    Map<String, String> environment = Map.of(Pkcs11Keys.PIN_VARIABLE, SoftToken.PIN);
    Pkcs11Uri uri = Pkcs11Uri.parse("pkcs11:token=release?module-path=" + module);
    assertThatThrownBy(() -> new Pkcs11Keys(temp, environment).publicKey(uri))
        .hasMessageContaining("4 private keys that fit");
    assertThatThrownBy(() -> new Pkcs11Keys(temp, Map.of()).publicKey(uri))
        .hasMessageContaining("the token wants a PIN and none was given");
  }

  @Test
  void whatIsNoModuleIsRefused() throws IOException {
    Path text = Files.writeString(temp.resolve("module.so"), "text");
    for (String path : new String[] {"absent.so", text.toString()}) {
      Pkcs11Uri uri = Pkcs11Uri.parse("pkcs11:token=release?module-path=" + path);
      assertThatThrownBy(() -> new Pkcs11Keys(temp, Map.of()).open(uri))
          .isInstanceOf(BullaException.class)
          .hasMessageMatching(
              "there is no PKCS#11 module .*absent.so"
                  + "|.*module.so: not a PKCS#11 module for this machine.*");
    }
  }

  private static Pkcs11Signer open(String name, String pin) {
    return new Pkcs11Keys(temp, Map.of())
        .open(
            Pkcs11Uri.parse(
                "pkcs11:" + name + "?module-path=" + module + "&pin-source=file:" + pin));
  }

  private static void pinFile(String name, String text) throws IOException {
    Path file = Files.writeString(temp.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static byte[] key(String name) throws IOException {
    try (InputStream in = Pkcs11KeysTest.class.getResourceAsStream("/dev/bulla/keys/" + name)) {
      return in.readAllBytes();
    }
  }
}
