package dev.bulla.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher in a checkout of its own, with JDKs and a Maven that only say that they were called.
 *
 * <p>The folders in which JDKs usually lie are below the test's directory, so that it does not
 * matter what this machine has installed.
 */
class LauncherTest {
  /** What the launcher may use of the system; there is no java and no mvn among them. */
  private static final List<String> TOOLS =
      List.of(
          "cat",
          "date",
          "dirname",
          "grep",
          "head",
          "mkdir",
          "readlink",
          "rm",
          "sed",
          "sleep",
          "tail",
          "uname");

  private static final List<String> USUAL_FOLDERS =
      List.of("/usr/lib/jvm/", "/usr/java/", "/opt/", "/Library/", "/usr/local/");

  @TempDir Path temp;
  private Path checkout;
  private Path tools;
  private final List<Process> started = new ArrayList<>();
  private final Map<Process, Path> output = new IdentityHashMap<>();

  /** A run of the launcher that has ended. */
  private record Ran(int code, String out, String err) {}

  @BeforeEach
  void makeACheckout() throws IOException {
    checkout = Files.createDirectories(temp.resolve("check out"));
    String launcher = Files.readString(Sources.root().resolve("bulla"));
    for (String folder : USUAL_FOLDERS) {
      assertThat(launcher).contains(" " + folder);
      launcher = launcher.replace(" " + folder, " " + machine(folder));
    }
    script(checkout.resolve("bulla"), launcher);
    tools = Files.createDirectories(temp.resolve("tools"));
    for (String tool : TOOLS) {
      Path found =
          Stream.of("/bin", "/usr/bin")
              .map(directory -> Path.of(directory, tool))
              .filter(Files::isExecutable)
              .findFirst()
              .orElseThrow();
      script(tools.resolve(tool), "#!/bin/sh\nexec " + found + " \"$@\"\n");
    }
  }

  @AfterEach
  void endWhatWasStarted() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void withoutAJdk25SaysWhatToInstallAndEndsWith4() throws Exception {
    Ran ran = run(Map.of(), "ship", "x");

    assertThat(ran.code()).isEqualTo(4);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .contains("no JDK 25 found", "JAVA_HOME", "Temurin 25", "apt-get install", "brew install");
  }

  @Test
  void anotherJdkIsNotTaken() throws Exception {
    Path old = jdk(temp.resolve("jdk-21"), "21.0.9");

    assertThat(run(Map.of("JAVA_HOME", old.toString())).code()).isEqualTo(4);
    assertThat(run(Map.of("JAVA_HOME", temp.resolve("nowhere").toString())).code()).isEqualTo(4);
  }

  @Test
  void jdkOfJavaHomeGetsTheWordsAndStandardOutputIsTheCommandsAlone() throws Exception {
    Path jdk = jdk(temp.resolve("a jdk"), "25.0.1");
    built();

    Ran ran = run(Map.of("JAVA_HOME", jdk.toString()), "verify", "--key", "a b", "x:1");

    assertThat(ran.code()).as(ran.err()).isEqualTo(7);
    assertThat(ran.out())
        .startsWith("java of " + jdk + "\n")
        .endsWith("[verify]\n[--key]\n[a b]\n[x:1]\n");
    assertThat(ran.out()).contains("dev.bulla.cli.Main", "launcher " + checkout.resolve("bulla"));
    assertThat(ran.err()).isEmpty();
  }

  @Test
  void jdkOnThePathIsFoundThroughSymbolicLinks() throws Exception {
    Path jdk = jdk(temp.resolve("jdk"), "25");
    Files.createSymbolicLink(temp.resolve("alternative"), jdk.resolve("bin/java"));
    Files.createSymbolicLink(tools.resolve("java"), Path.of("../alternative"));
    built();

    assertThat(run(Map.of()).out()).startsWith("java of " + jdk + "\n");
  }

