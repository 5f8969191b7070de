package dev.bulla.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.web.Exposure;
import dev.bulla.web.Listener;
import dev.bulla.web.Route;
import dev.bulla.web.WebServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
  private final BlockingQueue<String> audited = new LinkedBlockingQueue<>();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2027-01-01T00:00:00Z"));

  @Test
  void eachCallerHasSoManyRequestsAndIsToldWhenToComeAgain() throws Exception {
    try (WebServer server =
            WebServer.builder()
                .listen(Listener.http("127.0.0.1", 0))
                .filter(e ->
                    e.header("Who")
                        .ifPresent(name -> e.attribute(Principal.class, principal(name))))
                .filter(new RateLimits(2, 1, now::get))
                .observer(new Audit(audited::add))
                .routes(
                    List.of(
                        Route.get("/x", e -> e.send()).exposedTo(Exposure.PUBLIC),
                        Route.post("/x", e -> e.send())))
                .start();
        HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 20; i++) {
        assertThat(get(client, server, "ci").statusCode()).isEqualTo(200);
      }
      HttpResponse<String> refused = get(client, server, "ci");
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).contains("1");
      assertThat(refused.body()).contains("rate-limited");
      assertThat(get(client, server, "cd").statusCode()).as("another robot").isEqualTo(200);
      now.set(now.get().plusMillis(500));
      assertThat(get(client, server, "ci").statusCode()).isEqualTo(200);
      assertThat(get(client, server, "ci").statusCode()).isEqualTo(429);
      assertThat(audited).as("reading is no change").isEmpty();
      HttpRequest change =
          HttpRequest.newBuilder(server.address().resolve("/x"))
              .header("Who", "ce")
              .POST(HttpRequest.BodyPublishers.noBody())
              .build();
      assertThat(client.send(change, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
      assertThat(audited.poll(100, TimeUnit.SECONDS))
          .isEqualTo(
              "{\"who\":\"ce\",\"kind\":\"ROBOT\",\"from\":\"127.0.0.1\",\"method\":\"POST\","
                  + "\"path\":\"/x\",\"status\":403,\"allowed\":false}");
      for (int i = 0; i < 30; i++) {
        assertThat(get(client, server, "owner").statusCode()).isEqualTo(200);
        assertThat(get(client, server, "local").statusCode()).isEqualTo(200);
        assertThat(get(client, server, "remote").statusCode()).isEqualTo(i < 10 ? 200 : 429);
      }
    }
  }

  private static Principal principal(String name) {
    return switch (name) {
      case "owner" -> Principal.OWNER;
      case "local" -> Principal.ANONYMOUS;
      case "remote" -> Principal.REMOTE;
      default -> new Principal(Principal.Kind.ROBOT, name, List.of(), true);
    };
  }

  private static HttpResponse<String> get(HttpClient client, WebServer server, String who)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.address().resolve("/x")).header("Who", who).build(),
        BodyHandlers.ofString());
  }
}
