package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.access.ServerFile;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.store.Home;
import dev.bulla.store.HomeLock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Servers in processes of their own, as people run them, and how they end. */
class ServeProcessTest {
  private static final int PUSHERS = 4;
  private static final int ACKNOWLEDGED_BEFORE_THE_KILL = 40;
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path temp;
  private Home home;
  private Caller caller;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void prepare() {
    home = new Home(temp.resolve("home"));
    caller = new Caller(home.directory(), temp);
  }

  @AfterEach
  void endWhatWasStarted() {
    ServerFile.read(home.serverFile())
        .flatMap(file -> ProcessHandle.of(file.processId()))
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .ifPresent(ProcessHandle::destroyForcibly);
    started.forEach(Process::destroyForcibly);
    http.close();
  }

  @Test
  void killedWhileImagesArePushedItHasAllThatItAcknowledgedAndNothingHalf() throws Exception {
    Map<String, byte[]> acknowledged = pushUntilKilled();

    Process again = serve();
    URI address = ready(again);
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(ACKNOWLEDGED_BEFORE_THE_KILL);
    acknowledged.forEach(
        (path, bytes) -> assertThat(get(address, path).body()).as(path).isEqualTo(bytes));
    JsonNode tags = json(get(address, "/v2/kill/app/tags/list?n=10000"));
    assertThat(tags.path("tags").size()).isPositive();
    for (JsonNode tag : tags.path("tags")) {
      assertThatImageIsWhole(address, tag.asString());
    }
    assertThat(caller.run("stop").ok().out()).contains("Stopped the server");
    assertThat(again.waitFor()).isZero();
  }

  @Test
  void terminatedItEndsRunningRequestsTakesNoNewOnesAndLeavesTheHomeFree() throws Exception {
    Process server = serve();
    URI address = ready(server);
    byte[] blob = content(1, 200_000);
    Digest digest = Digest.sha256(blob);
    try (Socket socket = new Socket("127.0.0.1", address.getPort());
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      String head =
          "POST /v2/drain/app/blobs/uploads/?digest=%s HTTP/1.1\r\n"
              + "Host: 127.0.0.1\r\n"
              + "Connection: close\r\n"
              + "Content-Type: application/octet-stream\r\n"
              + "Content-Length: %d\r\n\r\n";
      out.write(head.formatted(digest, blob.length).getBytes(StandardCharsets.US_ASCII));
      out.write(blob, 0, blob.length / 2);
      out.flush();
      awaitUpload();

      server.destroy();
      awaitRefusal(address);
      // a client that rests is a running request all the same
      Thread.sleep(1200);
      out.write(blob, blob.length / 2, blob.length - blob.length / 2);
      out.flush();

      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).startsWith("HTTP/1.1 201");
    }
    assertThat(server.waitFor(100, TimeUnit.SECONDS)).isTrue();
    assertThat(HomeLock.isHeld(home)).isFalse();
    assertThat(home.serverFile()).doesNotExist();

