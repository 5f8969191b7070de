package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bulla key}: key pairs of one's own, and what can be signed with them. */
class KeyCommandTest {
  private static final Map<String, String> PASSWORD = Map.of("COSIGN_PASSWORD", "geheim");

  @TempDir static Path temp;
  private static Caller caller;

  @BeforeAll
  static void aKeyAndALayout() {
    caller = new Caller(temp.resolve("home"), temp);
    Project.application(temp.resolve("app"), "app", "1.0", "org.example:greeter:1.0");
    caller.run("build", "app", "--to", "layout:1.0").ok();
    caller.run("key").ok();
    run("key generate --algorithm ecdsa-p384 -o first").ok();
  }

  private static Ran run(String line) {
    return caller.run(PASSWORD, line.split(" +"));
  }

  @Test
  void aKeyPairSignsAndItsPublicKeyVerifies() {
    run("sign --key first.key --oci-layout layout:1.0").ok();
    run("verify --key first.pub --oci-layout layout:1.0").ok();
  }

  @Test
  void thePublicKeyOfEachReferenceIsPrinted() throws IOException {
    String pem = Files.readString(temp.resolve("home/keys/signing.pub"));
    assertThat(run("key public --key home/keys/signing.key").ok().out()).isEqualTo(pem);
    assertThat(run("key public --key home/keys/signing.pub").ok().out()).isEqualTo(pem);
    String secret = Files.readString(temp.resolve("home/keys/signing.key"));
    Ran variable =
        caller.run(
            Map.of("MY_KEY", secret), "key public --key env://MY_KEY --output json".split(" "));
    assertThat(variable.ok().json().path("publicKeyPem").asString()).isEqualTo(pem);
    assertThat(variable.json().path("type").asString()).isEqualTo("EC_P256");
    run("key public --key home/keys/signing.key --outfile again.pub").ok();
    assertThat(temp.resolve("again.pub")).hasContent(pem);
  }

  @Test
  void anImportedKeyIsTheSameKeyUnderAPassword() throws IOException {
    Path other = temp.resolve("other-password");
    Files.writeString(other, "other\n");
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rw-------"));
    run("key import --key home/keys/signing.key -o copy --password-file other-password").ok();
    assertThat(temp.resolve("copy.pub"))
        .hasSameTextualContentAs(temp.resolve("home/keys/signing.pub"));
    String printed = run("key public --key copy.key --password-file other-password").ok().out();
    assertThat(temp.resolve("copy.pub")).hasContent(printed);
  }

  @ParameterizedTest
  @CsvSource({
    "generate -o first, CONFLICT",
    "generate --algorithm dsa, USAGE",
    "generate --key first.key, USAGE",
    "import, USAGE",
    "public, USAGE",
    "public --key absent.key, FILE_NOT_FOUND",
    "public --key env://ABSENT, KEY_INVALID",
    "public --key absent://key, KEY_INVALID",
    "public --key absent://key --password-file first.pub, USAGE",
    "public --key pkcs11:token=a?pin-value=1234, USAGE",
    "public --key home/keys/signing.key --key-alias x, USAGE",
    "--force, USAGE",
    "delete, USAGE"
  })
  void whatCannotBeMeantIsRefused(String words, ErrorCode code) {
    run("key " + words).failed(code);
  }

  @Test
  void withoutAPasswordNothingIsWritten() {
    caller.run("key", "generate", "-o", "bare").failed(ErrorCode.KEY_INVALID);
    assertThat(temp.resolve("bare.key")).doesNotExist();
  }
}
