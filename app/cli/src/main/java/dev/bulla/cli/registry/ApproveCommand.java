package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.json.Json;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code bulla registry approve}: agrees to an exception, or takes one back. */
@CommandLine.Command(
    description = {
      "Agrees to an exception that somebody else has asked for, or takes one back. It counts once",
      "two have agreed. A robot needs the permission waive; who asked may take back too."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry approve 12",
      "  bulla registry approve 12 --as security --secret-file security.secret",
      "  bulla registry approve 12 --revoke"
    })
public final class ApproveCommand extends HomeCommand {
  @CommandLine.Mixin private final TrustQuestion question = new TrustQuestion();

  @CommandLine.Parameters(
      index = "0",
      paramLabel = "NUMBER",
      description = "Of the waiver, as 'bulla registry waivers' shows it.")
  long id;

  @CommandLine.Option(names = "--revoke", description = "Take it back.")
  boolean revoke;

  @Override
  public int run(Session session) {
    String path = "/v1/registry/waivers/" + id;
    JsonNode waiver =
        question.ask(
            session,
            server -> revoke ? server.delete(path) : server.post(path + "/approve", Json.object()),
            work -> revoke ? work.unwaive(id) : work.approve(id));
    TrustQuestion.showWaiver(session, waiver);
    session.document(waiver);
    return 0;
  }
}
