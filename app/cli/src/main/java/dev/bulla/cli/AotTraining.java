package dev.bulla.cli;

import dev.bulla.core.json.Json;
import dev.bulla.server.Invocation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The run from which the JVM learns which classes to keep ready (JEP 483, 514): real commands
 * against a real server, in one process and a home of its own. It lives in this jar because a cache
 * is only valid for the class path that trained it.
 */
public final class AotTraining {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Path root;
  private final Path home;

  private AotTraining(Path root, Path home) {
    this.root = root;
    this.home = home;
  }

  /**
   * Arguments: the name of the cache, the repository's root. {@code server} runs everything in this
   * process. {@code cli} runs only short commands in it, against a server in another one: what a
   * cache holds is loaded at every start, so it must not hold what short commands never use.
   */
  public static void main(String[] args) throws Exception {
    Path home = Files.createTempDirectory("bulla-training");
    Thread.ofPlatform().daemon().start(AotTraining::endAtTheLimit);
    boolean trained = train(args[0], new AotTraining(Path.of(args[1]).toAbsolutePath(), home));
    delete(home);
    System.exit(trained ? 0 : 1); // whatever threads are left
  }

  /** A training that hangs, even while it ends, says where and takes its server along. */
  private static void endAtTheLimit() {
    try {
      Thread.sleep(LIMIT);
    } catch (InterruptedException e) {
      return;
    }
    System.err.printf("the training has not ended within %s; its threads:%n", LIMIT);
    Thread.getAllStackTraces()
        .forEach((thread, frames) -> {
          System.err.println(thread);
          Stream.of(frames).limit(12).forEach(frame -> System.err.println("    at " + frame));
        });
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    Runtime.getRuntime().halt(1);
  }

  private static boolean train(String name, AotTraining training) {
    try {
      if (name.equals("cli")) {
        training.shortCommands();
      } else {
        training.everything();
      }
      return true;
    } catch (Exception e) {
      e.printStackTrace();
      return false;
    }
  }

  private void everything() throws Exception {
    help();
    Thread server =
        Thread.ofPlatform().daemon().start(() -> bulla("serve", "--listen", "http://127.0.0.1:0"));
    try {
      awaitServer(server::isAlive);
      String image = image(bulla("ship", "--output", "json", "examples/hello"));
      verify(image);
      bulla("sbom", image);
      bulla("scan", "--advisories", "examples/advisories", image);
      bulla("ask", "exposed-to", "CVE-2021-44228");
      bulla("ship", "examples/vulnerable");
    } finally {
      bulla("stop"); // before its home is deleted under it
      server.join(10_000);
    }
  }

  private void shortCommands() throws Exception {
    Process server = other("serve", "--listen", "http://127.0.0.1:0").start();
    try {
      awaitServer(server::isAlive);
      Process ship = other("ship", "--output", "json", "examples/hello").start();
      String image = image(ship.getInputStream().readAllBytes());
      help();
      verify(image);
      bulla("ask", "releases");
      bulla("ask", "exposed-to", "CVE-2021-44228");
      bulla("key");
      bulla("stop");
      server.waitFor(10, TimeUnit.SECONDS);
    } finally {
      server.destroyForcibly();
    }
  }

  private void help() {
    bulla("--help");
    for (String command : Commands.names()) {
      bulla(command, "--help");
    }
  }

  private void verify(String image) {
    String trust = home.resolve("trust").toString();
    for (int i = 0; i < 3; i++) {
      bulla("verify", "--key", home.resolve("keys/signing.pub").toString(), image);
      bulla(
          "verify",
          "--trust-policy",
          trust + "/trustpolicy.json",
          "--trust-store",
          trust + "/truststore",
          "--scope",
          image.substring(0, image.indexOf('@')),
          image);
    }
  }

  /** REGISTRY/REPO@DIGEST of what was shipped. */
  private static String image(byte[] document) {
    JsonNode shipped = Json.parse(document, "what ship says in the training (see above)");
    if (!shipped.has("digest") || !shipped.has("reference")) {
      throw new IllegalStateException("ship failed in the training: " + shipped);
    }
    String name = shipped.path("reference").stringValue().replaceFirst("(:[^:/@]+)?(@.*)?$", "");
    return name + "@" + shipped.path("digest").stringValue();
  }

  /** A command in a process of its own, with this home. */
  private ProcessBuilder other(String... words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xlog:disable", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
    builder.environment().put("BULLA_HOME", home.toString());
    builder.environment().remove("JDK_AOT_VM_OPTIONS");
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  private void awaitServer(BooleanSupplier alive) throws InterruptedException {
    for (int i = 0; i < 300 && !Files.exists(home.resolve("server.json")); i++) {
      if (!alive.getAsBoolean()) {
        throw new IllegalStateException("the server of the training ended early");
      }
      Thread.sleep(100);
    }
  }

  private byte[] bulla(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        new Bulla()
            .run(
                new Invocation(
                    List.of(words),
                    root,
                    Map.of("BULLA_HOME", home.toString(), "HOME", home.toString()),
                    InputStream.nullInputStream(),
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    false));
    System.out.println(String.join(" ", words) + " -> " + code);
    System.out.println(err.toString(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
