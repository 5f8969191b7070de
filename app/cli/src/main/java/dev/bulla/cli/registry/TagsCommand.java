package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.registry.http.ListingRoutes;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code bulla registry tags}: what the tags of a repository point at. */
@CommandLine.Command(
    description = {
      "Lists the tags of a repository: what readers get, since when, and what waits to be admitted."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry tags team/app",
      "  bulla registry tags team/app --output json"
    })
public final class TagsCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "REPOSITORY",
      description = "Its name, without host.")
  String repository = "";

  @Override
  public int run(Session session) {
    JsonNode found =
        HomeWork.ask(
            session,
            server ->
                Pages.all(
                    "tags",
                    after ->
                        server.get(
                            "/v1/registry/tags?repository=%s&after=%s"
                                .formatted(Pages.encoded(repository), Pages.encoded(after)))),
            registry ->
                Pages.all("tags", after -> ListingRoutes.tags(registry, repository, after)));
    for (JsonNode one : found.path("tags")) {
      String waiting = one.path("waiting").asString("");
      session
          .text()
          .printf(
              "%s  %s%s%s%n",
              one.path("name").asString(""),
              one.path("digest").asString("not admitted"),
              one.has("moved") ? "  " + one.path("moved").asString("") : "",
              waiting.isEmpty() ? "" : "  waiting: " + waiting);
    }
    session.document(found);
    return 0;
  }
}
