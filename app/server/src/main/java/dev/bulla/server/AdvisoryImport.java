package dev.bulla.server;

import dev.bulla.core.json.Json;
import dev.bulla.graph.Graph;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.store.Home;
import dev.bulla.store.HomeLock;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Imports an advisory set into a home: through the server that has it, else as its writer for the
 * moment.
 */
public final class AdvisoryImport {
  private AdvisoryImport() {}

  /** Returns what was imported, as {@code POST /v1/advisories} answers. */
  public static JsonNode into(Home home, List<Path> sources) {
    Optional<ServerClient> running = ServerClient.connect(home);
    if (running.isPresent()) {
      try (ServerClient server = running.get()) {
        ObjectNode body = Json.object();
        ArrayNode paths = body.putArray("paths");
        sources.forEach(path -> paths.add(path.toAbsolutePath().toString()));
        return server.post("/v1/advisories", body);
      }
    }
    try (HomeLock lock = HomeLock.acquire(home);
        Graph graph = Graph.open(home.graph())) {
      return NativeApi.describe(
          NativeApi.importAdvisories(home, graph, sources.toArray(Path[]::new)));
    }
  }
}
