package dev.bulla.cli.registry;

import dev.bulla.access.Principal;
import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.registry.http.EventRoutes;
import dev.bulla.registry.http.WebhookRoutes;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry events}: what happened, from any point on. */
@CommandLine.Command(
    description = {
      "Shows what happened to the registry, in order, from any point on: pushes, deletions, moves"
          + " of",
      "tags, decisions, bindings, holds. A robot is told of the repositories that it may read."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry events",
      "  bulla registry events --since 1200 --repository 'team/*' --output json",
      "  bulla registry events --follow --since latest",
      "  bulla registry events --as scanner --secret-file scanner.secret --follow",
      "  bulla registry events --keep 90d --keep-count 5000000",
      "",
      "The cursor is the number of the last event that was seen: nothing is missed and nothing"
          + " comes",
      "twice. With --follow and --output json each event is a line. What is no longer kept is"
          + " refused",
      "with where to go on (events-trimmed)."
    })
public final class EventsCommand extends HomeCommand {
  private static final int PAGE = 1_000;
  private static final int WAIT_SECONDS = 20;

  @CommandLine.Mixin private final TrustQuestion question = new TrustQuestion();

  @CommandLine.Option(
      names = "--since",
      paramLabel = "CURSOR",
      description = "After this event; 'latest' for what comes from now on (default: all kept).")
  @Nullable String since;

  @CommandLine.Option(
      names = "--repository",
      paramLabel = "GLOB",
      description = "Only what is about these repositories, such as team/* or team/**.")
  String repository = "";

  @CommandLine.Option(
      names = "--follow",
      description = "Go on with what comes until interrupted; needs a server.")
  boolean follow;

  @CommandLine.Option(
      names = "--keep",
      paramLabel = "TIME",
      description = "Keep events so long from now on (30d unless set), such as 90d; nothing else.")
  @Nullable String keep;

  @CommandLine.Option(
      names = "--keep-count",
      paramLabel = "N",
      description = "Keep so many events at most (1000000 unless set); nothing else.")
  @Nullable Long keepCount;

  @Override
  public int run(Session session) {
    if (keep != null || keepCount != null) {
      return keep(session);
    }
    if (since != null && !since.matches("latest|[0-9]{1,18}")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--since is '%s', expected the number of an event or latest"
              .formatted(Shown.text(since)));
    }
    return follow ? follow(session) : all(session);
  }

  private int all(Session session) {
    ObjectNode body = Json.object();
    ArrayNode events = body.putArray("events");
    Optional<String> cursor = Optional.ofNullable(since);
    boolean more = true;
    while (more) {
      JsonNode page = page(session, cursor);
      page.path("events").forEach(one -> show(session.text(), one));
      page.path("events").forEach(events::add);
      cursor = Optional.of(page.path("last").asString("0"));
      more = page.path("more").asBoolean(false);
    }
    session.document(body.put("last", Long.parseLong(cursor.orElse("0"))));
    return 0;
  }

  private int follow(Session session) {
    question.requireBoth();
    try (ServerClient own =
        ServerClient.connect(session.home())
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.SERVER_UNAVAILABLE,
                    "no server runs for this home, so nothing happens that could be followed",
                    "Start it with 'bulla serve'."))) {
      ServerClient client = question.asRobot(session, own);
      PrintStream lines = session.invocation().out();
      Optional<String> cursor = Optional.ofNullable(since);
      while (!Thread.currentThread().isInterrupted()) {
        JsonNode page = client.get(path(cursor) + "&wait=" + WAIT_SECONDS);
        for (JsonNode one : page.path("events")) {
          if (session.json()) {
            lines.println(new String(Json.write(one), StandardCharsets.UTF_8));
          } else {
            show(lines, one);
          }
        }
        lines.flush();
        cursor = Optional.of(page.path("last").asString("0"));
      }
      return 0;
    }
  }

  private JsonNode page(Session session, Optional<String> cursor) {
    return question.ask(
        session,
        server -> server.get(path(cursor)),
        () ->
            HomeWork.events(
                session,
                service ->
                    EventRoutes.read(
                        service.registry(),
                        service.log(),
                        Principal.OWNER,
                        cursor.map(text ->
                            text.equals("latest")
                                ? service.log().outbox().last()
                                : Long.parseLong(text)),
                        repository,
                        PAGE,
                        0,
                        () -> false)));
  }

  private String path(Optional<String> cursor) {
    return "/v1/registry/events?limit=%d&repository=%s%s"
        .formatted(
            PAGE,
            URLEncoder.encode(repository, StandardCharsets.UTF_8),
            cursor.map(text -> "&after=" + text).orElse(""));
  }

  private int keep(Session session) {
    ObjectNode request = Json.object();
    if (keep != null) {
      request.put("keepSeconds", Age.parse("--keep", keep).toSeconds());
    }
    if (keepCount != null) {
      request.put("keepCount", keepCount);
    }
    JsonNode kept =
        question.ask(
            session,
            server -> server.post("/v1/registry/event-keeping", request),
            () -> HomeWork.events(session, service -> WebhookRoutes.keep(service.log(), request)));
    session
        .text()
        .printf(
            "Events are kept for %d h, %d at most; those up to %d are no longer kept.%n",
            kept.path("keepSeconds").asLong(0) / 3_600,
            kept.path("keepCount").asLong(0),
            kept.path("trimmed").asLong(0));
    session.document(kept);
    return 0;
  }

  private static void show(PrintStream out, JsonNode event) {
    JsonNode data = event.path("data");
    String about = data.path("repository").asString("");
    String tag = data.path("tag").asString("");
    String who = event.path("authid").asString(event.path("authtype").asString(""));
    out.printf(
        "%s %s %s %s%s%s%n",
        event.path("id").asString(""),
        event.path("time").asString(""),
        event.path("type").asString("").replaceFirst("^dev\\.bulla\\.", ""),
        Shown.text(
            about.isEmpty() || about.equals(event.path("subject").asString(""))
                ? ""
                : about + (tag.isEmpty() ? "@" : ":" + tag + "@")),
        Shown.text(event.path("subject").asString("")),
        who.isEmpty() ? "" : " by " + Shown.text(who));
  }
}
