package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Home;
import dev.bulla.store.HomeLock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What people get wrong, and what the world gets wrong for them: code, exit code, next step, and
 * nothing left behind.
 */
class WrongInputTest {
  @TempDir Path temp;
  private Caller caller;
  private Project app;

  @BeforeEach
  void prepare() {
    caller = new Caller(temp.resolve("home"), temp);
    app = Project.application(temp.resolve("app"), "app", "1.0", "org.example:greeter:1.0");
    new Project(temp).advisories("osv");
  }

  @Test
  void unknownCommandNamesTheNearest() {
    Ran ran = caller.run("verfy", "x").ended(2);

    assertThat(ran.err()).contains("'verfy' is not a command", "'verify'");
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void noCommandShowsWhatThereIs() {
    assertThat(caller.run().ended(2).out())
        .contains("Usage: bulla COMMAND", "bulla ship examples/hello");
  }

  @Test
  void unknownOptionNamesTheNearest() {
    Ran ran = caller.run("ship", "--advisorys", "osv", "app").failed(ErrorCode.USAGE);

    assertThat(ran.err()).contains("--advisorys", "Did you mean '--advisories'?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ship                                        | usage",
        "ship --output xml app                       | usage",
        "ship --to Registry/UPPER app                | reference-invalid",
        "ship --policy absent.yaml app               | file-not-found",
        "ship nowhere                                | file-not-found",
        "ship osv                                    | file-not-found",
        "build app --to ./l:1 --push 127.0.0.1:1/a   | usage",
        "verify --key absent.pub 127.0.0.1:1/app:1   | file-not-found",
        "verify --key osv/set.json 127.0.0.1:1/app:1 | trust-key-invalid",
        "verify --key osv/set.json --scope a/b x:1   | usage",
        "verify --trust-policy osv/set.json x:1      | usage",
        "verify --type cyclonedx 127.0.0.1:1/app:1   | usage",
        "verify 127.0.0.1:1/app:1                    | usage",
        "verify --key absent.pub 127.0.0.1:1//app    | reference-invalid",
        "verify --key absent.pub a@sha256:12         | reference-invalid",
        "sign --key absent.key 127.0.0.1:1/app:1     | file-not-found",
        "sign --type cyclonedx 127.0.0.1:1/app:1     | usage",
        "sign 127.0.0.1:1/app//x                     | reference-invalid",
        "sign --oci-layout absent:1.0                | file-not-found",
        "sign --format pdf 127.0.0.1:1/app:1         | usage",
        "sign --envelope pdf 127.0.0.1:1/app:1       | usage",
        "sign --expiry soon 127.0.0.1:1/app:1        | usage",
        "sign -a nopair 127.0.0.1:1/app:1            | usage",
        "sign --timestamp-url ::x --timestamp-root-cert x 127.0.0.1:1/app:1 | usage",
        "sign --key-env X 127.0.0.1:1/app:1          | usage",
        "sign --key https://x/k 127.0.0.1:1/app:1    | key-invalid",
        "sign --key env://NOT_SET 127.0.0.1:1/app:1  | key-invalid",
        "sign --key pkcs11:token=x 127.0.0.1:1/app:1 | key-invalid",
        "sign --notation-key x 127.0.0.1:1/app:1     | file-not-found",
        "sign --identity-token absent 127.0.0.1:1/app:1 | usage",
        "sign --fulcio-auth-flow odd 127.0.0.1:1/app:1 | usage",
        "sign-blob --bundle x absent                 | file-not-found",
        "sign-blob --bundle x app                    | usage",
        "sign-blob --bundle nowhere/x osv/set.json   | file-not-found",
        "sign-blob osv/set.json                      | usage",
        "sign-blob --tlog-upload=true --bundle x osv/set.json | usage",
        "sign-blob --format notation -m no osv/set.json | usage",
        "sign-blob --format notation --envelope pdf osv/set.json | usage",
        "sign-blob --type custom --predicate absent --bundle x osv/set.json | file-not-found",
        "key frobnicate                              | usage",
        "key generate --algorithm rsa-1              | usage",
        "key import                                  | usage",
        "key import --key absent.pem                 | file-not-found",
        "key public --key osv/set.json               | key-invalid",
        "key generate -o nowhere/x --password-file absent | file-not-found",
        "key public --key absent://k                 | key-invalid",
        "trust root init                             | usage",
        "trust root init --url ftp://x --root absent | file-not-found",
        "trust root frobnicate                       | usage",
        "evidence pack 127.0.0.1:1/app:1             | usage",
        "evidence pack --out nowhere/x --key k 127.0.0.1:1/app:1 | file-not-found",
        "evidence pack --out x --timestamp-url http://x --key k 127.0.0.1:1/app:1 | usage",
        "evidence verify absent.tar                  | file-not-found",
        "evidence verify osv/set.json                | evidence-pack-invalid",
        "evidence show app                           | file-not-found",
        "sbom --format xml app                       | usage",
        "sbom --oci-layout nowhere:1                 | file-not-found",
        "sbom --platform warp/9 app                  | ",
        "scan app                                    | advisory-set-missing",
        "scan --advisories nowhere app               | file-not-found",
        "scan --advisories osv --fail-on awful app   | usage",
        "advisory fetch                              | usage",
        "advisory import                             | usage",
        "advisory import nowhere                     | file-not-found",
        "advisory show                               | advisory-set-missing",
        "ask exposedto CVE-1                         | usage",
        "ask exposed-to                              | usage",
        "ask releases-with log4j-core                | purl-invalid",
        "ask releases --limit 0                      | usage",
        "ask releases --limit many                   | usage",
        "serve --listen http://0.0.0.0:0             | listener-refused",
        "serve --listen 127.0.0.1:7470               | listener-refused",
        "serve --idle-minutes -1                     | usage"
      })
  void everyMistakeHasItsCodeAndLeavesNoHome(String line, String code) {
    Ran ran = caller.run(line.split(" +"));

    if (code == null) {
      ran.ok();
    } else {
      ran.failed(codeOf(code));
    }
    assertThat(ran.err()).contains("docs/errors/".substring(0, code == null ? 0 : 12));
    assertThat(caller.home()).doesNotExist();
  }

  @Test
  void unknownTemplateFieldNamesTheNearest() {
    app.text(
        "bulla-image.yaml",
        Project.template("app", "1.0", "app.jar /app.jar").replace("customize:", "customise:"));

    Ran ran = caller.run("build", "app").failed(ErrorCode.FIELD_UNKNOWN);

    assertThat(ran.err()).contains("'customise'", "customize");
  }

  @Test
  void fileWithAnotherSha256IsRefused() {
    app.text(
        "bulla-image.yaml",
        Project.template("app", "1.0", "app.jar /app.jar")
            .replace("app.jar, dest", "app.jar, sha256Checksum: " + "ab".repeat(32) + ", dest"));

    Ran ran = caller.run("build", "app").failed(ErrorCode.INPUT_CHECKSUM_MISMATCH);

    assertThat(ran.code()).isEqualTo(3);
    assertThat(ran.err()).contains("app.jar", "ab".repeat(32));
    assertThat(temp.resolve("app-layout")).doesNotExist();
  }

  @Test
  void downloadWithAnotherSha256IsRefusedAndNothingIsPublished() throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(
        "/tool",
        exchange -> {
          byte[] bytes = "not what was expected".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    http.start();
    try {
      String url = "http://127.0.0.1:" + http.getAddress().getPort() + "/tool";
      app.text(
          "bulla-image.yaml",
          Project.template("app", "1.0", "\"" + url + "\" /tool")
              .replace("/tool, mode", "/tool")
              .replace(", destination", ", sha256Checksum: " + "cd".repeat(32) + ", destination"));

      caller.run("ship", "--no-server", "app").failed(ErrorCode.INPUT_CHECKSUM_MISMATCH).ended(3);

      assertThat(caller.run("ask", "releases", "--output", "json").ok().json().path("items").size())
          .isZero();
    } finally {
      http.stop(0);
    }
  }

  @Test
  void registryThatDoesNotAnswerIsUnavailable() throws IOException {
    String dead = "127.0.0.1:" + freePort();
    new Caller(temp.resolve("other"), temp).run("key").ok();
    String key = temp.resolve("other/keys/signing.pub").toString();

    caller
        .run("verify", "--key", key, dead + "/app:1")
        .failed(ErrorCode.REGISTRY_UNAVAILABLE)
        .ended(4);
    caller.run("sbom", dead + "/app:1").failed(ErrorCode.REGISTRY_UNAVAILABLE);
    caller.run("build", "app", "--push", dead + "/app:1").failed(ErrorCode.REGISTRY_UNAVAILABLE);
    assertThat(caller.home()).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ship --no-server app",
        "key",
        "advisory import osv",
        "serve --listen http://127.0.0.1:0"
      })
  void homeThatCannotBeMadeIsNamedWithAWayOut(String line) throws IOException {
    Files.writeString(temp.resolve("file"), "in the way");
    Caller blocked = new Caller(temp.resolve("file/home"), temp);

    Ran ran = blocked.run(line.split(" ")).failed(ErrorCode.HOME_UNUSABLE);

    assertThat(ran.err()).contains("file/home", "--home");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ship --no-server app", "key", "advisory import osv"})
  void homeThatIsReadOnlyIsNamedWithAWayOut(String line) throws IOException {
    Files.createDirectory(caller.home());
    assumeTrue(caller.home().toFile().setWritable(false), "permissions can be set here");
    assumeTrue(
        !Files.isWritable(caller.home()), "permissions bind this user (they do not bind root)");

    Ran ran = caller.run(line.split(" ")).failed(ErrorCode.HOME_UNUSABLE);

    assertThat(ran.err()).contains(caller.home().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ship --no-server app",
        "advisory import osv",
        "serve --listen http://127.0.0.1:0"
      })
  void secondWriterOnTheSameHomeIsRefused(String line) {
    try (HomeLock lock = HomeLock.acquire(new Home(caller.home()))) {
      Ran ran = caller.run(line.split(" ")).failed(ErrorCode.HOME_LOCKED).ended(4);

      assertThat(ran.err()).contains("process " + ProcessHandle.current().pid(), "bulla stop");
    }
  }

  @Test
  void occupiedPortOfTheHomeMovesOnAndSaysSo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Files.createDirectory(caller.home());
      Files.writeString(caller.home().resolve("port"), taken.getLocalPort() + "\n");

      Ran ran = caller.run("ship", "--no-server", "--output", "json", "app").ok();

      assertThat(ran.err())
          .contains("port " + taken.getLocalPort() + " is taken; serving at port ");
      int port = Integer.parseInt(Files.readString(caller.home().resolve("port")).strip());
      assertThat(port).isNotEqualTo(taken.getLocalPort());
      assertThat(ran.json().path("reference").asString())
          .isEqualTo("127.0.0.1:" + port + "/app:1.0");
    }
  }

