package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code bulla sign-blob}: what it makes is verified, and only that. */
class SignBlobTest {
  @TempDir static Path temp;
  private static Caller caller;

  @BeforeAll
  static void makeFiles() throws IOException {
    caller = new Caller(temp.resolve("home"), temp);
    Files.writeString(temp.resolve("app.txt"), "hello");
    Files.writeString(temp.resolve("other.txt"), "hell0");
    Files.writeString(temp.resolve("predicate.json"), "{\"a\":1}");
    Files.createDirectory(temp.resolve("dir"));
    caller.run("key").ok();
  }

  private static Ran run(String line) {
    return caller.run(line.split(" +"));
  }

  @Test
  void bundleIsOverThisFileAndNoOther() {
    run("sign-blob --bundle app.bundle app.txt").ok();

    String verify = "verify-blob --key home/keys/signing.pub --bundle app.bundle ";
    assertThat(run(verify + "app.txt").ok().out()).startsWith("VERIFIED");
    run(verify + "other.txt").ended(3);
  }

  @Test
  void predicateIsAttestedAboutTheFile() {
    run("sign-blob --type cyclonedx --predicate predicate.json --bundle sbom.bundle app.txt").ok();

    String verify = "verify-blob --key home/keys/signing.pub --bundle sbom.bundle --type ";
    run(verify + "cyclonedx app.txt").ok();
    run(verify + "cyclonedx other.txt").ended(3);
    run(verify + "spdxjson app.txt").ended(3);
  }

  @Test
  void signatureFileIsNotReplacedUnasked() throws IOException {
    String sign = "sign-blob --format notation --envelope cose --signature-directory dir app.txt";
    Ran first = run(sign + " --output json").ok();
    Path written = temp.resolve("dir/app.txt.cose.sig");
    byte[] before = Files.readAllBytes(written);

    assertThat(first.json().path("signature").asString()).isEqualTo(written.toString());
    run(sign).failed(ErrorCode.CONFLICT);
    assertThat(written).hasBinaryContent(before);
    run(sign + " --force").ok();
    assertThat(Files.readAllBytes(written)).isNotEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "app.txt",
        "dir --bundle x",
        "absent.txt --bundle x",
        "app.txt --bundle x --format both",
        "app.txt --bundle x --type cyclonedx",
        "app.txt --bundle x --envelope cose",
        "app.txt --bundle x -m a=b",
        "app.txt --format notation --bundle x",
        "app.txt --format notation --envelope cbor",
        "app.txt --format notation --media-type nonsense",
        "app.txt --format notation --signature-directory absent",
        "app.txt --format notation -m io.cncf.notary.x=1",
      })
  void whatCannotBeMeantIsAUsageError(String line) {
    run("sign-blob " + line).ended(2);

    assertThat(temp.resolve("x")).doesNotExist();
    assertThat(temp.resolve("app.txt.jws.sig")).doesNotExist();
  }
}
