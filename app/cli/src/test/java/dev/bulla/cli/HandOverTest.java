package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.server.Resident;
import dev.bulla.server.ResidentOffer;
import dev.bulla.store.Home;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each command twice: cold, and by the real launcher through a resident process. Its Java runtime
 * here only says that it was started: then nothing was handed over.
 *
 * <p>Longer than most files: all of it is about one resident process, which is costly to start.
 */
class HandOverTest {
  private static final String BUILD = "0123456789abcdef";
  private static final String COLD = "started a runtime\n";
  private static final String IMAGE =
      "oci/app@sha256:dc1426baf301016ad5ad623d32b8e59f10984ea499a28f903534cd2761d0578f";
  private static final String WORKFLOW =
      "--certificate-identity https://github.com/acme/app/.github/workflows/release.yml"
          + "@refs/heads/main --certificate-oidc-issuer http://127.0.0.1:8901"
          + " --trusted-root roots/trusted_root.json";

  private static final Pattern NOW = Pattern.compile("\\d{4}-[-0-9T:.]+Z(?= by the clock)");

  @TempDir static Path temp;
  private static Path launcher;
  private static Resident resident;

  /** By which program the launcher speaks to the socket. */
  private enum Client {
    PERL,
    CURL
  }

  @BeforeAll
  static void start() throws IOException {
    Evidence.unpack(temp);
    Files.copy(
        temp.resolve("notation/policies/strict.json"), temp.resolve("notation/trustpolicy.json"));
    Files.createDirectories(temp.resolve("sub dir"));
    launcher = application("app", BUILD);
    resident = resident("home", Map.of("BULLA_BUILD", BUILD));
  }

  @AfterAll
  static void stop() throws IOException {
    resident.close();
    assertThat(temp.resolve("home/resident")).doesNotExist();
  }

  private static Resident resident(String home, Map<String, String> environment) {
    return Resident.open(
        new Home(temp.resolve(home)),
        ResidentOffer.of(new Bulla(), environment),
        () -> {},
        () -> {});
  }

  /** An application whose Java runtime does nothing. */
  private static Path application(String name, String build) throws IOException {
    Path app = Files.createDirectories(temp.resolve(name));
    Path jdk = Files.createDirectories(app.resolve("runtime/bin")).getParent();
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    script(jdk.resolve("bin/java"), "#!/bin/sh\necho '" + COLD.strip() + "'\nexit 9\n");
    Files.createFile(Files.createDirectories(app.resolve("lib")).resolve("bulla-cli.jar"));
    Files.writeString(app.resolve("ready"), build + "\n");
    return script(app.resolve("bulla"), Files.readString(Path.of("../../bulla")));
  }

