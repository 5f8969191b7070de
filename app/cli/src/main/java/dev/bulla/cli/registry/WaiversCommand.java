package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.json.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry waivers}: lists exceptions. */
@CommandLine.Command(
    description = {
      "Lists requests for exceptions and those that were agreed to, the newest first, of one",
      "repository or of all. A robot must name a repository that it may push to or judge."
    },
    footer = {"", "Examples:", "  bulla registry waivers", "  bulla registry waivers team/app"})
public final class WaiversCommand extends HomeCommand {
  private static final int PAGE = 1_000;

  @CommandLine.Mixin private final TrustQuestion question = new TrustQuestion();

  @CommandLine.Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "REPOSITORY",
      description = "Without host.")
  String repository = "";

  @Override
  public int run(Session session) {
    ObjectNode all = Json.object();
    ArrayNode waivers = all.putArray("waivers");
    String next = "";
    do {
      JsonNode page = page(session, next);
      page.path("waivers").forEach(waivers::add);
      next = page.path("next").asString("");
    } while (!next.isEmpty());
    waivers.forEach(one -> TrustQuestion.showWaiver(session, one));
    session.document(all);
    return 0;
  }

  private JsonNode page(Session session, String last) {
    String query =
        "?n=%d&last=%s&repository=%s"
            .formatted(PAGE, last, URLEncoder.encode(repository, StandardCharsets.UTF_8));
    return question.ask(
        session,
        server -> server.get("/v1/registry/waivers" + query),
        work -> work.waivers(repository, last.isEmpty() ? 0 : Long.parseLong(last), PAGE));
  }
}
