package dev.bulla.server;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Somebody on this machine who sends requests to a server, with or without a credential. */
record Client(HttpClient http, URI address, Optional<String> authorization) {

  record Answer(int status, String body, HttpResponse<byte[]> response) {
    JsonNode json() {
      return Json.parse(response.body(), "answer");
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }
  }

  static Client anonymous(URI address) {
    return new Client(HttpClient.newHttpClient(), address, Optional.empty());
  }

  Client with(String credential) {
    return new Client(http, address, Optional.of(credential));
  }

  Client at(URI other) {
    return new Client(http, other, authorization);
  }

  Answer get(String path) {
    return send("GET", path, "", new byte[0]);
  }

  Answer post(String path, String json) {
    return send("POST", path, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  Answer send(String method, String path, String type, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve(path))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    authorization.ifPresent(value -> request.header("Authorization", value));
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    try {
      HttpResponse<byte[]> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      return new Answer(
          response.statusCode(), new String(response.body(), StandardCharsets.UTF_8), response);
    } catch (IOException e) {
      throw new AssertionError(method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Pushes a blob in one request and returns its digest. */
  Digest pushBlob(String repository, byte[] bytes) {
    Digest digest = Digest.sha256(bytes);
    Answer answer =
        send(
            "POST",
            "/v2/%s/blobs/uploads/?digest=%s".formatted(repository, digest),
            "application/octet-stream",
            bytes);
    if (answer.status() != 201) {
      throw new AssertionError(answer.status() + " " + answer.body());
    }
    return digest;
  }
}
