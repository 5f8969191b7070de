package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.http.UpkeepRoutes;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code bulla registry restore}: brings a deleted manifest back. */
@CommandLine.Command(
    description = {
      "Brings a deleted manifest back, with those of its tags that stand for nothing else now.",
      "'bulla registry deleted' lists what can be restored."
    },
    footer = {"", "Example:", "  bulla registry restore team/app@sha256:4f1c…"})
public final class RestoreCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "REPOSITORY@DIGEST",
      description = "What to bring back; the repository without host.")
  String what = "";

  @Override
  public int run(Session session) {
    int at = what.indexOf('@');
    if (at < 0) {
      throw new BullaException(
          ErrorCode.USAGE, "'%s' is not REPOSITORY@DIGEST".formatted(Shown.text(what)));
    }
    String repository = what.substring(0, at);
    Digest digest = Digest.parse(what.substring(at + 1));
    JsonNode restored =
        HomeWork.ask(
            session,
            server ->
                server.post(
                    "/v1/registry/restore",
                    Json.object().put("repository", repository).put("digest", digest.toString())),
            registry -> UpkeepRoutes.restore(registry, repository, digest));
    List<String> tags = new ArrayList<>();
    restored.path("tags").forEach(tag -> tags.add(tag.asString("")));
    session.text().printf("Restored %s@%s %s%n", repository, digest, tags);
    session.document(restored);
    return 0;
  }
}
