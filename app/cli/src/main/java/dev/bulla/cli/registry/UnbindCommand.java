package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.json.Json;
import dev.bulla.registry.http.BindingWork;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry unbind}: takes a binding away. */
@CommandLine.Command(
    description = {
      "Takes a binding away. What waited becomes visible, unless another pattern is for it."
    },
    footer = {"", "Ends with 1 if there is no such binding."})
public final class UnbindCommand extends HomeCommand {
  @CommandLine.Parameters(index = "0", paramLabel = "REPO-GLOB", description = "As it was bound.")
  String glob = "";

  @CommandLine.Option(
      names = "--dry-run",
      description = "Change nothing; list the images whose state would change.")
  boolean dryRun;

  @Override
  public int run(Session session) {
    ObjectNode request = Json.object().put("glob", glob).put("dryRun", dryRun);
    ObjectNode answer = (ObjectNode) ask(session, request);
    if (dryRun) {
      TrustChanges.all(answer, place -> ask(session, request.put("after", place)));
      TrustChanges.print(session, answer);
    }
    boolean was = answer.path(dryRun ? "bound" : "unbound").asBoolean(false);
    session
        .text()
        .println(
            !was
                ? "There is no binding " + glob + "."
                : dryRun
                    ? "Would unbind %s: %d images change."
                        .formatted(glob, answer.path("changes").size())
                    : "Unbound " + glob + ".");
    session.document(answer);
    return was ? 0 : 1;
  }

  private JsonNode ask(Session session, ObjectNode request) {
    return HomeWork.ask(
        session,
        server -> server.post("/v1/registry/unbind", request),
        registry -> BindingWork.unbind(registry, glob, dryRun, request.path("after").asString("")));
  }
}