  private static Path script(Path file, String text) throws IOException {
    Files.writeString(file, text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Ran launch(
      Client client, Path directory, Map<String, String> environment, String... words) {
    List<String> command = new ArrayList<>(List.of("/bin/sh", launcher.toString()));
    return launch(client, command, directory, environment, words);
  }

  private static Ran launch(
      Client client,
      List<String> command,
      Path directory,
      Map<String, String> environment,
      String... words) {
    assumeTrue(
        List.of("/bin", "/usr/bin", "/usr/local/bin").stream()
            .anyMatch(dir -> Files.isExecutable(Path.of(dir, client.name().toLowerCase()))),
        client + " is not installed");
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(words));
    try {
      ProcessBuilder builder = new ProcessBuilder(all).directory(directory.toFile());
      builder.environment().clear();
      builder.environment().put("PATH", "/bin:/usr/bin:/usr/local/bin");
      builder.environment().put("HOME", temp.toString());
      builder.environment().put("BULLA_HOME", temp.resolve("home").toString());
      if (client == Client.CURL) {
        builder.environment().put("PERL5OPT", "-W");
      }
      builder.environment().putAll(environment);
      Path out = Files.createTempFile(temp, "out", "");
      builder.redirectInput(Path.of("/dev/null").toFile());
      builder.redirectOutput(out.toFile()).redirectError(Path.of(out + ".err").toFile());
      Process process = builder.start();
      assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
      return new Ran(
          String.join(" ", words),
          process.exitValue(),
          Files.readString(out),
          Files.readString(Path.of(out + ".err")));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Ran cold(Path directory, Map<String, String> environment, String... words) {
    return new Caller(temp.resolve("home"), directory).run(environment, words);
  }

  private static void assertSame(Path directory, Map<String, String> environment, String... words) {
    Ran cold = atOneMoment(cold(directory, environment, words));
    for (Client client : Client.values()) {
      assertThat(atOneMoment(launch(client, directory, environment, words)))
          .as(client.name())
          .isEqualTo(cold);
    }
  }

  /** Some checks tell the time at which they were made. */
  private static Ran atOneMoment(Ran ran) {
    return new Ran(ran.words(), ran.code(), atOneMoment(ran.out()), atOneMoment(ran.err()));
  }

  private static String atOneMoment(String text) {
    return NOW.matcher(text).replaceAll("NOW");
  }

  private static String[] words(String line) {
    return line.replace("WORKFLOW", WORKFLOW)
        .replace("IMAGE", IMAGE)
        .replaceAll(
            "POLICY/([a-z-]+)",
            "--trust-policy notation/policies/$1.json --trust-store notation/truststore"
                + " --scope registry.example/team/app")
        .replace("LAYOUT/", "--oci-layout notation/layouts/")
        .split(" +");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "help verify",
        "--version",
        "verify --help",
        "verify",
        "verify --oci-layout WORKFLOW IMAGE",
        "verify --oci-layout WORKFLOW --output json IMAGE",
        "--output json verify --oci-layout --key keys/other.pub IMAGE",
        "verify POLICY/strict -v LAYOUT/metadata-jws:v1",
        "verify POLICY/strict LAYOUT/cert-expired:v1 --output json",
        "verify POLICY/invalid-version LAYOUT/crl:v1 --output json",
        "verify --key absent.pub 127.0.0.1:1/app:1 --output json",
        "verify --output xml x",
        "verify --kye a b",
        "tree --oci-layout IMAGE",
        "inspect --oci-layout IMAGE --output json",
        "verify-blob --key keys/k256.pub --bundle bundles/absent.json artifacts/doc.txt",
        "ask releases",
        "ask releases --output json"
      })
  void resultIsThatOfAColdRun(String line) {
    assertSame(temp, Map.of(), words(line));
  }

  @Test
  void argumentsArriveAsTheyAre() {
    for (String argument :
        List.of(
            "", " ", "a b", "a'b\"c", "line\nbreak\n", "$(id) `id` \\ * ?", "%41&a=b+c", "@x")) {
      assertSame(temp, Map.of(), "verify", "--key", argument, "x:1", argument);
    }
  }

  @Test
  void pathsAreThoseOfTheCallersDirectory() throws IOException {
    String[] words = words("verify POLICY/strict LAYOUT/metadata-jws:v1");
    assertSame(temp.resolve("sub dir"), Map.of(), words);
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i].startsWith("notation/") ? "../" + words[i] : words[i];
    }
    assertSame(temp.resolve("sub dir"), Map.of(), words);
    Path link = Files.createSymbolicLink(temp.resolve("link"), temp.resolve("notation/layouts"));
    assertSame(link, Map.of(), words("verify --oci-layout --key ../../keys/k256.pub crl:v1"));
  }

