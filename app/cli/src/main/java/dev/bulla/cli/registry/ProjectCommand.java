package dev.bulla.cli.registry;

import dev.bulla.cli.command.Command;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.http.UpkeepRoutes;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code bulla registry project}: whether callers without a credential may use a project. */
@CommandLine.Command(
    description = {
      "Opens or closes a project, the part of repository names before the first slash. An open one",
      "can be used by everybody on this machine; a closed one by those with a grant."
    },
    footer = {"", "Example:", "  bulla registry project close team"})
public final class ProjectCommand extends Command {
  @CommandLine.Parameters(index = "0", paramLabel = "open|close", description = "What to do.")
  String verb = "";

  @CommandLine.Parameters(index = "1", paramLabel = "PROJECT", description = "Its name.")
  String project = "";

  @Override
  public int run(Session session) {
    if (!verb.equals("open") && !verb.equals("close")) {
      throw new BullaException(
          ErrorCode.USAGE, "'" + Shown.text(verb) + "' is neither open nor close");
    }
    boolean open = verb.equals("open");
    JsonNode done =
        HomeWork.ask(
            session,
            server ->
                server.post(
                    "/v1/registry/project", Json.object().put("name", project).put("open", open)),
            registry -> UpkeepRoutes.project(registry, project, open));
    session.text().printf("Project %s is %s.%n", project, open ? "open" : "closed");
    session.document(done);
    return 0;
  }
}
