package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * A registry in a child process is killed in the middle of pushes, deletions and collections; what
 * it had acknowledged must be there afterwards. {@code -Dbulla.kills=1000} kills it so often.
 */
class CrashIT {
  private static final int KILLS = Integer.getInteger("bulla.kills", 2);
  private static final int PUSHERS = 6;
  private static final int ACKNOWLEDGED_BEFORE_KILL = 30;

  @TempDir Path home;

  private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
  private final Queue<Digest> tried = new ConcurrentLinkedQueue<>();
  private final AtomicInteger seed = new AtomicInteger(10_000);

  @Test
  void nothingAcknowledgedIsLostAndNothingHalfWrittenIsVisible() throws Exception {
    for (int round = 0; round < KILLS; round++) {
      pushUntilKilled(blobs.size() + ACKNOWLEDGED_BEFORE_KILL);
    }

    try (TrialServer server = TrialServer.start(home);
        Caller caller = new Caller(server.address())) {
      assertThat(blobs).hasSizeGreaterThanOrEqualTo(KILLS * ACKNOWLEDGED_BEFORE_KILL);
      assertThat(manifests).isNotEmpty();
      blobs.forEach(
          (digest, content) -> assertThat(get(caller, "blobs/" + digest)).isEqualTo(content));
      manifests.forEach(
          (tag, bytes) -> assertThat(get(caller, "manifests/" + tag)).isEqualTo(bytes));
      // over a shared database nobody is known to be dead; the lease would end by itself
      server.records().write(handle -> handle.execute("DELETE FROM lease"));
      CheckReport report =
          server
              .registry()
              .upkeep()
              .check(CheckRules.STANDARD, RepairSource.NONE, Progress.UNHEARD);
      assertThat(report.isSound()).as(report.toString()).isTrue();
      for (Digest digest : tried) {
        HttpResponse<byte[]> got = caller.call("GET", "/v2/crash/app/blobs/" + digest);
        assertThat(got.statusCode() == 404 || digest.matches(got.body()))
            .as(digest.toString())
            .isTrue();
      }
    }
    assertEveryVisibleFileIsWhole();
  }

  private void pushUntilKilled(int enough) throws Exception {
    Process child = startChild();
    AtomicBoolean killed = new AtomicBoolean();
    try (BufferedReader out = reader(child);
        Caller caller = new Caller(URI.create(out.readLine()));
        ExecutorService pushers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < PUSHERS; i++) {
        pushers.submit(() -> pushUntil(caller, killed));
      }
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (blobs.size() < enough && child.isAlive() && System.nanoTime() < deadline) {
        Thread.sleep(5);
      }
      child.destroyForcibly().waitFor();
      killed.set(true);
    } finally {
      child.destroyForcibly();
    }
  }

  private void pushUntil(Caller caller, AtomicBoolean killed) {
    while (!killed.get()) {
      try {
        pushOne(caller, seed.incrementAndGet());
      } catch (UncheckedIOException e) {
        return; // the server has been killed
      }
    }
  }

  private void pushOne(Caller caller, int length) {
    byte[] layer = Caller.content(length * 7);
    tried.add(Digest.sha256(layer));
    blobs.put(caller.push("crash/app", layer), layer);
    ObjectNode manifest = caller.image("crash/app", length);
    String tag = "t" + length;
    if (caller.putManifest("crash/app", tag, manifest).statusCode() == 201) {
      manifests.put(tag, Json.write(manifest));
      if (length % 3 == 0) {
        // before the answer it may be gone or not, so nothing is said about it
        manifests.remove(tag);
        caller.call("DELETE", "/v2/crash/app/manifests/" + Caller.digestOf(manifest));
      }
    }
  }

  private Process startChild() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-Dbulla.test.records=" + TrialStores.of(home).records().orElse(""),
            "-cp",
            System.getProperty("java.class.path"),
            RegistryTrial.class.getName(),
            home.toString(),
            "0",
            "collect")
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private void assertEveryVisibleFileIsWhole() throws IOException {
    try (Stream<Path> files = Files.walk(home.resolve("blobs/sha256"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Digest expected = new Digest(Digest.Algorithm.SHA256, file.getFileName().toString());
        assertThat(expected.matches(Files.readAllBytes(file))).as(file.toString()).isTrue();
      }
    }
  }

  private static byte[] get(Caller caller, String path) {
    return caller.call("GET", "/v2/crash/app/" + path).body();
  }

  private static BufferedReader reader(Process child) {
    return new BufferedReader(
        new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
  }
}
