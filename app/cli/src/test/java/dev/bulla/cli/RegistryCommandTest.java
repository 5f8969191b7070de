package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bulla registry …}, through a server and without one. */
class RegistryCommandTest {
  private static final String DIGEST =
      "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"; // hello

  @TempDir Path temp;

  @Test
  void collectsChecksAndMeasuresThroughAServerAndWithoutOne() throws Exception {
    Caller caller = new Caller(temp.resolve("home"), temp);
    caller.run("registry", "usage").failed(ErrorCode.STORE_SCHEMA_MISSING);
    try (Serving serving = Serving.start(caller)) {
      push(serving);
      upkeep(caller);
    }
    upkeep(caller);

    try (Stream<Path> files = Files.walk(temp.resolve("home/blobs/sha256"))) {
      Path file = files.filter(Files::isRegularFile).findFirst().orElseThrow();
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
      Files.writeString(file, "hallo");
    }
    Ran damaged = caller.run("registry", "fsck").ended(1);
    assertThat(damaged.out()).contains("blob-damaged " + DIGEST, "in team/app", "DAMAGED");
  }

  private static void upkeep(Caller caller) {
    Ran usage = caller.run("registry", "usage", "--output", "json").ok();
    assertThat(usage.json().path("storedBytes").asLong()).isEqualTo(5);
    assertThat(usage.json().path("repositories").path(0).path("name").asString())
        .isEqualTo("team/app");
    Ran repos = caller.run("registry", "repos", "team/*", "--output", "json").ok();
    assertThat(repos.json().path("repositories").path(0).path("name").asString())
        .isEqualTo("team/app");
    assertThat(caller.run("registry", "repos", "other/*").ok().out()).isEmpty();
    assertThat(caller.run("registry", "tags", "team/app").ok().out()).isEmpty();
    caller.run("registry", "tags", "team/none").failed(ErrorCode.REPOSITORY_NOT_FOUND);
    Ran plan = caller.run("registry", "gc", "--dry-run", "--grace", "0s", "--output", "json").ok();
    assertThat(plan.json().path("bytes").asLong()).isEqualTo(5);
    assertThat(caller.run("registry", "gc").ok().out()).contains("0 blobs retired");
    assertThat(caller.run("registry", "fsck").ok().out()).contains("Sound: 1 blobs (5 B read)");
    assertThat(caller.run("registry", "deleted", "--output", "json").ok().json().path("deleted"))
        .isEmpty();
    caller.run("registry", "restore", "team/app@" + DIGEST).failed(ErrorCode.MANIFEST_NOT_FOUND);
    caller.run("registry", "gc", "--grace", "soon").failed(ErrorCode.USAGE);
    caller.run("registry", "restore", "team/app").failed(ErrorCode.USAGE);
  }

  private static void push(Serving serving) throws Exception {
    URI upload =
        URI.create("http://" + serving.registry() + "/v2/team/app/blobs/uploads/?digest=" + DIGEST);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(upload).POST(HttpRequest.BodyPublishers.ofString("hello")).build();
      assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(201);
    }
  }
}
