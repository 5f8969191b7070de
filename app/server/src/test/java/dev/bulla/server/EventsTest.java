package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Who is told what of that which happened, by the whole server. */
class EventsTest {
  @TempDir Path directory;

  @Test
  void readersLearnOfAnImageOnceTheyMaySeeItAndNeverWhoPushedIt() {
    try (TrustTrial trial = new TrustTrial(directory)) {
      trial.bind("seen/*", "enforce", trial.policy("alice"));
      Client reader = trial.robot("reader", "seen/*=AcrPull");
      Client scanner = trial.robot("scanner", "seen/*=AcrQuarantineReader");
      Client stranger = trial.robot("stranger", "other/*=AcrPull");
      long begin = last(trial.owner());

      Descriptor image = trial.image("seen/app", "v1");
      Descriptor waiting = trial.image("seen/app", "v2");
      assertThat(types(reader, begin)).isEmpty();
      assertThat(types(scanner, begin)).contains("manifest.pushed", "tag.pending");
      assertThat(scanner.get(path(begin)).body()).contains("\"authtype\":\"unauthenticated\"");

      trial.sign("seen/app", image, "alice");
      assertThat(trial.pull("seen/app", "v1")).as("judged, however slowly").isEqualTo(200);
      assertThat(types(reader, begin)).contains("manifest.pushed", "trust.admitted", "tag.moved");
      assertThat(reader.get(path(begin)).body())
          .contains(image.digest().toString())
          .doesNotContain(waiting.digest().toString(), "authtype", "pending");
      assertThat(
              reader.get("/v2/_events?repository=seen/other&after=" + begin).json().path("events"))
          .isEmpty();

      String tags = "/v2/seen/app/manifests/";
      trial.owner().send("DELETE", tags + "v2", "", new byte[0]);
      trial.owner().send("DELETE", tags + waiting.digest(), "", new byte[0]);
      trial.owner().send("DELETE", tags + image.digest(), "", new byte[0]);
      JsonNode told = trial.owner().get(path(begin)).json().path("events");
      assertThat(types(trial.owner(), begin))
          .endsWith("tag.deleted", "manifest.deleted", "manifest.deleted");
      assertThat(told.get(told.size() - 1).path("authid").asString()).isEqualTo("owner");
      assertThat(reader.get(path(begin)).body())
          .contains("manifest.deleted")
          .doesNotContain(waiting.digest().toString());
      trial.owner().post("/v1/registry/project", "{\"name\":\"seen\",\"open\":false}");
      assertThat(types(stranger, begin)).as("of a project that is closed to him").isEmpty();
    }
  }

  @Test
  void whatIsNoLongerKeptIsRefusedWithWhereToGoOn() {
    try (TrustTrial trial = new TrustTrial(directory)) {
      for (int i = 0; i < 101; i++) {
        trial.owner().post("/v1/registry/immutable", "{\"pattern\":\"many/r%d:v*\"}".formatted(i));
      }
      JsonNode kept =
          trial.owner().post("/v1/registry/event-keeping", "{\"keepCount\":100}").json();
      long trimmed = kept.path("trimmed").asLong();

      assertThat(trimmed).isPositive();
      Client.Answer gone = trial.owner().get(path(trimmed - 1));
      assertThat(gone.status()).isEqualTo(410);
      assertThat(gone.json().path("title").asString()).isEqualTo("events-trimmed");
      assertThat(gone.json().path("nextStep").asString()).contains("after " + trimmed);
      assertThat(trial.owner().get(path(trimmed)).json().path("events")).hasSize(100);
      assertThat(trial.owner().get("/v1/registry/events?limit=1000").json().path("last").asLong())
          .isEqualTo(kept.path("last").asLong());
    }
  }

  private static long last(Client client) {
    return client.get("/v1/registry/events?limit=1000").json().path("last").asLong();
  }

  private static String path(long after) {
    return "/v1/registry/events?limit=1000&after=" + after;
  }

  private static List<String> types(Client client, long after) {
    List<String> types = new ArrayList<>();
    for (JsonNode event : client.get(path(after)).json().path("events")) {
      types.add(event.path("type").asString("").replace("dev.bulla.registry.", ""));
    }
    return types;
  }
}
