package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.registry.http.ListingRoutes;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code bulla registry repos}: which repositories there are. */
@CommandLine.Command(
    description = {
      "Lists repositories: how many tags and manifests they have, when something was pushed last,",
      "and whether a trust policy decides what readers see."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry repos",
      "  bulla registry repos 'team/**'",
      "  bulla registry repos --output json"
    })
public final class ReposCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "REPO-GLOB",
      defaultValue = "**",
      description = "Only these: * is any part of a name, ** also slashes.")
  String glob = "**";

  @Override
  public int run(Session session) {
    JsonNode found =
        HomeWork.ask(
            session,
            server ->
                Pages.all(
                    "repositories",
                    after ->
                        server.get(
                            "/v1/registry/repositories?match=%s&after=%s"
                                .formatted(Pages.encoded(glob), Pages.encoded(after)))),
            registry ->
                Pages.all(
                    "repositories", after -> ListingRoutes.repositories(registry, glob, after)));
    for (JsonNode one : found.path("repositories")) {
      session
          .text()
          .printf(
              "%s  %d tags, %d manifests, pushed %s, %s%n",
              one.path("name").asString(""),
              one.path("tags").asLong(0),
              one.path("manifests").asLong(0),
              one.path("pushed").asString(""),
              one.path("mode").asString(""));
    }
    session.document(found);
    return 0;
  }
}
