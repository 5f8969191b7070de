package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bulla verify-blob --signature} and plugins on the command line. */
class NotationBlobTest {
  @TempDir static Path temp;
  private static Caller caller;

  @BeforeAll
  static void signAFile() throws IOException {
    caller = new Caller(temp.resolve("home"), temp);
    Files.writeString(temp.resolve("app.txt"), "hello");
    Files.writeString(temp.resolve("other.txt"), "hell0");
    Files.createDirectory(temp.resolve("empty"));
    caller.run("sign-blob", "--format", "notation", "-m", "a=b", "app.txt").ok();
    Files.copy(temp.resolve("app.txt.jws.sig"), temp.resolve("app.sig"));
    Files.copy(temp.resolve("app.txt.jws.sig"), temp.resolve("app.cose.sig"));
  }

  private static Ran run(String line) {
    return caller.run(line.split(" +"));
  }

  @Test
  void homeNotationsDirectoryAndTwoOptionsSayTheSame() {
    String verify = "verify-blob -s app.txt.jws.sig ";
    run(verify + "-m a=b app.txt").ok();
    run(verify + "--notation-config home/trust app.txt").ok();
    run(verify
            + "--trust-policy home/trust/trustpolicy.blob.json --trust-store home/trust/truststore"
            + " --policy-name this-home app.txt")
        .ok();
    Caller elsewhere = new Caller(temp.resolve("nowhere"), temp);
    Map<String, String> environment = Map.of("NOTATION_CONFIG", "home/trust");
    elsewhere.run(environment, (verify + "app.txt").split(" +")).ok();
    elsewhere.run(environment, (verify + "other.txt").split(" +")).ended(3);
    assertThat(elsewhere.home()).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-s app.txt.jws.sig other.txt                          | 3 | signature-digest-mismatch",
        "-s app.txt.jws.sig -m a=c app.txt                     | 3 | signature-metadata",
        "-s app.txt.jws.sig --media-type text/html app.txt     | 3 | signature-digest-mismatch",
        "-s app.txt.jws.sig --policy-name other app.txt        | 3 | trust-policy-no-scope",
        "-s app.txt.jws.sig --at 2001-01-01 app.txt            | 3 | certificate-expired",
        "-s app.cose.sig app.txt                               | 3 | signature-malformed",
        "-s app.txt.jws.sig --trust-policy home/trust/trustpolicy.json --trust-store empty app.txt"
            + " | 3 | trust-policy-invalid",
        "-s app.txt.jws.sig --trust-policy home/trust/trustpolicy.blob.json --trust-store empty"
            + " app.txt | 3 | trust-store-invalid",
        "-s app.sig app.txt                                    | 2 | usage",
        "-s app.txt.jws.sig --bundle x app.txt                 | 2 | usage",
        "-s app.txt.jws.sig --key home/keys/signing.pub app.txt | 3 | signature-invalid",
        "-s app.txt.jws.sig --scope a/b app.txt                | 2 | usage",
        "-s app.txt.jws.sig --plugin-env NOT_SET app.txt       | 2 | usage",
        "-s app.txt.jws.sig --plugin-timeout 0 app.txt         | 2 | usage",
        "-s absent.jws.sig app.txt                             | 2 | file-not-found",
        "-s app.txt.jws.sig absent                             | 2 | file-not-found",
        "-s app.txt.jws.sig --notation-config empty app.txt    | 2 | file-not-found",
        "--policy-name x --key home/keys/signing.pub --bundle b app.txt | 2 | usage",
      })
  void whatIsNotVerifiedSaysWhy(String line, int exit, String code) {
    assertThat(run("verify-blob " + line).ended(exit).out() + run("verify-blob " + line).err())
        .contains("[" + code + "]")
        .doesNotContain("internal error");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--plugin absent --id k app.txt --plugin-directory empty | plugin-not-found",
        "--plugin absent app.txt                                 | usage",
        "--id k app.txt                                          | usage",
        "--plugin-config a=b app.txt                             | usage",
        "--plugin absent --id k --key home/keys/signing.key app.txt | usage",
      })
  void pluginThatCannotBeMeantIsAUsageError(String line, String code) {
    Ran ran = run("sign-blob --format notation --force " + line).ended(2);

    assertThat(ran.err()).contains("[" + code + "]");
  }
}
