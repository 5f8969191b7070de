package dev.bulla.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFilesTest {
  private static final PasswordSource FIXTURE =
      PasswordSource.environment(Map.of("COSIGN_PASSWORD", "fixture-pass"));

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "p256.sec1.pem, p256.pub.pem",
    "p256.pkcs8.pem, p256.pub.pem",
    "p384.sec1.pem, p384.pub.pem",
    "p384.pkcs8.pem, p384.pub.pem",
    "p521.sec1.pem, p521.pub.pem",
    "p521.pkcs8.pem, p521.pub.pem",
    "rsa.pkcs1.pem, rsa.pub.pem",
    "rsa.pkcs8.pem, rsa.pub.pem",
    "ed25519.pkcs8.pem, ed25519.pub.pem"
  })
  void readsEachWrappingAndComputesThePublicHalf(String key, String publicKey) {
    assertThat(Keys.signer(key).verifier()).isEqualTo(Keys.verifier(publicKey));
  }

  @Test
  void readsAKeyThatCosignEncrypted() {
    LocalSigner signer = KeyFiles.signer(Keys.bytes("cosign.key"), FIXTURE, "cosign.key");
    assertThat(signer.verifier()).isEqualTo(Keys.verifier("cosign.pub"));
  }

  @Test
  void aWrongOrMissingPasswordIsSaid() {
    PasswordSource wrong = PasswordSource.environment(Map.of("COSIGN_PASSWORD", "wrong"));
    refused(
            ErrorCode.KEY_INVALID,
            () -> KeyFiles.signer(Keys.bytes("cosign.key"), wrong, "cosign.key"))
        .hasMessageContaining("wrong password");
    refused(ErrorCode.KEY_INVALID, () -> Keys.signer("cosign.key"))
        .hasMessageContaining("no password was given");
  }

  @Test
  void writesAnEncryptedKeyThatItReadsAgain() throws IOException {
    Path file = directory.resolve("bulla.key");
    LocalSigner signer = Keys.signer("p256.sec1.pem");
    KeyFiles.writeEncrypted(file, signer, Secret.of("fixture-pass"), new SecureRandom());
    assertThat(Files.readString(file))
        .startsWith("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n");
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(KeyFiles.signer(file, FIXTURE).verifier()).isEqualTo(signer.verifier());
  }

  @Test
  void aKeyFileThatAsksForMoreMemoryIsRefused() {
    byte[] json =
        """
        {"kdf":{"name":"scrypt","params":{"N":1073741824,"r":8,"p":1},"salt":"AAAA"},
         "cipher":{"name":"nacl/secretbox","nonce":"AAAA"},"ciphertext":"AAAA"}\
        """
            .getBytes(StandardCharsets.UTF_8);
    byte[] pem = Pem.encode(CosignKeyFile.LABEL, json).getBytes(StandardCharsets.US_ASCII);
    refused(ErrorCode.KEY_UNSUPPORTED, () -> KeyFiles.signer(pem, FIXTURE, "greedy.key"));
  }

  @Test
  void aWrittenKeyIsForItsOwnerOnlyAndIsNeverReplaced() throws IOException {
    Path file = directory.resolve("new.key");
    KeyFiles.write(file, Keys.signer("p384.sec1.pem"));
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(KeyFiles.signer(file, PasswordSource.none()).verifier())
        .isEqualTo(Keys.verifier("p384.pub.pem"));
    refused(ErrorCode.CONFLICT, () -> KeyFiles.write(file, Keys.signer("p256.sec1.pem")));
    assertThat(KeyFiles.signer(file, PasswordSource.none()).verifier())
        .isEqualTo(Keys.verifier("p384.pub.pem"));
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----"})
  void aKeyThatOthersMayUseIsRefused(String mode) throws IOException {
    Path file = directory.resolve("loose.key");
    KeyFiles.write(file, Keys.signer("p256.sec1.pem"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    refused(ErrorCode.KEY_INVALID, () -> KeyFiles.signer(file, PasswordSource.none()))
        .hasMessageContaining(mode);
  }

  @ParameterizedTest
  @ValueSource(strings = {"k256.sec1.pem", "rsa1024.pkcs8.pem"})
  void unfitPrivateKeysAreRefused(String name) {
    refused(ErrorCode.KEY_UNSUPPORTED, () -> Keys.signer(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"k256.pub.pem", "rsa1024.pub.pem", "p256.compressed.pub.pem"})
  void unfitPublicKeysAreRefused(String name) {
    refused(ErrorCode.KEY_UNSUPPORTED, () -> Keys.verifier(name));
  }

  @Test
  void anRsaPublicKeyIsReadInBothForms() {
    assertThat(Keys.verifier("rsa.pkcs1.pub.pem")).isEqualTo(Keys.verifier("rsa.pub.pem"));
  }

  @Test
  void textThatIsNoKeyIsRefused() {
    refused(
        ErrorCode.KEY_INVALID,
        () -> PublicKeyVerifier.ofPem("hello".getBytes(StandardCharsets.UTF_8), "x"));
    refused(ErrorCode.KEY_INVALID, () -> Keys.signer("p256.pub.pem"));
    byte[] cut = "-----BEGIN PRIVATE KEY-----\nAAAA\n".getBytes(StandardCharsets.UTF_8);
    refused(ErrorCode.KEY_INVALID, () -> KeyFiles.signer(cut, PasswordSource.none(), "x"));
    byte[] junk =
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
            .getBytes(StandardCharsets.UTF_8);
    refused(ErrorCode.KEY_INVALID, () -> KeyFiles.signer(junk, PasswordSource.none(), "x"));
    refused(
        ErrorCode.FILE_NOT_FOUND,
        () -> KeyFiles.signer(directory.resolve("absent"), PasswordSource.none()));
  }

  @Test
  void nothingSecretIsPrinted() {
    LocalSigner signer = Keys.signer("p256.sec1.pem");
    assertThat(signer.toString())
        .isEqualTo("signer with EC_P256 key sha256:" + signer.verifier().fingerprint());
    assertThat(Secret.of("geheim").toString()).isEqualTo("[secret]");
  }

  @Test
  void aKeyOfAnotherTypeCannotMakeTheSignature() {
    refused(
        ErrorCode.KEY_UNSUPPORTED,
        () -> Keys.signer("p256.sec1.pem").sign(SignatureAlgorithm.RSA_PSS_SHA256, new byte[0]));
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ?> refused(
      ErrorCode code, ThrowingCallable action) {
    return assertThatThrownBy(action)
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
