package dev.bulla.registry.http;

import dev.bulla.core.json.Json;
import dev.bulla.web.Exchange;
import java.io.IOException;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What this registry answers beside the distribution specification, in the form of its extension
 * {@code _oci} (opencontainers/distribution-spec, extensions/_oci.md).
 */
final class Extensions {
  static final String PATH = "/v2/_oci/ext/discover";

  private static final String URL = "https://bulla.dev/docs/registry#extension";

  private record Extension(String name, String description, List<String> endpoints) {}

  private static final List<Extension> ALL =
      List.of(
          new Extension(
              "_trust",
              "what content trust has decided about a manifest, fresh decisions, taking back,"
                  + " receipts",
              List.of(
                  "_trust",
                  "_trust/{reference}",
                  "_trust/{reference}/evaluate",
                  "_trust/{reference}/revoke",
                  "_trust/{reference}/receipt",
                  "_trust/{reference}/waive")),
          new Extension(
              "_waivers",
              "exceptions that two others agree to",
              List.of("_waivers", "_waivers/{id}", "_waivers/{id}/approve")),
          new Extension(
              "_feed",
              "replication: signed checkpoints, events, regions",
              List.of("_feed", "_checkpoint", "_replicas/{digest}")),
          new Extension(
              "_closure",
              "everything that belongs to a manifest, with a hash over it",
              List.of("_closure/{digest}")),
          new Extension(
              "_policy", "by which policy readers of a repository are served", List.of("_policy")),
          new Extension("_holds", "legal holds of a repository", List.of("_holds", "_holds/{id}")),
          new Extension("_events", "what happened, from any point on", List.of("_events")),
          new Extension("_usage", "how much space is used by what", List.of("_usage")),
          new Extension("_gc", "collecting what nobody can reach", List.of("_gc", "_gc/{id}")));

  private Extensions() {}

  static void list(Exchange exchange) throws IOException {
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("extensions");
    for (Extension one : ALL) {
      ObjectNode node = all.addObject().put("name", one.name());
      node.put("description", one.description()).put("url", URL);
      ArrayNode endpoints = node.putArray("endpoints");
      one.endpoints().forEach(endpoints::add);
    }
    exchange.sendJson(body);
  }
}
