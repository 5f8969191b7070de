package dev.bulla.signing.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which programs are run as plugins, what they get, and what becomes of those that misbehave. */
class PluginHostTest {
  private static final String METADATA = "get-plugin-metadata";
  private static final String RAW = "SIGNATURE_GENERATOR.RAW";

  @TempDir Path directory;

  @Test
  void theRequestComesOnStandardInputAndTheEnvironmentIsSmall() {
    ShellPlugin plugin = ShellPlugin.in(directory, RAW, "SOMETHING.NEW");
    plugin.script(METADATA, "echo \"$@\" >arguments");

    PluginMetadata metadata = ask(plugin.host(), Map.of("vault", "one"));

    assertThat(metadata.capabilities()).containsExactly(PluginCapability.RAW_SIGNATURE);
    assertThat(plugin.request(METADATA).path("pluginConfig").path("vault").asString())
        .isEqualTo("one");
    assertThat(plugin.read("arguments")).isEqualTo(METADATA + "\n");
    assertThat(
            plugin
                .read(METADATA + ".environment")
                .lines()
                .map(line -> line.replaceFirst("=.*", ""))
                .toList())
        .isSubsetOf("PATH", "BULLA_PROGRAM_RUN", "PWD", "OLDPWD", "_", "SHLVL")
        .contains("PATH");
    assertThat(PluginHost.usual(Map.of("PATH", "/bin", "GITHUB_TOKEN", "x", "LC_ALL", "C")))
        .containsOnlyKeys("PATH", "LC_ALL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", "", "a/b", "a\\b", "a b", "ä", "absent"})
  void whatIsNotThereIsNotFound(String name) {
    PluginHost host = ShellPlugin.in(directory, RAW).host();

    assertThatThrownBy(() -> host.find(name))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PLUGIN_NOT_FOUND));
  }

  @ParameterizedTest
  @CsvSource({
    "executable, rwxrwxr-x",
    "executable, rwxr-xrwx",
    "executable, rw-r--r--",
    "home, rwxrwxr-x",
    "home, rwxr-xrwx",
    "plugins, rwxrwxrwx",
  })
  void whatOthersCanWriteIsNotRun(String which, String permissions) throws IOException {
    ShellPlugin plugin = ShellPlugin.in(directory, RAW);
    Path path =
        switch (which) {
          case "executable" -> plugin.executable();
          case "home" -> plugin.home();
          default -> plugin.plugins();
        };
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));

    refused(plugin.host(), which.equals("executable") ? "notation-" : "");
  }

  @Test
  void whatBelongsToOthersIsNotRun() throws IOException {
    ShellPlugin plugin = ShellPlugin.in(directory, RAW);
    try {
      Files.setOwner(
          plugin.executable(),
          directory
              .getFileSystem()
              .getUserPrincipalLookupService()
              .lookupPrincipalByName("nobody"));
    } catch (IOException e) {
      Assumptions.abort("only root can give a file away");
    }

    refused(plugin.host(), "belongs to nobody");
  }

  @Test
  void linksThatLeadOutAreNotFollowed() throws IOException {
    ShellPlugin plugin = ShellPlugin.in(directory, RAW);
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    Files.move(plugin.executable(), elsewhere.resolve("program"));
    Files.createSymbolicLink(plugin.executable(), elsewhere.resolve("program"));
    refused(plugin.host(), "leads out");

    Files.delete(plugin.executable());
    Files.move(elsewhere.resolve("program"), plugin.home().resolve("program"));
    Files.createSymbolicLink(plugin.executable(), Path.of("program"));
    assertThat(ask(plugin.host(), Map.of()).name()).isEqualTo(ShellPlugin.NAME);

    Files.move(plugin.home(), elsewhere.resolve("home"));
    Files.createSymbolicLink(plugin.home(), elsewhere.resolve("home"));
    refused(plugin.host(), "is a link");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kill -9 $$                              | plugin-failed  | exit code 137",
        "exit 77                                 | plugin-failed  | exit code 77",
        "echo oops >&2; exit 1                   | plugin-failed  | oops",
        "echo '{\"errorCode\":\"ACCESS_DENIED\",\"errorMessage\":\"no\"}' >&2; exit 1"
            + " | plugin-failed | ACCESS_DENIED no",
        "exit 0                                  | plugin-refused | unusable",
        "echo '{'; exit 0                        | plugin-refused | unusable",
        "echo '[]'; exit 0                       | plugin-refused | unusable",
        "echo '{}'; echo '{}'; exit 0            | plugin-refused | unusable",
        "echo '{\"name\":1}'; exit 0             | plugin-refused | unusable",
        "echo '{\"name\":\"acme.test\",\"name\":\"acme.test\"}'; exit 0 | plugin-refused | name",
        "sed s/acme.test/other/ $1.answer; exit 0 | plugin-refused | calls itself 'other'",
        "sed s/1.0/2.0/ $1.answer; exit 0        | plugin-refused | contract version",
        "sed 's/a test//' $1.answer; exit 0      | plugin-refused | empty description",
        "sed s/capabilities/x/ $1.answer; exit 0 | plugin-refused | no capability",
        "yes                                     | plugin-refused | more than 67108864 bytes",
        "yes >&2                                 | plugin-refused | more than 67108864 bytes",
      })
  void whatGoesWrongIsTold(String script, String code, String message) {
    ShellPlugin plugin = ShellPlugin.in(directory, RAW).script(METADATA, script);

    assertThatThrownBy(() -> ask(plugin.host(), Map.of()))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code().id()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void muchIsReadAndWhatIsNotReadDoesNoHarm() {
    ShellPlugin plugin = ShellPlugin.in(directory, RAW);
    plugin.write(
        "notation-" + ShellPlugin.NAME,
        """
        #!/bin/sh
        head -c 3000000 /dev/zero >&2
        head -c 3000000 /dev/zero | tr '\\0' ' '
        cat "$(dirname "$0")/$1.answer"
        """);

    String large = "x".repeat(3_000_000);
    assertThat(ask(plugin.host(), Map.of("pair", large)).version()).isEqualTo("1.2.3");
  }

  @Test
  void whoHangsIsKilledWithAllThatItHasStarted() {
    ShellPlugin plugin = ShellPlugin.in(directory, RAW);
    plugin.script(
        METADATA,
        "(sleep 600 & echo $! >stray); sleep 600 & echo $! >child; echo $$ >itself; wait");
    // as long as it takes to start them all
    for (long time = 125; !plugin.has("itself"); time *= 2) {
      Duration allowed = Duration.ofMillis(time);
      assertThatThrownBy(() -> ask(plugin.host().withTime(allowed), Map.of()))
          .hasMessageContaining("has not answered");
    }

    for (String file : List.of("itself", "child", "stray")) {
      ProcessHandle.of(Long.parseLong(plugin.read(file).strip()))
          .ifPresent(PluginHostTest::waitForEnd);
    }
  }

  /** A killed process needs a moment. */
  private static void waitForEnd(ProcessHandle process) {
    while (process.isAlive()) {
      LockSupport.parkNanos(10_000_000);
    }
  }

  @Test
  void whatIsLeftBehindDoesNotHoldTheHost() {
    ShellPlugin plugin =
        ShellPlugin.in(directory, RAW).script(METADATA, "sleep 600 & echo $! >stray");

    assertThatThrownBy(() -> ask(plugin.host(), Map.of()))
        .hasMessageContaining("left a process behind");

    ProcessHandle.of(Long.parseLong(plugin.read("stray").strip()))
        .ifPresent(PluginHostTest::waitForEnd);
  }

  private static PluginMetadata ask(PluginHost host, Map<String, String> configuration) {
    return host.find(ShellPlugin.NAME).metadata(configuration);
  }

  private static void refused(PluginHost host, String message) {
    assertThatThrownBy(() -> host.find(ShellPlugin.NAME))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PLUGIN_REFUSED))
        .hasMessageContaining(message);
  }
}
