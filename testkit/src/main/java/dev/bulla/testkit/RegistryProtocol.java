package dev.bulla.testkit;

import com.sun.net.httpserver.HttpExchange;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One request of the distribution API, done as it should be. */
final class RegistryProtocol {
  private static final Pattern ROUTE =
      Pattern.compile("/v2/(.+)/(blobs/uploads|blobs|manifests|tags|referrers)/([^/]*)");
  private static final Pattern BYTES = Pattern.compile("bytes=([0-9]+)-([0-9]*)");

  private final FaultyRegistry registry;
  private final RegistryContents contents;
  private final HttpExchange exchange;
  private final Answer answer;
  private final String method;
  private String repository = "";

  RegistryProtocol(
      FaultyRegistry registry, RegistryContents contents, HttpExchange exchange, Answer answer) {
    this.registry = registry;
    this.contents = contents;
    this.exchange = exchange;
    this.answer = answer;
    this.method = exchange.getRequestMethod();
  }

  static String repository(String path) {
    Matcher route = ROUTE.matcher(path);
    return route.matches() ? route.group(1) : "";
  }

  void answer() throws IOException {
    String path = exchange.getRequestURI().getPath();
    Matcher route = ROUTE.matcher(path);
    if (path.equals("/v2/")) {
      answer.send(200, "{}".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      return;
    }
    if (!route.matches()) {
      answer.error(404, "NAME_UNKNOWN");
      return;
    }
    repository = route.group(1);
    String last = route.group(3);
    switch (route.group(2)) {
      case "blobs/uploads" -> upload(last);
      case "blobs" -> blob(last);
      case "manifests" -> manifest(last);
      case "tags" -> tags();
      default -> referrers(last);
    }
  }

  private void blob(String digest) throws IOException {
    Optional<byte[]> blob = contents.blob(repository, digest);
    if (blob.isEmpty()) {
      answer.error(404, "BLOB_UNKNOWN");
      return;
    }
    answer.header("Docker-Content-Digest", digest);
    answer.header("Content-Type", "application/octet-stream");
    byte[] bytes = blob.get();
    String range = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")).orElse("");
    Matcher wanted = BYTES.matcher(range);
    if (!wanted.matches()) {
      answer.send(200, bytes);
      return;
    }
    int from = Integer.parseInt(wanted.group(1));
    if (from >= bytes.length) {
      answer.error(416, "RANGE_INVALID");
      return;
    }
    answer.header(
        "Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
    answer.send(206, Arrays.copyOfRange(bytes, from, bytes.length));
  }

  private void manifest(String tagOrDigest) throws IOException {
    if (method.equals("PUT")) {
      putManifest(tagOrDigest);
      return;
    }
    Optional<RegistryContents.Stored> stored = contents.manifest(repository, tagOrDigest);
    if (stored.isEmpty()) {
      answer.error(404, "MANIFEST_UNKNOWN");
      return;
    }
    if (method.equals("DELETE")) {
      contents.removeManifest(repository, stored.get());
      answer.send(202, new byte[0]);
      return;
    }
    byte[] bytes = stored.get().bytes();
    answer.header("Content-Type", stored.get().mediaType());
    answer.header(
        "Docker-Content-Digest",
        tagOrDigest.indexOf(':') >= 0 ? tagOrDigest : Digest.sha256(bytes).toString());
    answer.send(200, bytes);
  }

  private void putManifest(String tagOrDigest) throws IOException {
    byte[] bytes = answer.body();
    ObjectNode manifest;
    try {
      manifest = Json.parseObject(bytes, "manifest");
    } catch (BullaException e) {
      answer.error(400, "MANIFEST_INVALID");
      return;
    }
    String type =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Type")).orElse("");
    boolean byDigest = tagOrDigest.indexOf(':') >= 0;
    Digest digest = Digest.sha256(bytes);
    if (byDigest) {
      Digest wanted = Digest.parse(tagOrDigest);
      if (!wanted.matches(bytes)) {
        answer.error(400, "DIGEST_INVALID");
        return;
      }
      digest = wanted;
    }
    contents.putManifest(repository, digest.toString(), type, bytes);
    contents.putManifest(repository, tagOrDigest, type, bytes);
    answer.header("Docker-Content-Digest", digest.toString());
    answer.header("Location", "/v2/" + repository + "/manifests/" + digest);
    if (registry.referrersApi && manifest.has("subject")) {
      answer.header("OCI-Subject", manifest.get("subject").get("digest").stringValue());
    }
    answer.empty(201);
  }

  private void upload(String id) throws IOException {
    switch (method) {
      case "POST" -> startUpload();
      case "GET" -> {
        if (open(id).isPresent()) {
          session(id, 204);
        }
      }
      case "PATCH" -> patch(id);
      case "PUT" -> finish(id);
      default -> answer.error(405, "UNSUPPORTED");
    }
  }

  private void startUpload() throws IOException {
    Map<String, String> query = query();
    Optional<byte[]> mounted =
        contents.blob(query.getOrDefault("from", ""), query.getOrDefault("mount", ""));
    if (mounted.isPresent() && registry.mount) {
      contents.putBlob(repository, query.getOrDefault("mount", ""), mounted.get());
      answer.header("Location", "/v2/" + repository + "/blobs/" + query.get("mount"));
      answer.empty(201);
      return;
    }
    String id = UUID.randomUUID().toString();
    contents.uploads().put(id, new byte[0]);
    session(id, 202);
  }

  private void patch(String id) throws IOException {
    Optional<byte[]> open = open(id);
    if (open.isEmpty()) {
      return;
    }
    String range =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Range")).orElse("");
    byte[] held = open.get();
    if (!range.isEmpty() && !range.startsWith(held.length + "-")) {
      answer.error(416, "BLOB_UPLOAD_INVALID");
      return;
    }
    if (append(id, held)) {
      session(id, 202);
    }
  }

  private void finish(String id) throws IOException {
    Optional<byte[]> open = open(id);
    if (open.isEmpty() || !append(id, open.get())) {
      return;
    }
    byte[] all = contents.uploads().getOrDefault(id, new byte[0]);
    contents.uploads().remove(id);
    String digest = query().getOrDefault("digest", "");
    if (!Digest.parse(digest).matches(all)) {
      answer.error(400, "DIGEST_INVALID");
      return;
    }
    contents.putBlob(repository, digest, all);
    answer.header("Docker-Content-Digest", digest);
    answer.header("Location", "/v2/" + repository + "/blobs/" + digest);
    answer.empty(201);
  }

  /**
   * Whether the whole of the body arrived; otherwise the connection is to end without an answer.
   */
  private boolean append(String id, byte[] held) throws IOException {
    byte[] more = answer.body();
    byte[] all = Arrays.copyOf(held, held.length + more.length);
    System.arraycopy(more, 0, all, held.length, more.length);
    contents.uploads().put(id, all);
    return !answer.dropsUpload();
  }

  private Optional<byte[]> open(String id) throws IOException {
    Optional<byte[]> open = Optional.ofNullable(contents.uploads().get(id));
    if (open.isEmpty()) {
      answer.error(404, "BLOB_UPLOAD_UNKNOWN");
    }
    return open;
  }

  private void session(String id, int status) throws IOException {
    int length = contents.uploads().getOrDefault(id, new byte[0]).length;
    answer.header("Location", "/v2/" + repository + "/blobs/uploads/" + id + "?state=" + length);
    answer.header("Range", "0-" + Math.max(0, length - 1));
    answer.empty(status);
  }

  private void tags() throws IOException {
    if (!contents.knows(repository)) {
      answer.error(404, "NAME_UNKNOWN");
      return;
    }
    List<String> all = contents.tags(repository);
    ObjectNode root = Json.object();
    root.put("name", repository);
    ArrayNode tags = root.putArray("tags");
    page(all, "tags/list").forEach(tags::add);
    answer.header("Content-Type", "application/json");
    answer.send(200, Json.write(root));
  }

  private void referrers(String digest) throws IOException {
    if (!registry.referrersApi) {
      answer.error(404, "NAME_UNKNOWN");
      return;
    }
    List<ObjectNode> found = new ArrayList<>();
    contents
        .manifests(repository)
        .forEach((name, stored) -> referrer(name, stored, digest).ifPresent(found::add));
    ObjectNode root = Json.object();
    root.put("schemaVersion", 2);
    root.put("mediaType", MediaTypes.OCI_INDEX);
    ArrayNode manifests = root.putArray("manifests");
    String type = query().getOrDefault("artifactType", "");
    if (!type.isEmpty()) {
      found.removeIf(one -> !one.path("artifactType").asString("").equals(type));
      answer.header("OCI-Filters-Applied", "artifactType");
    }
    page(found, "referrers/" + digest).forEach(manifests::add);
    answer.header("Content-Type", MediaTypes.OCI_INDEX);
    answer.send(200, Json.write(root));
  }

  private static Optional<ObjectNode> referrer(
      String name, RegistryContents.Stored stored, String subject) {
    ObjectNode manifest = Json.parseObject(stored.bytes(), "manifest");
    if (!manifest.path("subject").path("digest").asString("").equals(subject)) {
      return Optional.empty();
    }
    ObjectNode entry = Json.object();
    entry.put("mediaType", stored.mediaType());
    entry.put("digest", name);
    entry.put("size", stored.bytes().length);
    String type = manifest.path("artifactType").asString("");
    String config = manifest.path("config").path("mediaType").asString("");
    entry.put("artifactType", type.isEmpty() ? config : type);
    if (manifest.has("annotations")) {
      entry.set("annotations", manifest.get("annotations"));
    }
    return Optional.of(entry);
  }

  /** One page of {@code all}, from the offset in the query, with a link to the next. */
  private <T> List<T> page(List<T> all, String place) {
    int from = Math.min(all.size(), Integer.parseInt(query().getOrDefault("offset", "0")));
    int to = Math.min(all.size(), from + registry.pageSize);
    if (to < all.size()) {
      answer.header("Link", "</v2/%s/%s?offset=%d>; rel=\"next\"".formatted(repository, place, to));
    }
    return all.subList(from, to);
  }

  private Map<String, String> query() {
    Map<String, String> all = new HashMap<>();
    String text = Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        all.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return all;
  }
}
