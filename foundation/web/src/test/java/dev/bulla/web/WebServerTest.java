package dev.bulla.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes, what is refused and in which form, and what the server says of itself. */
class WebServerTest extends WebServing {
  @Test
  void readsParametersOfOneAndOfManySegments() throws Exception {
    start(
        open(
            Route.get(
                "/v2/<name>/blobs/{digest}",
                e ->
                    e.send(
                        "text/plain", utf8(e.pathParam("name") + " " + e.pathParam("digest"))))));

    assertThat(get("/v2/a/blobs/b/blobs/sha256:12").body()).isEqualTo("a/blobs/b sha256:12");
    assertThat(get("/v2/a/blobs/sha256%3A12").body()).isEqualTo("a sha256:12");
  }

  @Test
  void headHasTheHeadersOfGetAndNoBody() throws Exception {
    start(
        open(
            Route.get(
                "/x",
                e -> e.setHeader("ETag", "\"1\"").send("application/vnd.x+json", utf8("body")))));

    HttpResponse<String> got = get("/x");
    HttpResponse<String> head = exchange(request("/x").method("HEAD", BodyPublishers.noBody()));

    assertThat(head.body()).isEmpty();
    for (String name : List.of("content-length", "content-type", "etag")) {
      assertThat(head.headers().firstValue(name))
          .as(name)
          .isEqualTo(got.headers().firstValue(name));
    }
    assertThat(head.headers().firstValue("content-type")).contains("application/vnd.x+json");
  }

  @Test
  void writesProblemDetailsAndForgetsWhatTheHandlerHadSet() throws Exception {
    start(
        open(
            Route.get(
                "/x",
                e -> {
                  e.status(201).setHeader("X-Half", "done");
                  throw new BullaException(ErrorCode.BLOB_NOT_FOUND, "no blob", "Push it.");
                })));

    HttpResponse<String> got = get("/x");

    assertThat(got.statusCode()).isEqualTo(404);
    assertThat(got.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(got.headers().firstValue("x-half")).isEmpty();
    assertThat(got.body())
        .isEqualTo(
            "{\"type\":\"docs/errors/blob-not-found.md\",\"title\":\"blob-not-found\",\"status\":404,\"detail\":\"no"
                + " blob\",\"nextStep\":\"Push it.\"}");
  }

  @Test
  void whatIsAwaySaysWhenToComeAgain() throws Exception {
    start(
        open(
            Route.get(
                "/x",
                e -> {
                  throw new BullaException(ErrorCode.RECORDS_UNAVAILABLE, "away");
                })));

    HttpResponse<String> got = get("/x");
    assertThat(got.statusCode()).isEqualTo(503);
    assertThat(got.headers().firstValue("Retry-After")).contains("5");
  }

  @Test
  void anUnexpectedFailureSaysNothingAboutTheInside() throws Exception {
    start(
        open(
            Route.get(
                "/x",
                e -> {
                  throw new IllegalStateException("secret path /var/x");
                })));

    assertThat(get("/x").statusCode()).isEqualTo(500);
    assertThat(get("/x").body()).contains("internal").doesNotContain("secret");
  }

  @Test
  void aPrefixHasItsOwnErrorForm() throws Exception {
    server =
        builder(open(Route.get("/v2/x", e -> e.send())))
            .errors(
                "/v2/",
                (e, problem) -> e.status(418).send("text/plain", utf8("own " + problem.code())))
            .start();

    assertThat(get("/v2/nothing").body()).isEqualTo("own ROUTE_NOT_FOUND");
    assertThat(get("/nothing").statusCode()).isEqualTo(404);
    assertThat(get("/nothing").body()).contains("route-not-found");
  }

  @Test
  void anotherMethodOnAServedPathIs405() throws Exception {
    start(open(Route.get("/x", e -> e.send())));

    assertThat(exchange(request("/x").DELETE()).statusCode()).isEqualTo(405);
    assertThat(exchange(request("/x").method("BREW", BodyPublishers.noBody())).statusCode())
        .isEqualTo(405);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /%c3%28 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      })
  void whatIsNoRequestGetsProblemDetailsToo(String request) throws Exception {
    start();

    assertThat(raw(request))
        .startsWith("HTTP/1.1 400")
        .contains("application/problem+json", "\"title\":\"request-invalid\"")
        .doesNotContain("html", "Exception");
  }

  @Test
  void guardedRoutesAreClosedWithoutAGuard() throws Exception {
    AtomicBoolean reached = new AtomicBoolean();
    start(Route.get("/x", e -> reached.set(true)));

    assertThat(get("/x").statusCode()).isEqualTo(403);
    assertThat(get("/metrics").statusCode()).isEqualTo(403);
    assertThat(reached).isFalse();
  }

  @Test
  void refusesForeignHostAndOrigin() throws Exception {
    start(open(Route.post("/x", e -> e.send())));
    int port = server.address().getPort();

    assertThat(
            raw("POST /x HTTP/1.1\r\nHost: evil.example:" + port + "\r\nContent-Length: 0\r\n\r\n"))
        .startsWith("HTTP/1.1 403")
        .contains("access-denied");
    assertThat(raw("POST /x HTTP/1.1\r\nHost: localhost:" + port + "\r\nContent-Length: 0\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(raw("POST /x HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 0\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(post("/x", "http://evil.example")).isEqualTo(403);
    assertThat(post("/x", "null")).isEqualTo(403);
    assertThat(post("/x", "http://127.0.0.1:1")).isEqualTo(403);
    assertThat(post("/x", "http://127.0.0.1:" + port)).isEqualTo(200);
  }

  @Test
  void filtersMayRefuseAndAttach() throws Exception {
    server =
        builder(
                open(
                    Route.get(
                        "/x",
                        e -> e.send("text/plain", utf8(e.attribute(String.class).orElse("none"))))))
            .filter(e -> e.query("who").ifPresent(who -> e.attribute(String.class, who)))
            .filter(e -> {
              if (e.query("bad").isPresent()) {
                throw new BullaException(ErrorCode.ACCESS_UNAUTHENTICATED, "no");
              }
            })
            .start();

    assertThat(get("/x?who=me").body()).isEqualTo("me");
    assertThat(get("/x").body()).isEqualTo("none");
    assertThat(get("/x?bad").statusCode()).isEqualTo(401);
  }

  @Test
  void readinessFollowsItsConditions() throws Exception {
    AtomicBoolean ready = new AtomicBoolean();
    server = builder().readyWhen("records", ready::get).start();

    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    ready.set(true);
    assertThat(get("/health/ready").body())
        .isEqualTo("{\"status\":\"ready\",\"checks\":{\"records\":true}}");
  }

  @Test
  void metricsCountRequestsByRoute() throws Exception {
    server = builder(open(Route.get("/items/{id}", e -> e.send()))).guard(e -> {}).start();
    get("/items/1");
    get("/items/2");

    assertThat(get("/metrics").body())
        .contains(
            "http_server_requests_seconds_count{method=\"GET\",route=\"/items/{id}\",status=\"200\"}"
                + " 2")
        .contains("jvm_memory_used_bytes");
  }
}
