package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code bulla registry usage}: how much space is used by what. */
@CommandLine.Command(
    description = {
      "Shows how much space projects and repositories use. A blob that several link counts in each",
      "of them, and once in the sum of what is stored."
    })
public final class UsageCommand extends HomeCommand {
  @Override
  public int run(Session session) {
    JsonNode usage =
        HomeWork.ask(
            session,
            server -> server.get("/v1/registry/usage"),
            registry -> registry.upkeep().usage().toJson());
    session
        .text()
        .printf("%-40s %9s %6s %6s %10s%n", "repository", "manifests", "tags", "blobs", "size");
    for (JsonNode one : usage.path("repositories")) {
      session
          .text()
          .printf(
              "%-40s %9d %6d %6d %10s%n",
              one.path("name").asString(""),
              one.path("manifests").asLong(0),
              one.path("tags").asLong(0),
              one.path("blobs").asLong(0),
              Bytes.shown(one.path("bytes").asLong(0)));
    }
    for (JsonNode one : usage.path("projects")) {
      session
          .text()
          .printf(
              "project %s: %d repositories, %s%s%n",
              one.path("name").asString(""),
              one.path("repositories").asLong(0),
              Bytes.shown(one.path("bytes").asLong(0)),
              one.has("quota") ? " (quota: " + QuotaCommand.shown(one.path("quota")) + ")" : "");
    }
    session
        .text()
        .printf(
            "Stored: %s of blobs, %s of manifests; %s in the trash; %d open uploads, %d deleted"
                + " manifests can be restored.%n",
            size(usage, "storedBytes"),
            size(usage, "manifestBytes"),
            size(usage, "retiredBytes"),
            usage.path("openUploads").asLong(0),
            usage.path("deletedManifests").asLong(0));
    session.document(usage);
    return 0;
  }

  private static String size(JsonNode usage, String member) {
    return Bytes.shown(usage.path(member).asLong(0));
  }
}
