package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --notation-key}: keys and settings out of notation's own directory. */
class NotationKeysTest {
  @TempDir static Path temp;
  private static Caller caller;

  @BeforeAll
  static void aDirectoryOfNotation() throws IOException {
    caller = new Caller(temp.resolve("home"), temp);
    caller.run("key").ok();
    Files.createDirectories(temp.resolve("config"));
    Files.createDirectories(temp.resolve("no-default"));
    Files.writeString(temp.resolve("app.txt"), "hello");
    Files.writeString(
        temp.resolve("config/signingkeys.json"),
        """
        {"default": "home", "keys": [
          {"name": "home", "keyPath": "home/keys/signing.key", "certPath": "home/keys/CHAIN"},
          {"name": "absent", "keyPath": "absent.key", "certPath": "home/keys/CHAIN"},
          {"name": "vault", "id": "k1", "pluginName": "acme", "pluginConfig": {"a": "b"}}]}
        """
            .replace("CHAIN", "signing.crt"));
    Files.writeString(temp.resolve("config/config.json"), "{\"signatureFormat\": \"cose\"}");
    Files.writeString(temp.resolve("no-default/signingkeys.json"), "{\"keys\": []}");
  }

  private static Ran sign(String line) {
    return caller.run(("sign-blob --format notation --force " + line + " app.txt").split(" +"));
  }

  @Test
  void theDefaultKeySignsInTheFormatOfTheSettings() {
    sign("--notation-config config").ok();
    caller.run("verify-blob", "-s", "app.txt.cose.sig", "app.txt").ok();
    sign("--notation-config config --envelope jws --notation-key home").ok();
    caller.run("verify-blob", "-s", "app.txt.jws.sig", "app.txt").ok();
    caller
        .run(
            Map.of("NOTATION_CONFIG", "config"),
            "sign-blob --format notation --force --notation-default-key app.txt".split(" "))
        .ok();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--notation-config config --notation-key vault    | plugin-not-found | no plugin acme",
        "--notation-config config --notation-key nobody   | key-invalid | It has: 'home', 'absent'",
        "--notation-config config --notation-key absent   | file-not-found | absent.key",
        "--notation-config no-default                     | key-invalid | --notation-key NAME",
        "--notation-config no-default --notation-key x    | key-invalid | notation key add",
        "--notation-config absent                         | file-not-found | absent",
        "--notation-key home                              | file-not-found | signingkeys.json",
        "--notation-config config --notation-key home --key k | usage | excludes --key",
        "--notation-config config --notation-key home --plugin p --id i | usage | excludes --key",
        "--notation-config config --notation-key home --notation-default-key | usage | exclude",
      })
  void aKeyThatCannotBeMeantSaysWhy(String line, String code, String words) {
    assertThat(sign(line).ended(2).err()).contains("[" + code + "]", words);
  }

  @Test
  void onlyNotationsFormatIsMadeWithItsKeys() {
    caller
        .run("sign-blob --notation-config config --notation-key home --bundle b app.txt".split(" "))
        .failed(ErrorCode.USAGE);
  }
}
