package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.http.UpkeepRoutes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry project}: what callers without a credential may do in a project. */
@CommandLine.Command(
    description = {
      "Says what callers without a credential may do in a project, the part of repository names",
      "before the first slash. An open one can be used by everybody on this machine; a closed one",
      "by those with a grant. From other machines nobody may do anything without a credential,",
      "unless --anonymous-pull lets the whole world pull."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry project close team",
      "  bulla registry project set base --anonymous-pull on"
    })
public final class ProjectCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "open|close|set",
      description = "What to do; set changes only what options name.")
  String verb = "";

  @CommandLine.Parameters(index = "1", paramLabel = "PROJECT", description = "Its name.")
  String project = "";

  @CommandLine.Option(
      names = "--anonymous-pull",
      paramLabel = "on|off",
      description = "Whether everybody may pull, also from other machines; off unless set.")
  @Nullable String anonymousPull;

  @Override
  public int run(Session session) {
    Optional<Boolean> open =
        switch (verb) {
          case "open" -> Optional.of(true);
          case "close" -> Optional.of(false);
          case "set" -> Optional.empty();
          default ->
              throw new BullaException(
                  ErrorCode.USAGE, "'" + Shown.text(verb) + "' is neither open, close nor set");
        };
    Optional<Boolean> pull = Optional.ofNullable(anonymousPull).map(ProjectCommand::isOn);
    if (open.isEmpty() && pull.isEmpty()) {
      throw new BullaException(
          ErrorCode.USAGE, "there is nothing to set", "Give --anonymous-pull on or off.");
    }
    ObjectNode request = Json.object().put("name", project);
    open.ifPresent(value -> request.put("open", value));
    pull.ifPresent(value -> request.put("anonymousPull", value));
    JsonNode done =
        HomeWork.ask(
            session,
            server -> server.post("/v1/registry/project", request),
            registry -> UpkeepRoutes.project(registry, project, open, pull));
    session
        .text()
        .printf(
            "Project %s is %s%s.%n",
            project,
            done.path("open").asBoolean(false) ? "open" : "closed",
            done.path("anonymousPull").asBoolean(false) ? ", and everybody may pull" : "");
    session.document(done);
    return 0;
  }

  private static boolean isOn(String text) {
    if (!text.equals("on") && !text.equals("off")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--anonymous-pull '%s' is neither on nor off".formatted(Shown.text(text)));
    }
    return text.equals("on");
  }
}