  @Test
  void jdkInAUsualFolderIsFoundAndJavaHomeOfAnotherVersionDoesNotHideIt() throws Exception {
    Path jdk = jdk(Path.of(machine("/usr/lib/jvm/") + "temurin-25-jdk-amd64"), "25.0.2");
    Path old = jdk(temp.resolve("jdk-17"), "17.0.1");
    built();

    assertThat(run(Map.of("JAVA_HOME", old.toString())).out()).startsWith("java of " + jdk + "\n");
  }

  @Test
  void launcherCalledThroughASymbolicLinkFindsItsCheckout() throws Exception {
    built();
    Path link = Files.createSymbolicLink(temp.resolve("bulla-link"), checkout.resolve("bulla"));

    assertThat(end(start(link, withJdk(), "key")).out())
        .contains("launcher " + checkout.resolve("bulla"));
  }

  @Test
  void firstUseWithoutMavenSaysWhatToInstall() throws Exception {
    Ran ran = run(withJdk(), "ship", "x");

    assertThat(ran.code()).isEqualTo(4);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("Maven 3.8", "apt-get install maven");
  }

  @Test
  void firstUseBuildsWithTheJdkThatWasFoundAndShowsProgressOnStandardError() throws Exception {
    maven();
    Map<String, String> environment = withJdk();

    Ran ran = run(environment, "key");

    assertThat(ran.out()).startsWith("java of ").endsWith("[key]\n");
    assertThat(ran.err()).contains("first use: building the project", "built in ");
    assertThat(builds())
        .singleElement()
        .asString()
        .contains(environment.get("JAVA_HOME"), "package");
    assertThat(run(environment, "key").err()).as("the second use builds nothing").isEmpty();
    assertThat(builds()).hasSize(1);
  }

  @Test
  void concurrentFirstUsesBuildOnce() throws Exception {
    Path end = mavenUntil();
    Map<String, String> environment = withJdk();
    List<Process> launchers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      launchers.add(start(checkout.resolve("bulla"), environment, "word" + i));
    }
    while (launchers.stream().filter(this::waits).count() < 2) {
      Thread.sleep(20);
    }
    Files.createFile(end);

