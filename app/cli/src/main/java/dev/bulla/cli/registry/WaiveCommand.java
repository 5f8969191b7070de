package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry waive}: asks for an exception. */
@CommandLine.Command(
    description = {
      "Asks that readers may see an image although clauses are not met. It counts once two others",
      "with the permission waive have agreed ('bulla registry approve'), until its time; who asks",
      "is none of them."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry waive team/app:1.0 --clause policy/no-critical --until 7d \\",
      "    --reason 'the fix is released on Monday'",
      "  bulla registry waive team/app@sha256:4f1c… --all --until 2026-12-31T12:00:00Z \\",
      "    --reason 'rollback' --as ci --secret-file ci.secret",
      "",
      "'bulla registry trust REF' shows the names of the clauses."
    })
public final class WaiveCommand extends HomeCommand {
  @CommandLine.Mixin private final TrustQuestion question = new TrustQuestion();

  @CommandLine.Parameters(
      index = "0",
      paramLabel = "REF",
      description = "REPOSITORY:TAG or REPOSITORY@DIGEST, with or without the host.")
  String ref = "";

  @CommandLine.Option(
      names = "--reason",
      paramLabel = "TEXT",
      required = true,
      description = "Why; others read it before they agree.")
  String reason = "";

  @CommandLine.Option(
      names = "--clause",
      paramLabel = "NAME",
      description = "A clause that need not be met; repeatable.")
  List<String> clauses = List.of();

  @CommandLine.Option(names = "--all", description = "No clause need be met.")
  boolean all;

  @CommandLine.Option(
      names = "--until",
      paramLabel = "TIME",
      required = true,
      description = "A moment such as 2026-12-31T12:00:00Z, or from now: 12h, 7d; at most a year.")
  String until = "";

  @Override
  public int run(Session session) {
    if (all != clauses.isEmpty()) {
      throw new BullaException(
          ErrorCode.USAGE, "waive needs either --clause or --all", "Give --clause NAME.");
    }
    Reference reference = OwnReference.parse(ref);
    ObjectNode request = TrustQuestion.about(ref).put("reason", reason).put("all", all);
    request.put("until", moment(until).toString());
    ArrayNode named = request.putArray("clauses");
    clauses.forEach(named::add);
    JsonNode waiver =
        question.ask(
            session,
            server -> server.post("/v1/registry/waive", request),
            work -> work.waive(reference.repository(), reference.selector(), request));
    TrustQuestion.showWaiver(session, waiver);
    session.document(waiver);
    return 0;
  }

  private static Instant moment(String text) {
    if (text.matches("[0-9]+[a-z]")) {
      return Instant.now().plus(Age.parse("--until", text)).truncatedTo(ChronoUnit.SECONDS);
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--until is '%s', expected a moment or a time from now".formatted(Shown.text(text)),
          "For example: --until 2026-12-31T12:00:00Z, or --until 7d.");
    }
  }
}
