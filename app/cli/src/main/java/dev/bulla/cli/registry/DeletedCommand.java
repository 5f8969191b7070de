package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.registry.http.UpkeepRoutes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code bulla registry deleted}: what can be restored. */
@CommandLine.Command(
    description = "Lists deleted manifests that can be restored, the newest first, at most 1000.",
    footer = {"", "Example:", "  bulla registry deleted team/app"})
public final class DeletedCommand extends HomeCommand {
  private static final int MAX = 1_000;

  @CommandLine.Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "REPOSITORY",
      defaultValue = "",
      description = "Only of this repository, without host.")
  String repository = "";

  @Override
  public int run(Session session) {
    JsonNode deleted =
        HomeWork.ask(
            session,
            server ->
                server.get(
                    "/v1/registry/deleted?repository="
                        + URLEncoder.encode(repository, StandardCharsets.UTF_8)),
            registry -> UpkeepRoutes.describe(registry.deletions().list(repository, MAX)));
    for (JsonNode one : deleted.path("deleted")) {
      StringBuilder tags = new StringBuilder();
      one.path("tags").forEach(tag -> tags.append(' ').append(tag.asString("")));
      session
          .text()
          .printf(
              "%s  %s@%s %s%n",
              one.path("deleted").asString(""),
              one.path("repository").asString(""),
              one.path("digest").asString(""),
              tags);
    }
    session.document(deleted);
    return 0;
  }
}
