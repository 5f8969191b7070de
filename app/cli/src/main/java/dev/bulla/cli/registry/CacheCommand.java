package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.http.CacheRoutes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry cache}: projects that fetch what somebody asks for from elsewhere. */
@CommandLine.Command(
    description = {
      "Makes a project a cache of another registry: what somebody pulls is fetched with its",
      "signatures, judged by the trust policy bound to the project, and only then given out."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry bind 'hub/**' --trust trust.yaml",
      "  bulla registry cache add hub --upstream https://docker.io",
      "  crane pull 127.0.0.1:7470/hub/library/alpine:3.22 alpine.tar",
      "  bulla registry cache add mirror --upstream https://registry.example/team --ttl 1h",
      "  bulla registry cache add hub --upstream https://docker.io --max-size 50GiB --unused 30d",
      "  bulla registry cache evict hub --dry-run",
      "  bulla registry cache list",
      "  bulla registry cache remove hub"
    })
public final class CacheCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "add|list|evict|remove",
      description = "What to do.")
  String verb = "";

  @CommandLine.Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PROJECT",
      description = "The part of repositories' names before the first slash.")
  @Nullable String project;

  @CommandLine.Option(
      names = "--upstream",
      paramLabel = "URL",
      description = "add: https://HOST[:PORT][/PATH]; PROJECT/a is PATH/a there.")
  @Nullable String upstream;

  @CommandLine.Option(
      names = "--credentials-file",
      paramLabel = "FILE",
      description = "add: one line NAME:SECRET (default: as 'docker login' stored it).")
  @Nullable String credentials;

  @CommandLine.Option(
      names = "--ttl",
      paramLabel = "TIME",
      defaultValue = "10m",
      description = "add: how long the upstream's answer counts (default: ${DEFAULT-VALUE}).")
  String ttl = "10m";

  @CommandLine.Option(
      names = "--max-size",
      paramLabel = "BYTES",
      description = "add: beyond that, what was asked for the longest ago goes: 50GiB.")
  @Nullable String maxSize;

  @CommandLine.Option(
      names = "--unused",
      paramLabel = "TIME",
      description = "add: what nobody has asked for so long goes: 30d.")
  @Nullable String unused;

  @CommandLine.Option(names = "--dry-run", description = "evict: tell what would go.")
  boolean dryRun;

  @Override
  public int run(Session session) {
    return switch (verb) {
      case "add" -> add(session);
      case "list" -> list(session);
      case "evict" -> evict(session);
      case "remove" -> remove(session);
      default ->
          throw new BullaException(
              ErrorCode.USAGE, "'" + Shown.text(verb) + "' is neither add, list, evict nor remove");
    };
  }

  private int add(Session session) {
    if (upstream == null) {
      throw new BullaException(
          ErrorCode.USAGE, "a cache needs an upstream", "Give --upstream https://HOST.");
    }
    ObjectNode request = Json.object().put("project", named()).put("upstream", upstream);
    request.put("ttlSeconds", Age.parse("--ttl", ttl).toSeconds());
    if (maxSize != null) {
      request.put("maxBytes", Bytes.parse("--max-size", maxSize));
    }
    if (unused != null) {
      request.put("unusedSeconds", Age.parse("--unused", unused).toSeconds());
    }
    if (credentials != null) {
      request.put("credentials", session.existing(credentials).toAbsolutePath().toString());
    }
    CacheRoutes.cache(request); // a mistake is told before anybody is asked
    JsonNode added =
        ReplicationWork.ask(
            session,
            server -> server.post("/v1/registry/caches", request),
            (home, service) -> CacheRoutes.add(service.caches(), CacheRoutes.cache(request)));
    session.text().printf("%s/… comes from %s.%n", project, upstream);
    session.document(added);
    return 0;
  }

  private static int list(Session session) {
    JsonNode listed =
        ReplicationWork.ask(
            session,
            server -> server.get("/v1/registry/caches"),
            (home, service) -> CacheRoutes.describe(service.caches(), service.eviction()));
    for (JsonNode one : listed.path("caches")) {
      session
          .text()
          .printf(
              "%-24s %s, asked again after %d s, %s%s%n",
              one.path("project").asString(""),
              one.path("upstream").asString(""),
              one.path("ttlSeconds").asLong(0),
              Bytes.shown(one.path("bytes").asLong(0)),
              one.path("maxBytes").asLong(0) == 0
                  ? ""
                  : " of " + Bytes.shown(one.path("maxBytes").asLong(0)));
    }
    session.document(listed);
    return 0;
  }

  private int evict(Session session) {
    String name = project == null ? "" : project;
    JsonNode evicted =
        ReplicationWork.ask(
            session,
            server ->
                server.post(
                    "/v1/registry/caches/evict",
                    Json.object().put("project", name).put("dryRun", dryRun)),
            (home, service) -> CacheRoutes.evict(service.eviction(), name, dryRun));
    for (JsonNode cache : evicted.path("caches")) {
      for (JsonNode one : cache.path("removed")) {
        session
            .text()
            .printf(
                "%s %s@%s: %s%n",
                dryRun ? "would go" : "gone",
                one.path("repository").asString(""),
                one.path("digest").asString(""),
                one.path("reason").asString(""));
      }
      session
          .text()
          .printf(
              "%s: %s, %s %s; %d images are kept by holds, rules or receipts%n",
              cache.path("project").asString(""),
              Bytes.shown(cache.path("bytesBefore").asLong(0)),
              dryRun ? "would be" : "now",
              Bytes.shown(cache.path("bytesAfter").asLong(0)),
              cache.path("kept").asLong(0));
    }
    session.document(evicted);
    return 0;
  }

  private int remove(Session session) {
    String name = named();
    JsonNode removed =
        ReplicationWork.ask(
            session,
            server -> server.post("/v1/registry/caches/remove", Json.object().put("project", name)),
            (home, service) -> CacheRoutes.remove(service.caches(), name));
    boolean was = removed.path("removed").asBoolean(false);
    session.text().println(was ? "Removed; what was fetched stays." : name + " is no cache.");
    session.document(removed);
    return was ? 0 : 1;
  }

  private String named() {
    if (project == null) {
      throw new BullaException(ErrorCode.USAGE, verb + " needs the name of a project");
    }
    return project;
  }
}