  @ParameterizedTest
  @CsvSource({
    "NOTATION_CONFIG, notation",
    "NOTATION_CONFIG, absent",
    "NOTATION_CONFIG, ''",
    "XDG_RUNTIME_DIR, /nowhere",
    "TERM, xterm"
  })
  void environmentIsTheCallers(String name, String value) {
    assertSame(
        temp,
        Map.of(name, value),
        words("verify --scope registry.example/team/app LAYOUT/metadata-jws:v1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sign x:1",
        "key",
        "ship app",
        "stop",
        "verify --home elsewhere --key k x:1",
        "verify --key - x:1",
        "verify --key env://KEY x:1",
        "verify --key /dev/stdin x:1",
        "verify --key=../../../../../../../../../dev/./fd/63 x:1",
        "verify -f/proc/self/fd/3"
      })
  void whatWritesOrIsElsewhereIsNotHandedOver(String line) {
    for (Client client : Client.values()) {
      Ran ran = launch(client, temp, Map.of(), line.split(" "));
      assertThat(ran.out()).as("%s by %s: %s", line, client, ran.err()).isEqualTo(COLD);
      assertThat(ran.err()).isEmpty();
      assertThat(ran.code()).isEqualTo(9);
    }
  }

  @Test
  void linksToFilesOfTheCallersProcessAreItsOwnToo() throws IOException {
    Files.createSymbolicLink(temp.resolve("further"), Path.of("/dev/fd"));
    Files.createSymbolicLink(temp.resolve("own"), Path.of("further/7"));
    for (Map<String, String> environment :
        List.of(Map.<String, String>of(), Map.of("SIGSTORE_ROOT_FILE", temp + "/own"))) {
      String key = environment.isEmpty() ? "own" : "none";
      assertThat(launch(Client.PERL, temp, environment, "verify", "--key", key, "x:1").out())
          .isEqualTo(COLD);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BULLA_COLD, 1",
    "BULLA_JAVA_OPTS, -Xmx1g",
    "JAVA_TOOL_OPTIONS, -Dx=y",
    "BULLA_CRYPTO, jdk",
    "TZ, Asia/Tokyo",
    "LC_ALL, de_DE.UTF-8",
    "COLUMNS, wide–as–this"
  })
  void otherSurroundingsWantARuntimeOfTheirOwn(String name, String value) {
    for (Client client : Client.values()) {
      assertThat(launch(client, temp, Map.of(name, value), "--version").out()).isEqualTo(COLD);
    }
  }

  @Test
  void credentialProgramsAreStartedByTheCallersOwnProcess() throws IOException {
    Path config = Files.createDirectories(temp.resolve("docker"));
    Files.writeString(config.resolve("config.json"), "{\"credsStore\": \"desktop\"}");

    Map<String, String> environment = Map.of("DOCKER_CONFIG", config.toString());
    assertThat(launch(Client.PERL, temp, environment, "verify", "x:1").out()).isEqualTo(COLD);
    Files.writeString(config.resolve("config.json"), "{}");
    assertSame(temp, environment, "verify", "x:1");
    assertThat(launch(Client.PERL, temp, Map.of("DOCKER_CONFIG", "docker"), "verify", "x:1").out())
        .isEqualTo(COLD);
  }

  @Test
  void pluginsAreStartedByTheCallersOwnProcess() throws IOException {
    Files.createDirectories(temp.resolve("with-plugins/plugins"));
    String[] words = words("verify --scope registry.example/team/app LAYOUT/metadata-jws:v1");

    assertThat(launch(Client.PERL, temp, Map.of("NOTATION_LIBEXEC", "x"), words).out())
        .isEqualTo(COLD);
    assertThat(launch(Client.PERL, temp, Map.of("NOTATION_CONFIG", "with-plugins"), words).out())
        .isEqualTo(COLD);
  }

  @Test
  void processThatIsGoneCountsForNothing() throws IOException {
    Path home = Files.createDirectories(temp.resolve("stale/resident"));
    Path socket = home.resolve("1.sock");
    try (var channel =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      channel.bind(java.net.UnixDomainSocketAddress.of(socket));
    }
    long here = ProcessHandle.current().pid();
    for (String address :
        List.of(
            "1 " + here + " " + BUILD + " " + socket + "\n||||\n",
            "1 " + here + " " + BUILD + " " + home + "/absent\n||||\n",
            "1 2147483647 " + BUILD + " " + resident.address().socket() + "\n||||\n",
            "2 " + here + " " + BUILD + " " + resident.address().socket() + "\n||||\n",
            "1 " + here + " other " + resident.address().socket() + "\n||||\n",
            "1\n",
            "")) {
      Files.writeString(home.resolve("address"), address);
      for (Client client : Client.values()) {
        Map<String, String> environment = Map.of("BULLA_HOME", home.getParent().toString());
        assertThat(launch(client, temp, environment, "--version").out())
            .as(address)
            .isEqualTo(COLD);
      }
    }
  }

  @Test
  void whatCannotBeWrittenIsTold() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/full")), "no /dev/full here");
    for (String sink : List.of("/dev/full", "/dev/null", "&-")) {
      List<String> shell = List.of("/bin/sh", "-c", launcher + " --version >" + sink);
      Ran ran = launch(Client.PERL, shell, temp, Map.of());
      boolean full = sink.equals("/dev/full");
      assertThat(ran.code()).as(sink).isEqualTo(full ? 1 : 0);
      assertThat(ran.err()).contains(full ? "standard output cannot be written" : "");
    }
  }