    Path stored = home.blobs().resolve("sha256").resolve(digest.hex().substring(0, 2));
    try (var files = Files.walk(stored)) {
      assertThat(files.filter(file -> file.endsWith(digest.hex())).map(Path::toFile))
          .singleElement()
          .satisfies(file -> assertThat(file).hasBinaryContent(blob));
    }
  }

  @Test
  void shipsThatFindNoServerStartOneTogetherAndServeTakesOverFromIt() throws Exception {
    new Project(temp).advisories("osv");
    Project.application(temp.resolve("a"), "team/a", "1", "org.example:a:1.0");
    Project.application(temp.resolve("b"), "team/b", "1", "org.example:b:1.0");

    Map<String, String> environment = Map.of("BULLA_LAUNCHER", launcher().toString());
    CompletableFuture<Ran> other =
        CompletableFuture.supplyAsync(() -> caller.run(environment, "ship", "a"));
    Ran one = caller.run(environment, "ship", "b").ok();
    other.get(100, TimeUnit.SECONDS).ok();

    assertThat(one.err() + other.get().err()).contains("started a server in the background at ");
    ServerFile background = ServerFile.read(home.serverFile()).orElseThrow();
    assertThat(background.processId()).isNotEqualTo(ProcessHandle.current().pid());
    assertThat(caller.run("ship", "a").ok().err()).doesNotContain("started a server");

    try (Serving foreground = Serving.start(caller, "--listen", "http://127.0.0.1:0")) {
      assertThat(foreground.err()).contains("taking over from the background server");
      Optional<ProcessHandle> process = ProcessHandle.of(background.processId());
      if (process.isPresent()) {
        process.get().onExit().get(100, TimeUnit.SECONDS);
      }

      caller.run("serve", "--listen", "http://127.0.0.1:0").failed(ErrorCode.HOME_LOCKED);
    }
    assertThat(caller.run("ask", "releases", "--output", "json").ok().json().path("items").size())
        .isEqualTo(2);
  }

  private Map<String, byte[]> pushUntilKilled() throws Exception {
    Process server = serve();
    URI address = ready(server);
    Map<String, byte[]> acknowledged = new ConcurrentHashMap<>();
    AtomicInteger number = new AtomicInteger();
    try (ExecutorService pushers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < PUSHERS; i++) {
        pushers.submit(() -> {
          while (push(address, number.incrementAndGet(), acknowledged)) {
            if (acknowledged.size() >= ACKNOWLEDGED_BEFORE_THE_KILL) {
              server.destroyForcibly();
            }
          }
        });
      }
    }
    server.waitFor();
    return acknowledged;
  }

  /** Pushes one image; false once the server is gone. */
  private boolean push(URI address, int number, Map<String, byte[]> acknowledged) {
    byte[] config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"number\":%d}"
            .formatted(number)
            .getBytes(StandardCharsets.UTF_8);
    byte[] layer = content(number, 20_000 + number);
    byte[] manifest =
        """
        {"schemaVersion": 2, "mediaType": "%s",
         "config": {"mediaType": "%s", "digest": "%s", "size": %d},
         "layers": [{"mediaType": "%s", "digest": "%s", "size": %d}]}\
        """
            .formatted(
                MANIFEST,
                CONFIG,
                Digest.sha256(config),
                config.length,
                LAYER,
                Digest.sha256(layer),
                layer.length)
            .getBytes(StandardCharsets.UTF_8);
    try {
      for (byte[] blob : List.of(config, layer)) {
        String path = "/v2/kill/app/blobs/" + Digest.sha256(blob);
        send(
            "POST",
            address,
            "/v2/kill/app/blobs/uploads/?digest=" + Digest.sha256(blob),
            "application/octet-stream",
            blob);
        acknowledged.put(path, blob);
      }
      String path = "/v2/kill/app/manifests/t" + number;
      send("PUT", address, path, MANIFEST, manifest);
      acknowledged.put(path, manifest);
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  private void assertThatImageIsWhole(URI address, String tag) {
    HttpResponse<byte[]> got = get(address, "/v2/kill/app/manifests/" + tag);
    assertThat(got.statusCode()).as(tag).isEqualTo(200);
    JsonNode manifest = json(got);
    List<JsonNode> blobs = new ArrayList<>(List.of(manifest.path("config")));
    manifest.path("layers").forEach(blobs::add);
    for (JsonNode blob : blobs) {
      Digest digest = Digest.parse(blob.path("digest").asString());
      assertThat(digest.matches(get(address, "/v2/kill/app/blobs/" + digest).body()))
          .as(tag)
          .isTrue();
    }
  }

  /** Starts this class path in a process that is quick to start rather than fast. */
  private Path launcher() throws IOException {
    Path file = temp.resolve("launcher");
    Files.writeString(
        file,
        """
        #!/bin/sh
        exec '%s/bin/java' --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 \
          -XX:+UseSerialGC -Xmx256m -cp '%s' dev.bulla.cli.Main "$@"
        """
            .formatted(System.getProperty("java.home"), System.getProperty("java.class.path")));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file;
  }

  private Process serve() throws IOException {
    Process process =
        new ProcessBuilder(
                launcher().toString(),
                "serve",
                "--home",
                home.directory().toString(),
                "--listen",
                "http://127.0.0.1:0")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.appendTo(temp.resolve("server.err").toFile()))
            .start();
    started.add(process);
    return process;
  }

  /** Where it listens, once it says that it is ready. */
  private URI ready(Process process) throws Exception {
    while (process.isAlive()) {
      var file = ServerFile.read(home.serverFile()).filter(one -> one.processId() == process.pid());
      if (file.isPresent()) {
        assertThat(get(file.get().address(), "/health/ready").statusCode()).isEqualTo(200);
        return file.get().address();
      }
      Thread.sleep(20);
    }
    throw new AssertionError(Files.readString(temp.resolve("server.err")));
  }

  /** Until the server has begun to write what it receives. */
  private void awaitUpload() throws Exception {
    Path uploads = home.blobs().resolve("uploads");
    while (true) {
      try (var files =
          Files.exists(uploads) ? Files.list(uploads) : java.util.stream.Stream.<Path>of()) {
        if (files.anyMatch(file -> file.toFile().length() > 0)) {
          return;
        }
      }
      Thread.sleep(10);
    }
  }

  private static void awaitRefusal(URI address) throws Exception {
    while (true) {
      try (Socket ignored = new Socket("127.0.0.1", address.getPort())) {
        Thread.sleep(10);
      } catch (ConnectException e) {
        return;
      }
    }
  }

  private HttpResponse<byte[]> get(URI address, String path) {
    return exchange(
        HttpRequest.newBuilder(address.resolve(path)).header("Accept", MANIFEST).build());
  }

  private void send(String method, URI address, String path, String type, byte[] body) {
    HttpResponse<byte[]> answer =
        exchange(
            HttpRequest.newBuilder(address.resolve(path))
                .header("Content-Type", type)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    assertThat(answer.statusCode()).as(path).isEqualTo(201);
  }

  private HttpResponse<byte[]> exchange(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static JsonNode json(HttpResponse<byte[]> answer) {
    return Json.parse(answer.body(), "answer");
  }

  private static byte[] content(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
