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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The run from which the JVM learns which classes to keep ready (JEP 483, 514): real commands
 * against a real server, in one process and a home of its own. It lives in this jar because a cache
 * is only valid for the class path that trained it.
 */
public final class AotTraining {
  private final Path root;
  private final Path home;

  private AotTraining(Path root, Path home) {
    this.root = root;
    this.home = home;
  }

  /** Arguments: the name of the cache (it changes nothing), the repository's root. */
  public static void main(String[] args) throws Exception {
    Path home = Files.createTempDirectory("bulla-training");
    try {
      new AotTraining(Path.of(args[1]).toAbsolutePath(), home).run();
    } finally {
      delete(home);
    }
    System.exit(0);
  }

  private void run() throws Exception {
    bulla("--help");
    for (String command : Commands.names()) {
      bulla(command, "--help");
    }
    Thread server =
        Thread.ofPlatform().daemon().start(() -> bulla("serve", "--listen", "http://127.0.0.1:0"));
    awaitServer(server);
    JsonNode shipped = Json.parse(bulla("ship", "--output", "json", "examples/hello"), "training");
    String image =
        shipped.path("reference").stringValue().replaceFirst("(:[^:/@]+)?(@.*)?$", "")
            + "@"
            + shipped.path("digest").stringValue();
    String repository = image.substring(0, image.indexOf('@'));
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
          repository,
          image);
    }
    bulla("sbom", image);
    bulla("scan", "--advisories", "examples/advisories", image);
    bulla("ask", "releases");
    bulla("ask", "exposed-to", "CVE-2021-44228");
    bulla("key");
    bulla("ship", "examples/vulnerable");
    bulla("stop");
    server.join(10_000);
  }

  private void awaitServer(Thread server) throws InterruptedException {
    for (int i = 0; i < 300 && !Files.exists(home.resolve("server.json")); i++) {
      if (!server.isAlive()) {
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