  @Test
  void occupiedPortThatWasAskedForIsUnavailable() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Ran ran =
          caller
              .run("serve", "--listen", "http://127.0.0.1:" + taken.getLocalPort())
              .failed(ErrorCode.PORT_IN_USE);

      assertThat(ran.code()).isEqualTo(4);
      assertThat(caller.home().resolve("server.json")).doesNotExist();
    }
  }

  @Test
  void directoryWithoutAdvisoriesIsNoAdvisorySet() throws IOException {
    Files.createDirectory(temp.resolve("empty"));

    Ran ran =
        caller.run("scan", "--advisories", "empty", "app").failed(ErrorCode.ADVISORY_SET_MISSING);

    assertThat(ran.err()).contains("empty");
    caller.run("advisory", "import", "empty").failed(ErrorCode.ADVISORY_SET_MISSING);
    caller
        .run("ship", "--no-server", "--advisories", "empty", "app")
        .failed(ErrorCode.ADVISORY_SET_MISSING);
  }

  @Test
  void shipWithoutAnyAdvisoriesSaysHowToGetThem() throws IOException {
    Files.delete(temp.resolve("app/bulla-ship.yaml"));

    Ran ran = caller.run("ship", "--no-server", "app").failed(ErrorCode.ADVISORY_SET_MISSING);

    assertThat(ran.err()).contains("bulla advisory import", "--advisories");
  }

  @Test
  void damagedServerFileOfNobodyCountsForNothing() throws IOException {
    Files.createDirectory(caller.home());
    Files.writeString(caller.home().resolve("server.json"), "{\"address\": 1");

    assertThat(caller.run("stop").ok().out()).contains("No server runs");
    caller.run("advisory", "import", "osv").ok();
    try (HomeLock lock = HomeLock.acquire(new Home(caller.home()))) {
      assertThat(caller.run("stop").failed(ErrorCode.JSON_MALFORMED).err()).contains("server.json");
    }
  }

  @Test
  void stopWithoutAServerIsNoFailure() {
    assertThat(caller.run("stop").ok().out()).contains("No server runs");
    assertThat(caller.home()).doesNotExist();
  }

  private static ErrorCode codeOf(String id) {
    return Stream.of(ErrorCode.values())
        .filter(code -> code.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
