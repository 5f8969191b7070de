package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.json.Json;
import dev.bulla.core.json.Yaml;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the registry answers beside the distribution specification, by the whole server. */
class ExtensionsTest {
  @TempDir Path directory;

  @Test
  void policyHoldsUsageAndCollectionsAreBesideRepositoriesAndForThoseWhoMay() throws Exception {
    try (TrustTrial trial = new TrustTrial(directory)) {
      Descriptor image = trial.image("team/app", "v1");
      Client judge = trial.robot("judge", "team/*=AcrQuarantineWriter");
      Client reader = trial.robot("reader", "team/*=AcrPull");
      String policy = "/v2/team/app/_policy";

      Client.Answer open = judge.get(policy);
      assertThat(open.json().path("mode").asString()).isEqualTo("open");
      assertThat(reader.get(policy).status()).isEqualTo(403);
      Path trust = trial.write("trust.yaml", trial.policy("alice"));
      ObjectNode wanted = Json.object().put("mode", "enforce");
      wanted.put("trust", new String(TrustDocument.collect(trust).bytes(), StandardCharsets.UTF_8));
      assertThat(put(trial, judge, policy, wanted, open.header("ETag"))).isEqualTo(403);
      assertThat(put(trial, trial.owner(), policy + "?dry-run=true", wanted, "*")).isEqualTo(200);
      assertThat(trial.pull("team/app", "v1")).as("a dry run changes nothing").isEqualTo(200);
      assertThat(put(trial, trial.owner(), policy, wanted, open.header("ETag"))).isEqualTo(200);
      assertThat(put(trial, trial.owner(), policy, wanted, open.header("ETag"))).isEqualTo(412);
      assertThat(judge.get(policy).json().path("glob").asString()).isEqualTo("team/app");
      assertThat(trial.pull("team/app", "v1")).isEqualTo(403);
      assertThat(trial.owner().send("DELETE", policy, "", new byte[0]).status()).isEqualTo(200);
      assertThat(trial.pull("team/app", "v1")).isEqualTo(200);

      ObjectNode hold = Json.object().put("reference", "v1").put("reason", "a case");
      assertThat(put(trial, trial.owner(), "/v2/team/app/_holds", hold, "")).isEqualTo(201);
      var held = judge.get("/v2/team/app/_holds").json().path("holds").path(0);
      assertThat(held.path("digest").asString()).isEqualTo(image.digest().toString());
      String release = "/v2/team/app/_holds/" + held.path("id").asLong();
      assertThat(trial.owner().send("DELETE", release, "", new byte[0]).status()).isEqualTo(200);

      JsonNode closure = judge.get("/v2/team/app/_closure/" + image.digest()).json();
      assertThat(closure.path("descriptors").findValuesAsString("digest"))
          .isSorted()
          .contains(image.digest().toString())
          .hasSize(3);
      trial.sign("team/app", image, "alice");
      JsonNode more = judge.get("/v2/team/app/_closure/" + image.digest()).json();
      assertThat(more.path("manifests").asInt()).as("with its signature").isEqualTo(2);
      assertThat(more.path("rootHash")).isNotEqualTo(closure.path("rootHash"));

      assertThat(trial.owner().get("/v2/_usage").json().path("repositories")).isNotEmpty();
      assertThat(reader.get("/v2/_usage").status()).isEqualTo(403);
      assertThat(reader.post("/v2/_gc?dryRun=true", "{}").status()).isEqualTo(403);
      Client.Answer run = trial.owner().post("/v2/_gc?dryRun=true", "{}");
      assertThat(run.status()).isEqualTo(202);
      String job = run.header("Location");
      assertThat(trial.owner().get(job).json().path("kind").asString()).isEqualTo("gc");
      while (trial.owner().get(job).json().path("state").asString().equals("running")) {
        Thread.sleep(5);
      }
      assertThat(trial.owner().get("/v2/_gc").json().path("jobs")).hasSize(1);
      assertThat(trial.reader().get("/v2/_oci/ext/discover").body())
          .contains("\"_policy\"", "\"_holds\"", "\"_usage\"", "\"_gc\"", "\"_events\"");
    }
  }

  @Test
  void theDescriptionOfTheApiHasEveryRouteAndNoOther() throws Exception {
    Set<String> described = new TreeSet<>();
    JsonNode paths =
        Yaml.parse(Files.readAllBytes(Path.of("../../docs/openapi.yaml")), "openapi").path("paths");
    paths
        .properties()
        .forEach(path ->
            path.getValue()
                .propertyNames()
                .forEach(method ->
                    described.add(method.toUpperCase(Locale.ROOT) + " " + plain(path.getKey()))));
    try (TrustTrial trial = new TrustTrial(directory)) {
      assertThat(
              trial.server().routes().stream()
                  .filter(route -> !ELSEWHERE.matcher(route.pattern()).matches())
                  .map(route -> route.method() + " " + plain(route.pattern())))
          .containsExactlyInAnyOrderElementsOf(described);
    }
  }

  /** What the distribution specification, Azure's documents and the console's pages describe. */
  private static final Pattern ELSEWHERE =
      Pattern.compile(
          "/v2/?|/v2/_catalog|/v2/<name>/(blobs|manifests|tags|referrers)(/.*)?|/acr/.*|/oauth2/.*");

  private static String plain(String path) {
    return path.replaceAll("<(\\w+)>|\\{(\\w+)}", "{}");
  }

  private static int put(
      TrustTrial trial, Client caller, String path, ObjectNode body, String match)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(trial.address().resolve(path))
            .PUT(HttpRequest.BodyPublishers.ofByteArray(Json.write(body)))
            .header("Authorization", caller.authorization().orElseThrow());
    if (!match.isEmpty()) {
      request.header("If-Match", match);
    }
    return caller.http().send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }
}
