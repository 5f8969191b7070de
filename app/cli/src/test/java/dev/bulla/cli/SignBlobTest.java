package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    run("sign-blob --yes --tlog-upload=false --bundle app.bundle app.txt").ok();

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
  void severalFilesGetABundleEach() {
    Ran ran = run("sign-blob --output json app.txt other.txt").ok();

    assertThat(ran.json().path("results").findValuesAsString("signature"))
        .containsExactly("app.txt.sigstore.json", "other.txt.sigstore.json");
    String verify = "verify-blob --key home/keys/signing.pub --bundle app.txt.sigstore.json ";
    run(verify + "app.txt").ok();
    run(verify + "other.txt").ended(3);
  }

  @Test
  void statementIsSealedAsItIs() throws IOException {
    String digest = Digest.sha256("hello".getBytes(StandardCharsets.UTF_8)).hex();
    Files.writeString(
        temp.resolve("statement.json"),
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"digest\":{\"sha256\":\"%s\"}}],"
                .formatted(digest)
            + "\"predicateType\":\"https://example.test/p\",\"predicate\":{}}");

    run("sign-blob --in-toto --bundle sealed.json statement.json").ok();
    run("verify-blob --key home/keys/signing.pub --bundle sealed.json sha256:" + digest).ok();
    run("sign-blob --in-toto --bundle x predicate.json").failed(ErrorCode.STATEMENT_INVALID);
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
        "app.txt --bundle x --identity-token predicate.json",
        "app.txt --bundle x --identity-token eyJhIjoxfQ.eyJhIjoxfQ.AAAA",
        "app.txt --bundle x --key home/keys/signing.key --identity-token predicate.json",
        "app.txt --bundle x --signing-config absent --trusted-root predicate.json",
        "app.txt --bundle x --trusted-root predicate.json",
        "app.txt --bundle x --rekor-url ftp://x --trusted-root predicate.json",
        "app.txt other.txt --bundle x",
        "app.txt --bundle x --in-toto --type cyclonedx --predicate predicate.json",
        "app.txt --format notation --rekor-url https://log.example.test",
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
