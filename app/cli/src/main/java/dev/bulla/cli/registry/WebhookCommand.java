package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.registry.http.WebhookRoutes;
import dev.bulla.server.EventService;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry webhook}: who is told of events. */
@CommandLine.Command(
    description = {
      "Adds, lists, tries and removes webhooks: addresses to which what happened is posted, one"
          + " event",
      "at a time and in order, as CloudEvents, signed as Standard Webhooks has it. What is not",
      "acknowledged is sent again; after --give-up without success a webhook is dead until"
          + " 'resume'."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry webhook add ci https://ci.example/hook --repository 'team/*' --type"
          + " 'registry.tag.*'",
      "  bulla registry webhook list",
      "  bulla registry webhook test ci",
      "  bulla registry webhook deliveries ci",
      "  bulla registry webhook redeliver ci --event 1200",
      "  bulla registry webhook resume ci --since 1000",
      "  bulla registry webhook key",
      "  bulla registry webhook remove ci",
      "",
      "The secret is printed once, for receivers that verify HMAC (v1); the key that 'key' prints"
          + " is",
      "for those that verify Ed25519 (v1a)."
    })
public final class WebhookCommand extends HomeCommand {
  private static final int MAX_SECRET = 4_096;

  @CommandLine.Parameters(
      index = "0",
      paramLabel = "add|list|test|deliveries|redeliver|resume|key|remove",
      description = "What to do.")
  String verb = "";

