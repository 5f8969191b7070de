package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.http.LockRoutes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry hold}: content that must be kept. */
@CommandLine.Command(
    description = {
      "Puts a legal hold on an image: it, its parts, its tags and its evidence, present and"
          + " future,",
      "are neither deleted nor collected until the hold is released. Without an image, lists the",
      "holds."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry hold team/app:1.0 --reason 'case 2026-17'",
      "  bulla registry hold --all",
      "  bulla registry hold --release 3"
    })
public final class HoldCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "REF",
      description = "REPOSITORY:TAG or REPOSITORY@DIGEST, with or without the host.")
  @Nullable String ref;

  @CommandLine.Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why; shown to whoever is refused.")
  String reason = "";

  @CommandLine.Option(names = "--release", paramLabel = "ID", description = "End a hold.")
  @Nullable Long release;

  @CommandLine.Option(names = "--all", description = "List also holds that were released.")
  boolean all;

  @Override
  public int run(Session session) {
    if (ref != null && release != null) {
      throw new BullaException(ErrorCode.USAGE, "an image and --release exclude each other");
    }
    return ref != null ? hold(session, ref) : release != null ? release(session) : list(session);
  }

  private int hold(Session session, String image) {
    Reference reference = OwnReference.parse(image);
    ObjectNode request = Json.object().put("repository", reference.repository());
    request.put("reference", reference.selector()).put("reason", reason);
    JsonNode held =
        HomeWork.ask(
            session,
            server -> server.post("/v1/registry/holds", request),
            registry -> LockRoutes.hold(registry, request, "owner"));
    session.text().print("Held: ");
    show(session, held);
    session.document(held);
    return 0;
  }

  private int release(Session session) {
    ObjectNode request = Json.object().put("id", release);
    JsonNode released =
        HomeWork.ask(
            session,
            server -> server.post("/v1/registry/holds/release", request),
            registry -> LockRoutes.release(registry, request, "owner"));
    session.text().print("Released: ");
    show(session, released);
    session.document(released);
    return 0;
  }

  private int list(Session session) {
    JsonNode holds =
        HomeWork.ask(
            session,
            server -> server.get("/v1/registry/holds" + (all ? "?all=true" : "")),
            registry -> LockRoutes.holds(registry, all));
    holds.path("holds").forEach(one -> show(session, one));
    session.document(holds);
    return 0;
  }

  private static void show(Session session, JsonNode hold) {
    session
        .text()
        .printf(
            "%d %s@%s since %s by %s: %s%s%n",
            hold.path("id").asLong(0),
            hold.path("repository").asString(""),
            hold.path("digest").asString(""),
            hold.path("since").asString(""),
            hold.path("setBy").asString(""),
            Shown.text(hold.path("reason").asString("")),
            hold.has("released")
                ? " (released %s by %s)"
                    .formatted(
                        hold.path("released").asString(""), hold.path("releasedBy").asString(""))
                : "");
  }
}
