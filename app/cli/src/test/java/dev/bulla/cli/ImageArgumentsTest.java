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
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * How commands without a server name what they look at, and the documents that scripts take from
 * them.
 */
class ImageArgumentsTest {
  @TempDir static Path temp;
  private static Caller caller;
  private static String digest;

  @BeforeAll
  static void buildAndSign() {
    caller = new Caller(temp.resolve("home"), temp);
    new Project(temp)
        .advisories("osv")
        .zip("osv.zip", Map.of("GHSA-jfh8-c2jp-5v3q.json", Project.LOG4SHELL));
    Project.application(
        temp.resolve("app"), "app", "1.0", "org.apache.logging.log4j:log4j-core:2.14.1");
    digest =
        caller
            .run("build", "app", "--to", "layout:1.0", "--output", "json")
            .ok()
            .json()
            .path("digest")
            .asString();
    caller.run("sign", "--oci-layout", "layout@" + digest).ok();
  }

  @Test
  void layoutIsNamedByTagOrByDigest() {
    for (String image :
        new String[] {"layout:1.0", "layout@" + digest, temp.resolve("layout") + ":1.0"}) {
      caller.run("verify", "--key", "home/keys/signing.pub", "--oci-layout", image).ok();
      assertThat(caller.run("sbom", "--oci-layout", image).ok().out()).contains("log4j-core");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "layout:2.0",
        "layout@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      })
  void whatALayoutDoesNotHoldIsNotFound(String image) {
    caller
        .run("verify", "--key", "home/keys/signing.pub", "--oci-layout", image)
        .failed(ErrorCode.MANIFEST_NOT_FOUND)
        .ended(1);
  }

  @Test
  void verifyByTrustPolicyNeedsTheScopeOfALayout() {
    String[] words = {
      "verify",
      "--trust-policy",
      "home/trust/trustpolicy.json",
      "--trust-store",
      "home/trust/truststore",
      "--oci-layout",
      "layout:1.0"
    };
    caller.run(words).failed(ErrorCode.USAGE);

    words = (String.join(" ", words) + " --scope registry.example.org/app").split(" ");
    caller.run(words).ok();
  }

  @Test
  void commandsThatNeedNoHomeTouchNone() {
    Caller fresh = new Caller(temp.resolve("never"), temp);

    fresh.run("verify", "--key", "home/keys/signing.pub", "--oci-layout", "layout:1.0").ok();
    fresh.run("sbom", "app").ok();
    fresh.run("scan", "--advisories", "osv", "app").ok();
    fresh.run("ask", "releases").ok();
    fresh.run("stop").ok();

    assertThat(fresh.home()).doesNotExist();
  }

  @Test
  void homeIsNamedByTheOptionBeforeTheEnvironment() {
    Caller fresh = new Caller(temp.resolve("by-environment"), temp);

    fresh.run("--home", "by-option", "key").ok();
    fresh.run("key", "--home=by-option-after").ok();

    assertThat(temp.resolve("by-option/keys")).isDirectory();
    assertThat(temp.resolve("by-option-after/keys")).isDirectory();
    assertThat(fresh.home()).doesNotExist();
  }

  @Test
  void bothSbomFormatsAreWrittenTheSameEachTime() {
    String cyclonedx =
        caller.run("sbom", "--format", "cyclonedx-json", "--oci-layout", "layout:1.0").ok().out();
    String spdx =
        caller.run("sbom", "--format", "spdx-json", "--oci-layout", "layout:1.0").ok().out();

    assertThat(new Ran("sbom", 0, cyclonedx, "").json().path("specVersion").asString())
        .isEqualTo("1.6");
    assertThat(new Ran("sbom", 0, spdx, "").json().path("spdxVersion").asString())
        .isEqualTo("SPDX-2.3");
    assertThat(caller.run("sbom", "--oci-layout", "layout:1.0").ok().out()).isEqualTo(cyclonedx);
    assertThat(caller.run("sbom", "--format", "spdx-json", "--oci-layout", "layout:1.0").ok().out())
        .isEqualTo(spdx);
    assertThat(
            caller
                .run(
                    Map.of("SOURCE_DATE_EPOCH", "1700000000"), "sbom", "--oci-layout", "layout:1.0")
                .ok()
                .out())
        .contains("2023-11-14T22:13:20Z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"osv", "osv.zip", "osv/GHSA-jfh8-c2jp-5v3q.json"})
  void scanTakesADirectoryAZipOrAFileOfAdvisories(String advisories) {
    JsonNode statement =
        caller
            .run(
                "scan",
                "--advisories",
                advisories,
                "--output",
                "json",
                "--oci-layout",
                "layout:1.0")
            .ok()
            .json();

    assertThat(statement.path("subject").path(0).path("digest").path("sha256").asString())
        .isEqualTo(digest.substring("sha256:".length()));
    assertThat(statement.toString()).contains("CVE-2021-44228", "log4j-core");
  }

  @Test
  void scanEndsWith3OnlyFromTheLevelThatWasNamed() {
    caller.run("scan", "--advisories", "osv", "app").ok();
    caller.run("scan", "--advisories", "osv", "--fail-on", "high", "app").ended(3);
    caller.run("scan", "--advisories", "osv", "--fail-on", "low", "app/web").ok();
  }

  @Test
  void tamperedLayerIsFoundBeforeItIsBelieved() throws IOException {
    caller.run("build", "app", "--to", "tampered:1.0").ok();
    Path blobs = temp.resolve("tampered/blobs/sha256");
    try (var files = Files.list(blobs)) {
      Path largest =
          files
              .max(java.util.Comparator.comparingLong(file -> file.toFile().length()))
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(largest);
      bytes[bytes.length / 2] ^= 1;
      Files.write(largest, bytes);
    }

    Ran ran = caller.run("sbom", "--oci-layout", "tampered:1.0").ended(1);

    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("[digest-mismatch]");
  }

  @Test
  void provenanceIsWrittenWhereItWasAskedFor() throws IOException {
    caller.run("build", "app", "--to", "third:1.0", "--provenance", "provenance.json").ok();

    assertThat(Files.readString(temp.resolve("provenance.json")))
        .contains("https://slsa.dev/provenance/v1", digest.substring("sha256:".length()));
  }

  @Test
  void keyIsMadeOnceAndForItsOwnerOnly() throws IOException {
    Caller fresh = new Caller(temp.resolve("keys-home"), temp);
    JsonNode first = fresh.run("key", "--output", "json").ok().json();
    JsonNode second = fresh.run("key", "--output", "json").ok().json();

    assertThat(first.path("created").asBoolean()).isTrue();
    assertThat(second.path("created").asBoolean()).isFalse();
    assertThat(second.path("fingerprint")).isEqualTo(first.path("fingerprint"));
    try (var files = Files.walk(fresh.home().resolve("keys"))) {
      assertThat(
              files.filter(
                  file -> file.toString().endsWith(".key") || file.toString().endsWith("key.pem")))
          .isNotEmpty()
          .allSatisfy(file ->
              assertThat(Files.getPosixFilePermissions(file))
                  .hasToString("[OWNER_READ, OWNER_WRITE]"));
    }
  }
}