  @CommandLine.Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "Which.")
  @Nullable String name;

  @CommandLine.Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "URL",
      description = "add: https, or http on this machine.")
  @Nullable String url;

  @CommandLine.Option(
      names = "--repository",
      paramLabel = "GLOB",
      description = "add: only what is about these repositories (default: everything).")
  String repository = "**";

  @CommandLine.Option(
      names = "--type",
      paramLabel = "GLOB",
      description = "add: only events of these types, such as registry.manifest.*; repeatable.")
  List<String> types = List.of();

  @CommandLine.Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description = "add: a secret whsec_… of one's own; - for standard input.")
  @Nullable String secretFile;

  @CommandLine.Option(
      names = "--allow-private",
      description = "add: the address may be in a private network.")
  boolean allowPrivate;

  @CommandLine.Option(
      names = "--give-up",
      paramLabel = "TIME",
      description = "add: after this time without success nothing is sent any more (default: 7d).")
  String giveUp = "7d";

  @CommandLine.Option(
      names = "--since",
      paramLabel = "CURSOR",
      description = "add, resume: begin after this event (add: from now on; resume: where it was).")
  @Nullable Long since;

  @CommandLine.Option(
      names = "--event",
      paramLabel = "N",
      description = "redeliver: the number of the event.")
  @Nullable Long event;

  @Override
  public int run(Session session) {
    return switch (verb) {
      case "add" -> add(session);
      case "list" -> list(session);
      case "key" -> key(session);
      case "deliveries" -> deliveries(session);
      case "test" -> sent(session, "/test", Json.object(), Optional.empty());
      case "redeliver" -> redeliver(session);
      case "resume" -> resume(session);
      case "remove" -> remove(session);
      default ->
          throw new BullaException(
              ErrorCode.USAGE,
              "'%s' is none of add, list, test, deliveries, redeliver, resume, key and remove"
                  .formatted(Shown.text(verb)));
    };
  }

  private int add(Session session) {
    if (url == null) {
      throw new BullaException(ErrorCode.USAGE, "add needs a name and an address");
    }
    ObjectNode request = Json.object().put("name", named()).put("url", url);
    request.put("repositories", repository).put("allowPrivate", allowPrivate);
    request.put("giveUpSeconds", Age.parse("--give-up", giveUp).toSeconds());
    ArrayNode all = request.putArray("types");
    types.forEach(all::add);
    if (secretFile != null) {
      request.put("secret", secret(session, secretFile));
    }
    if (since != null) {
      request.put("since", since);
    }
    JsonNode added =
        ask(
            session,
            server -> server.post("/v1/registry/webhooks", request),
            service -> WebhookRoutes.add(service.log(), request));
    session.text().println(added.path("secret").asString(""));
    session.document(added);
    return 0;
  }

  private static int list(Session session) {
    JsonNode listed =
        ask(
            session,
            server -> server.get("/v1/registry/webhooks"),
            service -> service.log().webhooks().list());
    listed.path("webhooks").forEach(one -> show(session, one));
    session.document(listed);
    return 0;
  }

  private static void show(Session session, JsonNode one) {
    StringBuilder types = new StringBuilder();
    one.path("types").forEach(type -> types.append(' ').append(type.asString("")));
    String said = one.path("said").asString("");
    session
        .text()
        .printf(
            "%-16s %-8s %s  %s%s, after event %d%s%n",
            one.path("name").asString(""),
            one.path("state").asString(""),
            Shown.text(one.path("url").asString("")),
            one.path("repositories").asString(""),
            types,
            one.path("last").asLong(0),
            said.isEmpty() || said.equals("delivered") ? "" : ": " + Shown.text(said));
  }

  private static int key(Session session) {
    JsonNode key =
        ask(
            session,
            server -> server.get("/v1/registry/webhook-key"),
            service -> service.log().webhooks().key());
    session.text().print(key.path("pem").asString(""));
    session.document(key);
    return 0;
  }

  private int deliveries(Session session) {
    JsonNode all =
        ask(
            session,
            server -> server.get(path("/deliveries")),
            service -> service.log().webhooks().attempts(named()));
    for (JsonNode one : all.path("deliveries")) {
      session
          .text()
          .printf(
              "%s event %d %s: %s (%d ms)%n",
              one.path("at").asString(""),
              one.path("event").asLong(0),
              one.path("type").asString(""),
              Shown.text(one.path("said").asString("")),
              one.path("milliseconds").asLong(0));
    }
    session.document(all);
    return 0;
  }

  private int redeliver(Session session) {
    if (event == null) {
      throw new BullaException(
          ErrorCode.USAGE,
          "redeliver needs --event N",
          "To send everything after an event again: bulla registry webhook resume NAME --since N");
    }
    return sent(
        session, "/redeliver", Json.object().put("event", event), Optional.of(event.longValue()));
  }

  private int sent(Session session, String what, ObjectNode request, Optional<Long> sequence) {
    JsonNode sent =
        ask(
            session,
            server -> server.post(path(what), request),
            service -> service.courier().send(named(), sequence));
    session.text().println(Shown.text(sent.path("said").asString("")));
    session.document(sent);
    return sent.path("delivered").asBoolean(false) ? 0 : 4;
  }

  private int resume(Session session) {
    ObjectNode request = Json.object();
    if (since != null) {
      request.put("since", since);
    }
    JsonNode resumed =
        ask(
            session,
            server -> server.post(path("/resume"), request),
            service -> service.log().webhooks().resume(named(), Optional.ofNullable(since)));
    show(session, resumed);
    if (resumed.has("missedUpTo")) {
      session
          .err()
          .printf(
              "It has missed events up to %d, which are no longer kept.%n",
              resumed.path("missedUpTo").asLong(0));
    }
    session.document(resumed);
    return 0;
  }

  private int remove(Session session) {
    JsonNode removed =
        ask(
            session,
            server -> server.delete(path("")),
            service -> WebhookRoutes.remove(service.log(), named()));
    boolean was = removed.path("removed").asBoolean(false);
    session.text().println(was ? "Removed " + name + "." : "There is no webhook " + name + ".");
    session.document(removed);
    return was ? 0 : 1;
  }

  private static JsonNode ask(
      Session session,
      Function<ServerClient, JsonNode> server,
      Function<EventService, JsonNode> direct) {
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isPresent()) {
      try (ServerClient client = running.get()) {
        return server.apply(client);
      }
    }
    return HomeWork.events(session, direct);
  }

  private String path(String tail) {
    return "/v1/registry/webhooks/" + URLEncoder.encode(named(), StandardCharsets.UTF_8) + tail;
  }

  private String named() {
    if (name == null) {
      throw new BullaException(ErrorCode.USAGE, verb + " needs the name of a webhook");
    }
    return name;
  }

  private static String secret(Session session, String written) {
    try {
      byte[] bytes =
          written.equals("-")
              ? session.invocation().in().readNBytes(MAX_SECRET)
              : Files.readAllBytes(session.existing(written));
      return new String(bytes, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "cannot read the secret " + written, e);
    }
  }
}
