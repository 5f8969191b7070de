package dev.bulla.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An identity is made once, whoever makes it at the same time and wherever a creation was cut off.
 */
class IdentityCreationTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-21T12:00:00Z"));

  /** In the order in which they are written. */
  private static final List<String> FILES =
      List.of("root.key", "root.crt", "signing.crt", "signing.pub", "signing.key");

  @TempDir Path home;

  @Test
  void processesThatMakeItAtTheSameTimeEndWithOneIdentity() throws Exception {
    Path keys = home.resolve("keys");
    List<Process> processes = List.of(maker(keys), maker(keys), maker(keys));
    List<String> fingerprints = new ArrayList<>();
    try {
      for (Process process : processes) {
        fingerprints.add(new String(process.getInputStream().readAllBytes()).strip());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
    assertThat(fingerprints)
        .containsOnly(SigningIdentity.open(keys).signer().verifier().fingerprint());
    assertHoldsTheFiveFilesOnly(keys);
  }

  @Test
  void threadsThatMakeItAtTheSameTimeEndWithOneIdentity() throws Exception {
    Path keys = home.resolve("keys");
    List<Callable<String>> makers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      makers.add(() -> openOrCreate(keys).signer().verifier().fingerprint());
    }
    assertThat(all(makers)).hasSize(1);
    assertHoldsTheFiveFilesOnly(keys);
  }

  @Test
  void ofSeveralCreationsOneSucceedsAndTheOthersAreConflicts() throws Exception {
    Path keys = home.resolve("keys");
    List<Callable<String>> makers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      makers.add(() -> {
        try {
          return SigningIdentity.create(keys, CLOCK, new SecureRandom(), "Ada")
              .signer()
              .verifier()
              .fingerprint();
        } catch (BullaException e) {
          return e.code().toString();
        }
      });
    }
    assertThat(all(makers))
        .containsExactlyInAnyOrder(
            ErrorCode.CONFLICT.toString(),
            SigningIdentity.open(keys).signer().verifier().fingerprint());
    assertHoldsTheFiveFilesOnly(keys);
  }

  @Test
  void aCreationThatWasCutOffAfterAnyFileIsStartedAnew() throws IOException {
    for (int written = 0; written < FILES.size(); written++) {
      Path keys = home.resolve("after-" + written);
      SigningIdentity lost = openOrCreate(keys);
      Path next = keys.resolve(FILES.get(written));
      Files.move(next, keys.resolve(".new-" + next.getFileName() + "-17.tmp"));
      for (String missing : FILES.subList(written + 1, FILES.size())) {
        Files.delete(keys.resolve(missing));
      }
      Files.createFile(keys.resolve(".creating"));
      assertThat(SigningIdentity.exists(keys)).isFalse();

      SigningIdentity again = openOrCreate(keys);
      assertThat(again.signer().verifier()).isNotEqualTo(lost.signer().verifier());
      assertThat(SigningIdentity.open(keys).signer().verifier())
          .isEqualTo(again.signer().verifier());
      assertHoldsTheFiveFilesOnly(keys);
    }
  }

  @Test
  void aProcessThatIsKilledWhileItMakesTheIdentityHindersNobody() throws Exception {
    Path keys = home.resolve("keys");
    Process killed = maker(keys);
    try {
      while (killed.isAlive() && !Files.exists(keys.resolve("root.key"))) {
        Thread.onSpinWait();
      }
    } finally {
      killed.destroyForcibly().waitFor();
    }
    SigningIdentity made = openOrCreate(keys);
    assertThat(SigningIdentity.open(keys).signer().verifier()).isEqualTo(made.signer().verifier());
  }

  /**
   * A link whose target is away, say on a volume that is not mounted, is no creation that was cut
   * off.
   */
  @Test
  void aKeyThatIsElsewhereIsNotReplaced() throws IOException {
    Path keys = home.resolve("keys");
    openOrCreate(keys);
    Path link = keys.resolve("signing.key");
    Files.delete(link);
    Files.createSymbolicLink(link, home.resolve("away"));
    assertThatThrownBy(() -> openOrCreate(keys))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND));
    assertHoldsTheFiveFilesOnly(keys);
  }

  /** What a child process runs. */
  public static void main(String... arguments) {
    System.out.println(openOrCreate(Path.of(arguments[0])).signer().verifier().fingerprint());
  }

  private static Process maker(Path keys) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            IdentityCreationTest.class.getName(),
            keys.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static SigningIdentity openOrCreate(Path keys) {
    return SigningIdentity.openOrCreate(keys, CLOCK, new SecureRandom(), "Ada");
  }

  /** The different answers of makers that run at the same time. */
  private static Set<String> all(List<Callable<String>> makers) throws Exception {
    Set<String> answers = new TreeSet<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(makers.size())) {
      for (Future<String> answer : threads.invokeAll(makers)) {
        answers.add(answer.get());
      }
    }
    return answers;
  }

  private static void assertHoldsTheFiveFilesOnly(Path keys) throws IOException {
    try (var files = Files.list(keys)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(FILES);
    }
  }
}
