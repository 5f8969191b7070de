package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Speaks HTTP to a registry and knows nothing of its inside; also makes content to push. */
final class Caller implements AutoCloseable {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI address;

  Caller(URI address) {
    this.address = address;
  }

  /** Sends a request with a body and headers (name, value, name, value …). */
  HttpResponse<byte[]> call(String method, String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve(path))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  HttpResponse<byte[]> call(String method, String path, String... headers) {
    return call(method, path, new byte[0], headers);
  }

  /** Sends a body of unannounced length in chunked coding. */
  HttpResponse<byte[]> stream(String method, String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve(path))
            .method(
                method, BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body)));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  private HttpResponse<byte[]> send(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Pushes a blob by POST and PUT and returns its digest. */
  Digest push(String repository, byte[] content) {
    return push(repository, content, Digest.Algorithm.SHA256);
  }

  Digest push(String repository, byte[] content, Digest.Algorithm algorithm) {
    Digest digest = Digest.of(algorithm, content);
    HttpResponse<byte[]> put =
        call(
            "PUT",
            begin(repository) + "?digest=" + digest,
            content,
            "Content-Type",
            "application/octet-stream");
    assertThat(put.statusCode()).isEqualTo(201);
    return digest;
  }

  /** Opens an upload and returns its address. */
  String begin(String repository) {
    HttpResponse<byte[]> post = call("POST", "/v2/" + repository + "/blobs/uploads/");
    assertThat(post.statusCode()).isEqualTo(202);
    return header(post, "Location");
  }

  HttpResponse<byte[]> putManifest(String repository, String reference, ObjectNode manifest) {
    return putManifest(
        repository, reference, Json.write(manifest), manifest.get("mediaType").stringValue());
  }

  HttpResponse<byte[]> putManifest(String repository, String reference, byte[] bytes, String type) {
    return call(
        "PUT", "/v2/" + repository + "/manifests/" + reference, bytes, "Content-Type", type);
  }

  /** An image whose config and only layer are pushed already, different for each {@code seed}. */
  ObjectNode image(String repository, int seed) {
    byte[] config = ("{\"seed\":" + seed + "}").getBytes(StandardCharsets.UTF_8);
    byte[] layer = content(500 + seed);
    push(repository, config);
    push(repository, layer);
    ObjectNode manifest =
        Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
    manifest.set("config", descriptor(MediaTypes.OCI_CONFIG, config));
    manifest.putArray("layers").add(descriptor(MediaTypes.OCI_LAYER_GZIP, layer));
    return manifest;
  }

  /** An artifact with the empty config and layer, pushed already. */
  ObjectNode artifact(String repository, String type) {
    byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
    push(repository, empty);
    ObjectNode manifest =
        Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
    manifest.put("artifactType", type);
    manifest.set("config", descriptor(MediaTypes.OCI_EMPTY, empty));
    manifest.putArray("layers").add(descriptor(MediaTypes.OCI_EMPTY, empty));
    return manifest;
  }

  static ObjectNode index(ObjectNode... manifests) {
    ObjectNode index = Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
    ArrayNode all = index.putArray("manifests");
    for (ObjectNode manifest : manifests) {
      all.add(descriptor(manifest));
    }
    return index;
  }

  static ObjectNode descriptor(ObjectNode manifest) {
    return descriptor(manifest.get("mediaType").stringValue(), Json.write(manifest));
  }

  static ObjectNode descriptor(String mediaType, byte[] content) {
    return Json.object()
        .put("mediaType", mediaType)
        .put("digest", Digest.sha256(content).toString())
        .put("size", content.length);
  }

  static Digest digestOf(ObjectNode manifest) {
    return Digest.sha256(Json.write(manifest));
  }

  static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  static ObjectNode json(HttpResponse<byte[]> response) {
    return Json.parseObject(response.body(), "answer");
  }

  /** The code of the first error. */
  static String error(HttpResponse<byte[]> response) {
    return json(response).path("errors").path(0).path("code").asString();
  }

  /** So many bytes, the same for each length. */
  static byte[] content(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @Override
  public void close() {
    client.close();
  }
}
