package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.cli.command.Session;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * {@code --output json}: exactly one document on standard output, whatever happens; the rest is for
 * standard error.
 */
class JsonOutputTest {
  @TempDir static Path temp;
  private static Caller caller;

  @BeforeAll
  static void buildALayout() {
    caller = new Caller(temp.resolve("home"), temp);
    new Project(temp).advisories("osv").text("predicate.json", "{}");
    Project.application(temp.resolve("app"), "app", "1.0", "org.example:greeter:1.0");
    caller.run("build", "app", "--to", "layout:1.0").ok();
    caller.run("sign", "--oci-layout", "layout:1.0").ok();
    caller.run("advisory", "import", "osv").ok();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ship --no-server app",
        "build app --to other:1.0",
        "sbom app",
        "sbom --format spdx-json app",
        "sbom --oci-layout layout:1.0",
        "scan app",
        "scan --advisories osv --oci-layout layout:1.0",
        "sign --oci-layout layout:1.0",
        "sign --type custom --predicate predicate.json --oci-layout layout:1.0",
        "verify --key home/keys/signing.pub --oci-layout layout:1.0",
        "verify --scope example.org/app --oci-layout layout:1.0",
        "ask releases",
        "ask refusals",
        "ask exposed-to CVE-2021-44228",
        "advisory import osv",
        "advisory show",
        "advisory show CVE-2021-44228",
        "key",
        "stop"
      })
  void successIsOneDocument(String line) {
    Ran ran = caller.run((line + " --output json").split(" ")).ok();

    assertThat(ran.json().isObject()).isTrue();
    assertThat(ran.json().has("error")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ship nowhere",
        "ship",
        "ship --bogus app",
        "ask releases --limit many",
        "sbom --format table app",
        "sbom nowhere.example.org:1/x/y/Z",
        "verify --key nowhere layout:1.0",
        "nonsense"
      })
  void failureIsOneDocumentThatNamesTheCode(String line) {
    for (String[] words :
        new String[][] {
          (line + " --output json").split(" "),
          (line + " --output=json").split(" "),
          ("--output json " + line).split(" ")
        }) {
      Ran ran = caller.run(words);

      assertThat(ran.code()).as(line).isPositive();
      JsonNode error = ran.json().path("error");
      assertThat(error.path("message").asString()).isNotBlank();
      assertThat(ran.err()).contains("[" + error.path("code").asString() + "]");
    }
  }

  @Test
  void textForPeopleKeepsStandardErrorForWhatWentWrong() {
    Ran ran = caller.run("sbom", "--format", "table", "app").ok();

    assertThat(ran.out()).contains("greeter", "2 components");
    assertThat(ran.err()).isEmpty();
  }

  @Test
  void serveTellsItsAddressesInOneDocument() throws Exception {
    Caller other = new Caller(temp.resolve("serving"), temp);
    String out;
    try (Serving server =
        Serving.start(
            other,
            "--output",
            "json",
            "--listen",
            "http://127.0.0.1:0",
            "--listen",
            "http://localhost:0")) {
      out = server.out();
      assertThat(
              new Ran("serve", 0, out, "")
                  .json()
                  .path("addresses")
                  .valueStream()
                  .map(JsonNode::asString))
          .hasSize(2)
          .containsExactlyElementsOf(server.addresses());
      server.close();
      assertThat(server.out()).isEqualTo(out);
    }
  }

  @Test
  void everyCommandHelpsNewcomersOnStandardOutput() {
    for (String command : Commands.names()) {
      for (String[] words :
          new String[][] {{command, "--help"}, {"help", command}, {command, "-h"}}) {
        Ran ran = caller.run(words).ok();
        assertThat(ran.out()).startsWith("Usage: bulla " + command).contains("--output", "--home");
        assertThat(ran.err()).isEmpty();
      }
      assertThat(caller.run("--help").ok().out()).contains("  " + command);
    }
    assertThat(Stream.of("--version", "-V", "version").map(word -> caller.run(word).ok().out()))
        .containsOnly("bulla " + Session.VERSION + System.lineSeparator());
  }
}
