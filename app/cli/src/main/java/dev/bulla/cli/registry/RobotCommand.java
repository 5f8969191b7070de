package dev.bulla.cli.registry;

import dev.bulla.access.Grant;
import dev.bulla.access.RobotRoutes;
import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry robot}: machines with a name, and what they may do. */
@CommandLine.Command(
    description = {
      "Adds, lists and removes robots: callers with a name and a secret, for 'docker login' and",
      "its like. The secret is printed once and not kept."
    },
    footer = {
      "",
      "A grant is PATTERN=ROLES. Roles: AcrPull, AcrPush, AcrDelete, AcrImageSigner,",
      "AcrQuarantineReader, AcrQuarantineWriter, Owner; or the permissions pull, push, delete,",
      "sign, quarantine-read, admit, waive.",
      "",
      "Examples:",
      "  bulla registry robot add ci --grant 'team/*=AcrPush'",
      "  bulla registry robot add signer --grant '**=AcrImageSigner'",
      "  bulla registry robot list",
      "  bulla registry robot remove ci",
      "  bulla registry robot end-tokens      # all that the registry gave out, for everybody"
    })
public final class RobotCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "add|list|remove|end-tokens",
      description = "What to do.")
  String verb = "";

  @CommandLine.Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "Whom.")
  @Nullable String name;

  @CommandLine.Option(
      names = "--grant",
      paramLabel = "PATTERN=ROLES",
      description = "add: what it may do; repeatable.")
  List<String> grants = List.of();

  @Override
  public int run(Session session) {
    return switch (verb) {
      case "add" -> add(session);
      case "list" -> list(session);
      case "remove" -> remove(session);
      case "end-tokens" -> endTokens(session);
      default ->
          throw new BullaException(
              ErrorCode.USAGE,
              "'" + Shown.text(verb) + "' is neither add, list, remove nor end-tokens");
    };
  }

  private int add(Session session) {
    if (grants.isEmpty()) {
      throw new BullaException(
          ErrorCode.USAGE, "a robot without a grant can do nothing", "Give --grant PATTERN=ROLES.");
    }
    grants.forEach(Grant::parse);
    ObjectNode request = Json.object().put("name", named());
    ArrayNode all = request.putArray("grants");
    grants.forEach(all::add);
    JsonNode added =
        HomeWork.robots(
            session,
            server -> server.post("/v1/access/robots", request),
            robots -> RobotRoutes.add(robots, request, new SecureRandom()));
    session.text().println(added.path("secret").asString(""));
    session.document(added);
    return 0;
  }

  private static int list(Session session) {
    JsonNode listed =
        HomeWork.robots(session, server -> server.get("/v1/access/robots"), RobotRoutes::list);
    for (JsonNode one : listed.path("robots")) {
      StringBuilder granted = new StringBuilder();
      one.path("grants").forEach(grant -> granted.append(' ').append(grant.asString("")));
      session.text().printf("%-24s%s%n", one.path("name").asString(""), granted);
    }
    session.document(listed);
    return 0;
  }

  private int remove(Session session) {
    ObjectNode request = Json.object().put("name", named());
    JsonNode removed =
        HomeWork.robots(
            session,
            server -> server.post("/v1/access/robots/remove", request),
            robots -> RobotRoutes.remove(robots, named()));
    boolean was = removed.path("removed").asBoolean(false);
    session.text().println(was ? "Removed " + name + "." : "There is no robot " + name + ".");
    session.document(removed);
    return was ? 0 : 1;
  }

  private static int endTokens(Session session) {
    JsonNode ended =
        HomeWork.robots(
            session,
            server -> server.post("/v1/access/tokens/end", Json.object()),
            RobotRoutes::endTokens);
    session.text().println("All tokens have ended.");
    session.document(ended);
    return 0;
  }

  private String named() {
    if (name == null) {
      throw new BullaException(ErrorCode.USAGE, verb + " needs the name of a robot");
    }
    return name;
  }
}
