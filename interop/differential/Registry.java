import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A registry that only gives, so that a signature can be put into it as it should not be. */
final class Registry implements AutoCloseable {
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private final HttpServer server;
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final Map<String, String> types = new ConcurrentHashMap<>();

  Registry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  /** Puts an image with this signature up, and says under which reference. */
  String serve(String repository, Material.Image image, byte[] evidence, byte[] manifest) {
    String home = "/v2/" + repository;
    image.blobs().forEach((digest, bytes) -> files.put(home + "/blobs/" + digest, bytes));
    files.put(home + "/blobs/" + Digest.sha256(evidence), evidence);
    put(home, image.digest(), image.blobs().get(image.digest()));
    put(home, "v1", image.blobs().get(image.digest()));
    String digest = Digest.sha256(manifest).toString();
    put(home, digest, manifest);
    ObjectNode index = Json.object().put("schemaVersion", 2).put("mediaType", INDEX);
    ArrayNode referrers = index.putArray("manifests");
    if (image.tag().isEmpty()) {
      referrer(referrers.addObject(), digest, manifest, typeOf(image.manifest()));
    } else {
      put(home, image.tag(), manifest);
    }
    byte[] list = Json.write(index);
    files.put(home + "/referrers/" + image.digest(), list);
    types.put(home + "/referrers/" + image.digest(), INDEX);
    return "127.0.0.1:%d/%s@%s"
        .formatted(server.getAddress().getPort(), repository, image.digest());
  }

  void forget(String repository) {
    files.keySet().removeIf(path -> path.startsWith("/v2/" + repository + "/"));
  }

  private static String typeOf(byte[] manifest) {
    JsonNode read = Json.parse(manifest, "manifest");
    return read.path("artifactType").asString(read.path("config").path("mediaType").asString(""));
  }

  /** As a registry lists it that has taken the manifest as it is. */
  private void referrer(ObjectNode entry, String digest, byte[] manifest, String type) {
    entry.put("mediaType", "application/vnd.oci.image.manifest.v1+json");
    entry.put("digest", digest).put("size", manifest.length);
    try {
      JsonNode read = Json.parse(manifest, "manifest");
      String config = read.path("config").path("mediaType").asString("");
      entry.put("artifactType", read.path("artifactType").asString(config));
      if (read.get("annotations") instanceof ObjectNode annotations) {
        entry.set("annotations", annotations);
      }
    } catch (RuntimeException e) {
      entry.put("artifactType", type);
    }
  }

  private void put(String home, String reference, byte[] manifest) {
    String path = home + "/manifests/" + reference;
    files.put(path, manifest);
    types.put(path, "application/vnd.oci.image.manifest.v1+json");
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      byte[] body = path.equals("/v2/") ? new byte[] {'{', '}'} : files.get(path);
      if (body == null) {
        byte[] error = "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}".getBytes();
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(404, head ? -1 : error.length);
        if (!head) {
          exchange.getResponseBody().write(error);
        }
        return;
      }
      var headers = exchange.getResponseHeaders();
      headers.set("Content-Type", types.getOrDefault(path, "application/octet-stream"));
      headers.set("Docker-Content-Digest", Digest.sha256(body).toString());
      if (exchange.getRequestMethod().equals("HEAD")) {
        headers.set("Content-Length", String.valueOf(body.length));
        exchange.sendResponseHeaders(200, -1);
      } else {
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
