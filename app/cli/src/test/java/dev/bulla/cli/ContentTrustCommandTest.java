package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole story of a bound repository, with real signatures and the commands that people use. */
class ContentTrustCommandTest {
  @TempDir Path temp;
  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void onlyTheRightSignatureMakesAnImageVisibleAndARevokedKeyHidesItAgain() throws Exception {
    Caller caller = new Caller(temp.resolve("home"), temp);
    Project.application(temp.resolve("app"), "app", "1.0", "org.example:greeter:1.0");
    Map<String, String> password = Map.of("COSIGN_PASSWORD", "");
    for (String key : new String[] {"release", "stranger"}) {
      caller.run(password, "key", "generate", "--output-key-prefix", key).ok();
    }
    policy("trust.yaml", "release.pub");
    policy("after.yaml", "stranger.pub");
    String digest;
    try (Serving serving = Serving.start(caller)) {
      String ref = serving.registry() + "/team/app:1.0";
      caller.run("registry", "bind", "team/*", "--trust", "trust.yaml", "--mode", "enforce").ok();
      caller.run("build", "app", "--push", ref).ok();

      HttpResponse<String> refused = get(serving, "team/app/manifests/1.0");
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).contains("DENIED", "PENDING", "signatures");
      Ran pending = caller.run("registry", "trust", "team/app:1.0", "--output", "json").ended(3);
      assertThat(pending.json().path("state").asString()).isEqualTo("PENDING");
      assertThat(pending.json().path("clauses").path(0).path("met").asBoolean(true)).isFalse();

      caller.run(password, "sign", "--key", "stranger.key", ref).ok();
      assertThat(get(serving, "team/app/manifests/1.0").statusCode()).isEqualTo(403);
      caller.run(password, "sign", "--key", "release.key", ref).ok();
      assertThat(get(serving, "team/app/manifests/1.0").statusCode()).isEqualTo(200);
      Ran admitted = caller.run("registry", "trust", ref).ok();
      assertThat(admitted.out()).contains("ADMITTED", "✓ signatures");
      digest =
          caller
              .run("registry", "trust", ref, "--output", "json")
              .ok()
              .json()
              .path("digest")
              .asString();
    }
    caller.run("registry", "trust", "team/app@" + digest).ok();
    try (Serving serving = Serving.start(caller)) {
      assertThat(get(serving, "team/app/manifests/" + digest).statusCode()).isEqualTo(200);
      caller.run("registry", "bind", "team/*", "--trust", "after.yaml", "--dry-run").ok();
      assertThat(get(serving, "team/app/manifests/1.0").statusCode()).isEqualTo(200);
    }
    // the release key is believed no longer; nobody else's signature helps
    policy("none.yaml", "home/keys/signing.pub");
    caller.run("key").ok();
    Ran bound =
        caller.run("registry", "bind", "team/*", "--trust", "none.yaml", "--output", "json").ok();
    assertThat(bound.json().path("changes")).hasSize(1);
    try (Serving serving = Serving.start(caller)) {
      assertThat(get(serving, "team/app/manifests/1.0").body()).contains("REVOKED");
      access(caller, serving);
      caller.run("registry", "unbind", "team/*").ok();
      assertThat(get(serving, "team/app/manifests/1.0").statusCode()).isEqualTo(200);
      caller.run("registry", "unbind", "team/*").ended(1);
    }
    caller.run("registry", "bind", "UPPER", "--trust", "trust.yaml").failed(ErrorCode.USAGE);
    caller.run("registry", "bind", "team/*").failed(ErrorCode.USAGE);
    for (String wrong :
        List.of(
            "bind --trust trust.yaml",
            "bind --mode enforce",
            "bind team//x --trust trust.yaml",
            "bind team/ --trust trust.yaml",
            "bind team/* --trust trust.yaml --name http://host/x",
            "bind team/* --trust trust.yaml --crl release.pub",
            "bind team/* --trust trust.yaml --ocsp-response release.pub",
            "replicate --from https://east.example",
            "replicate --end")) {
      caller.run(("registry " + wrong).split(" ")).failed(ErrorCode.USAGE);
    }
  }

  /** Robots log in with Basic or by token; what they see follows from their grants. */
  private void access(Caller caller, Serving serving) throws Exception {
    String secret =
        caller
            .run("registry", "robot", "add", "scanner", "--grant", "team/*=quarantine-read")
            .ok()
            .out()
            .strip();
    HttpResponse<String> ping = get(serving, "");
    assertThat(ping.statusCode()).isEqualTo(401);
    assertThat(ping.headers().firstValue("WWW-Authenticate").orElse(""))
        .startsWith("Bearer realm=\"http://" + serving.registry() + "/token\",service=\"bulla\"");
    String basic =
        "Basic "
            + Base64.getEncoder()
                .encodeToString(("scanner:" + secret).getBytes(StandardCharsets.UTF_8));
    assertThat(get(serving, "", "Authorization", basic).statusCode()).isEqualTo(200);
    String manifest = "team/app/manifests/1.0";
    assertThat(get(serving, manifest, "Authorization", basic).statusCode()).isEqualTo(200);
    String bearer = "Bearer " + token(serving, "Authorization", basic);
    assertThat(get(serving, manifest, "Authorization", bearer).statusCode()).isEqualTo(200);
    String nobody = "Bearer " + token(serving);
    assertThat(get(serving, "", "Authorization", nobody).statusCode()).isEqualTo(200);
    assertThat(get(serving, manifest, "Authorization", nobody).statusCode()).isEqualTo(403);

    caller.run("registry", "project", "close", "team").ok();
    assertThat(get(serving, manifest).headers().firstValue("WWW-Authenticate").orElse(""))
        .contains("scope=\"repository:team/app:pull\"");
    assertThat(get(serving, "team/app/tags/list", "Authorization", bearer).statusCode())
        .isEqualTo(200);
    assertThat(get(serving, "_catalog", "Authorization", nobody).body())
        .isEqualTo("{\"repositories\":[]}");
    String forged = bearer.substring(0, bearer.length() - 2) + "AA";
    assertThat(get(serving, manifest, "Authorization", forged).statusCode()).isEqualTo(401);
    HttpResponse<String> status = send(serving, "/v1/status", "Authorization", bearer);
    assertThat(status.statusCode()).as("a robot is not the owner").isIn(401, 403);
    caller.run("registry", "project", "open", "team").ok();
    assertThat(caller.run("registry", "robot", "list").ok().out())
        .contains("scanner", "quarantine-read");
    caller.run("registry", "robot", "remove", "scanner").ok();
    assertThat(get(serving, manifest, "Authorization", basic).statusCode()).isEqualTo(401);
  }

  private String token(Serving serving, String... headers) throws Exception {
    HttpResponse<String> answer =
        send(serving, "/token?service=bulla&scope=repository:team/app:pull", headers);
    assertThat(answer.statusCode()).isEqualTo(200);
    return dev.bulla.core.json.Json.parseObject(
            answer.body().getBytes(StandardCharsets.UTF_8), "token")
        .path("token")
        .asString();
  }

  private void policy(String file, String key) {
    new Project(temp)
        .text(
            file,
            """
            apiVersion: bulla.dev/v1
            kind: TrustPolicy
            metadata: {name: test, version: "1"}
            spec:
              authorities:
                release: {keys: [{file: %s}]}
              scopes:
                - name: everything
                  images: ["**"]
                  signatures: [{authorities: [release]}]
            """
                .formatted(key));
  }

  private HttpResponse<String> get(Serving serving, String path, String... headers)
      throws Exception {
    return send(serving, "/v2/" + path, headers);
  }

  private HttpResponse<String> send(Serving serving, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + serving.registry() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
