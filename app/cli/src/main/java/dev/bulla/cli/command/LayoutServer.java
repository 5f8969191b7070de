package dev.bulla.cli.command;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * As much of a registry as the verification of one image asks for, on a loopback port: what a
 * layout holds, by digest, read only (OCI distribution specification, "Pull").
 */
final class LayoutServer implements AutoCloseable {
  private record Content(String type, byte[] bytes) {}

  private final Map<String, Content> contents;
  private final HttpServer server;

  private LayoutServer(Map<String, Content> contents, HttpServer server) {
    this.contents = contents;
    this.server = server;
  }

  /** Makes a layout with an image that holds nothing. */
  static Digest imageIn(Path directory) {
    byte[] nothing = "{}".getBytes(StandardCharsets.UTF_8);
    Descriptor config = Descriptor.of(MediaTypes.OCI_CONFIG, nothing);
    Manifest image =
        Manifest.image(config, List.of(), Optional.empty(), Optional.empty(), Map.of());
    try (Repository layout = Layout.create(directory)) {
      layout.pushBlob(config, BlobSource.of(nothing));
      layout.pushManifest(image, List.of());
    }
    return image.descriptor().digest();
  }

  /**
   * Reads the layout once and serves it.
   *
   * @param image whose referrers are known
   */
  static LayoutServer start(Path directory, Digest image) throws IOException {
    Map<String, Content> contents = new HashMap<>();
    try (Repository layout = Layout.open(directory);
        Stream<Path> blobs = Files.list(directory.resolve("blobs/sha256"))) {
      for (Path file : blobs.toList()) {
        String digest = "sha256:" + file.getFileName();
        String type =
            layout.resolve(digest).map(Descriptor::mediaType).orElse("application/octet-stream");
        Content content = new Content(type, Files.readAllBytes(file));
        contents.put("manifests/" + digest, content);
        contents.put("blobs/" + digest, content);
      }
      Manifest referrers = Manifest.index(layout.referrers(image, Optional.empty()), Map.of());
      contents.put("referrers/" + image, new Content(MediaTypes.OCI_INDEX, referrers.bytes()));
    }
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    LayoutServer started = new LayoutServer(contents, server);
    server.createContext("/v2/", started::answer);
    server.start();
    return started;
  }

  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    boolean root = path.equals("/v2/");
    Content content = contents.get(path.replaceFirst("^/v2/[^/]+/", ""));
    try (exchange) {
      if (root || content == null) {
        exchange.sendResponseHeaders(root ? 200 : 404, -1);
        return;
      }
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.getResponseHeaders().set("Content-Type", content.type());
      exchange.getResponseHeaders().set("Content-Length", "" + content.bytes().length);
      exchange.sendResponseHeaders(200, head ? -1 : content.bytes().length);
      if (!head) {
        exchange.getResponseBody().write(content.bytes());
      }
    }
  }
}