    for (int i = 0; i < launchers.size(); i++) {
      Ran ran = end(launchers.get(i));
      assertThat(ran.out()).as(ran.err()).startsWith("java of ").endsWith("[word" + i + "]\n");
    }
    assertThat(builds()).hasSize(1);
    assertThat(checkout.resolve(".bulla-build.lock")).doesNotExist();
  }

  private boolean waits(Process launcher) {
    try {
      return Files.readString(Path.of(output.get(launcher) + ".err"))
          .contains("another bulla is building the project");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void lockOfAProcessThatIsGoneIsTakenOver() throws Exception {
    maven();
    Process gone = new ProcessBuilder("/bin/sh", "-c", "exit 0").start();
    gone.waitFor();
    Path lock = Files.createDirectory(checkout.resolve(".bulla-build.lock"));
    Files.writeString(lock.resolve("pid"), gone.pid() + "\n");

    assertThat(run(withJdk(), "key").out()).endsWith("[key]\n");
    assertThat(lock).doesNotExist();
  }

  @Test
  void lockOfAProcessThatDiedBeforeItSaidWhoItWasIsTakenOver() throws Exception {
    maven();
    Path lock = Files.createDirectory(checkout.resolve(".bulla-build.lock"));

    assertThat(run(withJdk(), "key").out()).endsWith("[key]\n");
    assertThat(lock).doesNotExist();
  }

  @Test
  void failedBuildShowsItsErrorsAndTheNextUseTriesAgain() throws Exception {
    script(
        tools.resolve("mvn"),
        "#!/bin/sh\n"
            + "echo '[INFO] Building Bulla core 1'\n"
            + "echo '[ERROR] cannot find symbol'\n"
            + "exit 1\n");

    Ran failed = run(withJdk(), "key");

    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err()).contains("the build failed", "[ERROR] cannot find symbol");

    maven();
    assertThat(run(withJdk(), "key").out()).endsWith("[key]\n");
  }

  @Test
  void buildThatIsInterruptedLeavesNoLock() throws Exception {
    mavenUntil();
    quickPauses();
    Process launcher = start(checkout.resolve("bulla"), withJdk(), "key");
    while (!Files.exists(temp.resolve("builds")) && launcher.isAlive()) {
      Thread.sleep(20);
    }

    launcher.destroy();
    Ran ran = end(launcher);

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(checkout.resolve(".bulla-build.lock")).doesNotExist();
  }

  private String machine(String folder) {
    return temp.resolve("machine") + folder;
  }

  private Map<String, String> withJdk() throws IOException {
    return Map.of("JAVA_HOME", jdk(temp.resolve("jdk"), "25.0.1").toString());
  }

  /** A JDK whose java says who it is and what it was called with, and ends with 7. */
  private static Path jdk(Path directory, String version) throws IOException {
    Files.createDirectories(directory.resolve("bin"));
    Files.writeString(
        directory.resolve("release"),
        "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\nOS_NAME=\"Linux\"\n");
    script(
        directory.resolve("bin/java"),
        """
        #!/bin/sh
        echo "java of %s"
        echo "launcher $BULLA_LAUNCHER"
        for word in "$@"; do echo "[$word]"; done
        exit 7
        """
            .formatted(directory));
    return directory;
  }

  /** A Maven that writes down how it was called and makes what a build makes. */
  private void maven() throws IOException {
    quickPauses();
    maven("");
  }

  /** One that takes until the file is there. */
  private Path mavenUntil() throws IOException {
    Path end = temp.resolve("end");
    maven("while [ ! -e '%s' ]; do sleep 1; done".formatted(end));
    return end;
  }

  /** The launcher looks again after a second, which is long for who has nothing else to do. */
  private void quickPauses() throws IOException {
    script(tools.resolve("sleep"), "#!/bin/sh\nexec /bin/sleep 0.05\n");
  }

  private void maven(String first) throws IOException {
    script(
        tools.resolve("mvn"),
        """
        #!/bin/sh
        echo "$JAVA_HOME $*" >>"%s"
        echo "[INFO] Building Bulla core 0.1.0"
        %s
        mkdir -p dist/target/bulla/lib
        : >dist/target/bulla/lib/bulla-cli.jar
        : >dist/target/bulla/ready
        """
            .formatted(temp.resolve("builds"), first));
  }

  private void built() throws IOException {
    Path app = Files.createDirectories(checkout.resolve("dist/target/bulla/lib")).getParent();
    Files.createFile(app.resolve("lib/bulla-cli.jar"));
    Files.createFile(app.resolve("ready"));
  }

  private List<String> builds() throws IOException {
    return Files.readAllLines(temp.resolve("builds"));
  }

  private static void script(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Ran run(Map<String, String> environment, String... words) throws Exception {
    return end(start(checkout.resolve("bulla"), environment, words));
  }

  private Process start(Path launcher, Map<String, String> environment, String... words)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", launcher.toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
    builder.environment().clear();
    Map<String, String> all = new TreeMap<>(environment);
    all.put("PATH", tools.toString());
    all.put("HOME", temp.resolve("user").toString());
    builder.environment().putAll(all);
    Path out = Files.createTempFile(temp, "out", "");
    builder.redirectOutput(out.toFile()).redirectError(Path.of(out + ".err").toFile());
    Process process = builder.start();
    output.put(process, out);
    started.add(process);
    return process;
  }

  private Ran end(Process process) throws Exception {
    if (!process.waitFor(100, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    Path out = output.get(process);
    return new Ran(
        process.exitValue(), Files.readString(out), Files.readString(Path.of(out + ".err")));
  }
}
