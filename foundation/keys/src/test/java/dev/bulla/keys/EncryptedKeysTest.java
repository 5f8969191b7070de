package dev.bulla.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys under a password: encrypted PKCS#8 and PKCS#12; new keys; chains beside keys. */
class EncryptedKeysTest {
  private static final PasswordSource FIXTURE = password("fixture-pass");

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "p256.aes.pem, '', p256.pub.pem, 0",
    "rsa.sha512.pem, '', rsa.pub.pem, 0",
    "ed25519.scrypt.pem, '', ed25519.pub.pem, 0",
    "p384.des3.pem, '', p384.pub.pem, 0",
    "release.p12, '', p256.pub.pem, 2",
    "release.p12, release, p256.pub.pem, 2",
    "two.p12, Second, p384.pub.pem, 1",
    "two.p12, Release, p256.pub.pem, 2"
  })
  void readsWhatOpensslEncrypted(String file, String alias, String publicKey, int chain) {
    LocalSigner signer = open(file, FIXTURE, alias);
    assertThat(signer.verifier()).isEqualTo(Keys.verifier(publicKey));
    assertThat(signer.certificateChain()).hasSize(chain);
  }

  @ParameterizedTest
  @CsvSource({
    "p256.aes.pem, wrong, '', key-invalid, wrong password",
    "ed25519.scrypt.pem, wrong, '', key-invalid, wrong password",
    "p256.pbes1.pem, fixture-pass, '', key-unsupported, encrypted in a way that is not supported",
    "release.p12, wrong, '', key-invalid, wrong password",
    "release.p12, , '', key-invalid, no password was given",
    "release.p12, fixture-pass, other, key-invalid, no key has the alias 'other'",
    "two.p12, fixture-pass, '', key-invalid, 'the file holds 2 keys, and no alias says which'",
    "nokey.p12, fixture-pass, '', key-invalid, no private key in the file",
    "p256.aes.pem, fixture-pass, x, usage, only keys in a PKCS#12 file have an alias"
  })
  void whatCannotBeUsedIsSaidPrecisely(
      String file, String password, String alias, String code, String message) {
    PasswordSource source = password == null ? PasswordSource.none() : password(password);
    assertThatThrownBy(() -> open(file, source, alias))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code().id()).isEqualTo(code))
        .hasMessageContaining(file)
        .hasMessageContaining(message)
        .hasMessageNotContaining("fixture-pass");
  }

  @Test
  void aDamagedPkcs12FileIsRefused() {
    byte[] content = Keys.bytes("release.p12");
    content[60] ^= 1;
    assertThatThrownBy(() -> KeyFiles.signer(content, FIXTURE, Optional.empty(), "bent.p12"))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_INVALID));
  }

  @ParameterizedTest
  @CsvSource({
    "ecdsa-p256, EC_P256, 256",
    "ecdsa-p384, EC_P384, 384",
    "ecdsa-p521, EC_P521, 521",
    "ed25519, ED25519, 256",
    "rsa-2048, RSA, 2048"
  })
  void aNewKeyIsOfTheKindThatWasNamed(String name, KeyType type, int bits) {
    LocalSigner made = KeyAlgorithm.parse(name).generate(new SecureRandom());
    assertThat(made.verifier().type()).isEqualTo(type);
    assertThat(made.verifier().bits()).isEqualTo(bits);
  }

  @Test
  void anotherKindIsRefusedWithAList() {
    assertThatThrownBy(() -> KeyAlgorithm.parse("dsa"))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.nextStep()).contains("ecdsa-p256, ").contains("rsa-4096"));
  }

  @Test
  void aPairIsEncryptedReadAgainAndReplacedOnlyWhenTold() throws IOException {
    LocalSigner made = KeyAlgorithm.ECDSA_P256.generate(new SecureRandom());
    LocalSigner other = KeyAlgorithm.ED25519.generate(new SecureRandom());
    KeyPairFiles files = KeyPairFiles.at(directory.resolve("release"));
    try (Secret password = Secret.of("fixture-pass")) {
      files.write(made, password, new SecureRandom(), false);
      String before = Files.readString(files.privateKey());
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.privateKey())))
          .isEqualTo("rw-------");
      assertThat(KeyFiles.published(files.publicKey())).contains(made.verifier());
      assertThat(KeyFiles.published(files.privateKey())).isEmpty();
      assertThatThrownBy(() -> files.write(other, password, new SecureRandom(), false))
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
      Files.delete(files.publicKey());
      assertThatThrownBy(() -> files.write(other, password, new SecureRandom(), false))
          .hasMessageContaining("release.key");
      assertThat(files.publicKey()).doesNotExist();
      assertThat(Files.readString(files.privateKey())).isEqualTo(before);
      files.write(other, password, new SecureRandom(), true);
      assertThat(KeyFiles.published(files.publicKey())).contains(other.verifier());
      assertThat(KeyFiles.signer(files.privateKey(), FIXTURE).verifier())
          .isEqualTo(other.verifier());
    }
  }

  @Test
  void aPasswordFileGivesItsFirstLineAndMustBeItsOwnersOnly() throws IOException {
    Path file = directory.resolve("password");
    Files.writeString(file, "fixture-pass\r\nsecond line");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(open("p256.aes.pem", PasswordSource.file(file), "").verifier())
        .isEqualTo(Keys.verifier("p256.pub.pem"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> open("p256.aes.pem", PasswordSource.file(file), ""))
        .hasMessageContaining("rw-r--r--");
  }

  @Test
  void aChainMustFitItsKeyAndStandInOrder() {
    List<X509Certificate> chain = Certificates.parseAll(Keys.bytes("p256.chain.pem"), "chain.pem");
    LocalSigner key = Keys.signer("p256.pkcs8.pem");
    CertifiedSigner certified = CertifiedSigner.of(key, chain, "chain.pem");
    assertThat(certified.certificateChain()).isEqualTo(chain);
    byte[] message = {1};
    assertThat(
            key.verifier()
                .verify(
                    SignatureAlgorithm.ECDSA_P256_SHA256,
                    message,
                    certified.sign(SignatureAlgorithm.ECDSA_P256_SHA256, message)))
        .isTrue();
    assertThatThrownBy(() -> CertifiedSigner.of(Keys.signer("p384.pkcs8.pem"), chain, "chain.pem"))
        .hasMessageContaining("chain.pem: the first certificate does not certify the EC_P384 key");
    assertThatThrownBy(() -> CertifiedSigner.of(key, chain.reversed(), "chain.pem"))
        .hasMessageContaining("does not certify");
    assertThatThrownBy(
            () -> CertifiedSigner.of(key, List.of(chain.get(0), chain.get(0)), "chain.pem"))
        .hasMessageContaining("certificate 1 (CN=Fixture leaf) was not issued by");
  }

  private static LocalSigner open(String file, PasswordSource passwords, String alias) {
    Optional<String> named = alias.isEmpty() ? Optional.empty() : Optional.of(alias);
    return KeyFiles.signer(Keys.bytes(file), passwords, named, file);
  }

  private static PasswordSource password(String text) {
    return PasswordSource.environment(Map.of("COSIGN_PASSWORD", text));
  }
}