  @Test
  void timeForTheAnswerDoesNotRunOnInARunOfItsOwn() throws IOException {
    Path other = application("timer", BUILD);
    Path runtime = other.resolveSibling("runtime/bin/java");
    script(runtime, "#!/bin/sh\nexec perl -e 'print alarm(0), \"\\n\"'\n");
    Path home = Files.createDirectories(temp.resolve("dead/resident"));
    Path socket = home.resolve("1.sock");
    try (var channel =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      channel.bind(java.net.UnixDomainSocketAddress.of(socket));
    }
    Files.writeString(
        home.resolve("address"),
        "1 %d %s %s\n||||\n".formatted(ProcessHandle.current().pid(), BUILD, socket));

    Map<String, String> environment = Map.of("BULLA_HOME", home.getParent().toString());
    assertThat(launch(Client.PERL, List.of(other.toString()), temp, environment, "--version").out())
        .isEqualTo("0\n");
  }

  @Test
  void aBuildOfAnotherCodeIsNotAsked() throws IOException {
    Path other = application("other", "fedcba");

    for (Client client : Client.values()) {
      assertThat(launch(client, List.of(other.toString()), temp, Map.of(), "--version").out())
          .isEqualTo(COLD);
    }
  }

  @Test
  void launcherMayBeCalledByARelativePathOrALink() throws IOException {
    Files.createSymbolicLink(temp.resolve("bulla-link"), launcher);
    for (String name : List.of("app/bulla", "./bulla-link")) {
      assertThat(launch(Client.PERL, List.of(name), temp, Map.of(), "--version").out())
          .isEqualTo("bulla 0.1.0\n");
      assertThat(launch(Client.PERL, List.of(name), temp, Map.of(), "key").out()).isEqualTo(COLD);
    }
  }

  @Test
  void manyAtOnceDoNotMix() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        String key = "absent-" + i;
        Map<String, String> environment = new HashMap<>();
        all.add(
            CompletableFuture.runAsync(
                () ->
                    assertThat(
                            launch(Client.PERL, temp, environment, "verify", "--key", key, "x:1")
                                .err())
                        .contains(key),
                threads));
      }
      for (CompletableFuture<Void> one : all) {
        one.get(100, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void longPathOfAHomeGetsASocketElsewhere() throws IOException {
    String home = "h".repeat(90);
    try (Resident far = resident(home, Map.of("BULLA_BUILD", BUILD))) {
      assertThat(far.address().socket().toString().getBytes(StandardCharsets.UTF_8))
          .hasSizeLessThan(104);
      Map<String, String> environment = Map.of("BULLA_HOME", temp.resolve(home).toString());
      assertThat(launch(Client.PERL, temp, environment, "--version").out())
          .isEqualTo("bulla 0.1.0\n");
    }
  }

  @Test
  void launcherSendsWhatCommandsReadOfTheEnvironment() throws IOException {
    String text = Files.readString(Path.of("../../bulla"));
    String names = text.substring(text.indexOf("handed='") + 8).split("'", 2)[0];

    assertThat(names.split("\\s+")).containsExactlyInAnyOrderElementsOf(Resident.ENVIRONMENT);
  }
}
