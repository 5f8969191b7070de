package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.json.Json;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
