package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.json.Json;
import dev.bulla.registry.ImmutableRule;
import dev.bulla.registry.http.LockRoutes;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry immutable}: tags that are never moved or deleted. */
@CommandLine.Command(
    description = {
      "Makes tags immutable: once one points at a manifest, it is neither moved nor deleted, and",
      "the manifest is not deleted either. Without a pattern, lists the rules."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry immutable 'team/*:v*'",
      "  bulla registry immutable 'prod/**'",
      "  bulla registry immutable 'team/*:v*' --remove"
    })
public final class ImmutableCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "REPO-GLOB[:TAG-GLOB]",
      description = "* is any part of a name, ** also slashes; all tags unless given.")
  @Nullable String pattern;

  @CommandLine.Option(names = "--remove", description = "Take the rule away again.")
  boolean remove;

  @Override
  public int run(Session session) {
    if (pattern == null) {
      return list(session);
    }
    ImmutableRule.parse(
        pattern, "owner", Instant.EPOCH); // a mistake is told before anybody is asked
    ObjectNode request = Json.object().put("pattern", pattern).put("remove", remove);
    JsonNode done =
        HomeWork.ask(
            session,
            server -> server.post("/v1/registry/immutable", request),
            registry -> LockRoutes.change(registry, request, "owner", InstantSource.system()));
    boolean changed = done.path("changed").asBoolean(false);
    String shown = done.path("pattern").asString("");
    session
        .text()
        .println(
            remove
                ? changed ? shown + " is no longer immutable." : "There is no rule " + shown + "."
                : shown + " is immutable" + (changed ? "." : " already."));
    session.document(done);
    return remove && !changed ? 1 : 0;
  }

  private static int list(Session session) {
    JsonNode rules =
        HomeWork.ask(session, server -> server.get("/v1/registry/immutable"), LockRoutes::rules);
    for (JsonNode one : rules.path("immutable")) {
      session
          .text()
          .printf(
              "%-40s set by %s at %s%n",
              one.path("repositories").asString("") + ":" + one.path("tags").asString(""),
              one.path("setBy").asString(""),
              one.path("since").asString(""));
    }
    session.document(rules);
    return 0;
  }
}
