package dev.bulla.registry.http;

import dev.bulla.core.json.Json;
import dev.bulla.registry.Binding;
import dev.bulla.registry.Listing;
import dev.bulla.registry.Page;
import dev.bulla.registry.Registry;
import dev.bulla.web.Route;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists for the owner, in pages: {@code next} is the {@code after} of the one that follows. */
public final class ListingRoutes {
  private static final int PAGE = 1_000;

  private ListingRoutes() {}

  static List<Route> of(Registry registry) {
    return List.of(
        Route.get(
            "/v1/registry/repositories",
            exchange ->
                exchange.sendJson(
                    repositories(
                        registry,
                        exchange.query("match").orElse("**"),
                        exchange.query("after").orElse("")))),
        Route.get(
            "/v1/registry/tags",
            exchange ->
                exchange.sendJson(
                    tags(
                        registry,
                        exchange.query("repository").orElse(""),
                        exchange.query("after").orElse("")))));
  }

  /** A page of the repositories whose names match. */
  public static ObjectNode repositories(Registry registry, String glob, String after) {
    Page<Listing.Entry> page = registry.listing().repositories(glob, after, PAGE);
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("repositories");
    for (Listing.Entry one : page.entries()) {
      ObjectNode node = all.addObject().put("name", one.name());
      node.put("manifests", one.manifests()).put("tags", one.tags());
      node.put("pushed", one.pushed().toString());
      Binding.Mode mode =
          registry.trust().binding(one.name()).map(Binding::mode).orElse(Binding.Mode.OPEN);
      node.put("mode", mode.name().toLowerCase(Locale.ROOT));
    }
    if (page.more()) {
      body.put("next", page.entries().getLast().name());
    }
    return body;
  }

  /** A page of a repository's tags. */
  public static ObjectNode tags(Registry registry, String repository, String after) {
    Page<Listing.Tag> page = registry.listing().tags(repository, after, PAGE);
    ObjectNode body = Json.object().put("repository", repository);
    ArrayNode all = body.putArray("tags");
    for (Listing.Tag one : page.entries()) {
      ObjectNode node = all.addObject().put("name", one.name());
      one.digest().ifPresent(digest -> node.put("digest", digest.toString()));
      one.moved().ifPresent(moved -> node.put("moved", moved.toString()));
      one.waiting().ifPresent(digest -> node.put("waiting", digest.toString()));
    }
    if (page.more()) {
      body.put("next", page.entries().getLast().name());
    }
    return body;
  }
}
