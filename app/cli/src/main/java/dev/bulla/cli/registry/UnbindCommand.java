package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.json.Json;
import dev.bulla.registry.http.BindingWork;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code bulla registry unbind}: takes a binding away. */
@CommandLine.Command(
    description = {
      "Takes a binding away. What waited becomes visible, unless another pattern is for it."
    },
    footer = {"", "Ends with 1 if there is no such binding."})
public final class UnbindCommand extends HomeCommand {
  @CommandLine.Parameters(index = "0", paramLabel = "REPO-GLOB", description = "As it was bound.")
  String glob = "";

  @Override
  public int run(Session session) {
    JsonNode unbound =
        HomeWork.ask(
            session,
            server -> server.post("/v1/registry/unbind", Json.object().put("glob", glob)),
            registry -> BindingWork.unbind(registry, glob));
    boolean was = unbound.path("unbound").asBoolean(false);
    session.text().println(was ? "Unbound " + glob + "." : "There is no binding " + glob + ".");
    session.document(unbound);
    return was ? 0 : 1;
  }
}
