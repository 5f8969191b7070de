package dev.bulla.cli.registry;

import dev.bulla.access.Principal;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.registry.http.TrustWork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Who asks about content trust, and how: the owner of the home, or a robot at its server. */
final class TrustQuestion {
  private static final int MAX_SECRET = 4_096;

  @Option(
      names = "--as",
      paramLabel = "ROBOT",
      description = "Ask as this robot; needs a running server and --secret-file.")
  @Nullable String robot;

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description = "The secret of that robot; - for standard input.")
  @Nullable String secretFile;

  /** The body of a request about an image. */
  static ObjectNode about(String ref) {
    Reference reference = OwnReference.parse(ref);
    return Json.object()
        .put("repository", reference.repository())
        .put("reference", reference.selector());
  }

  JsonNode ask(
      Session session,
      Function<ServerClient, JsonNode> server,
      Function<TrustWork, JsonNode> direct) {
    requireBoth();
    return HomeWork.ask(
        session,
        client -> server.apply(asRobot(session, client)),
        registry -> {
          requireOwner();
          return direct.apply(new TrustWork(registry, Principal.OWNER));
        });
  }

  /**
   * The same about what has no {@link TrustWork}.
   *
   * @param direct what the owner is told without a server
   */
  JsonNode ask(
      Session session, Function<ServerClient, JsonNode> server, Supplier<JsonNode> direct) {
    requireBoth();
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isPresent()) {
      try (ServerClient client = running.get()) {
        return server.apply(asRobot(session, client));
      }
    }
    requireOwner();
    return direct.get();
  }

  void requireBoth() {
    if ((robot == null) != (secretFile == null)) {
      throw new BullaException(ErrorCode.USAGE, "--as and --secret-file go together");
    }
  }

  /** A client for who asks, over the connections of the owner's. */
  ServerClient asRobot(Session session, ServerClient client) {
    return robot == null || secretFile == null
        ? client
        : client.as(robot, secret(session, secretFile));
  }

  private void requireOwner() {
    if (robot != null) {
      throw new BullaException(
          ErrorCode.SERVER_UNAVAILABLE,
          "no server runs for this home, and only a server knows robots",
          "Start it with 'bulla serve'.");
    }
  }

  private static String secret(Session session, String written) {
    try {
      byte[] bytes;
      if (written.equals("-")) {
        bytes = session.invocation().in().readNBytes(MAX_SECRET);
      } else {
        Path file = session.existing(written);
        bytes = Files.size(file) > MAX_SECRET ? new byte[0] : Files.readAllBytes(file);
      }
      return new String(bytes, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "cannot read the secret " + written, e);
    }
  }

  /** Prints how things stand with an image; the exit code. */
  static int show(Session session, JsonNode trust) {
    boolean admitted = trust.path("admitted").asBoolean(false);
    session
        .text()
        .printf(
            "%s@%s: %s (%s%s)%s%n",
            trust.path("repository").asString(""),
            trust.path("digest").asString(""),
            trust.path("state").asString("no binding decides"),
            trust.path("mode").asString(""),
            trust.has("binding") ? ", " + trust.path("binding").asString("") : "",
            by(trust));
    for (JsonNode clause : trust.path("clauses")) {
      boolean met = clause.path("met").asBoolean(false);
      session
          .text()
          .printf(
              "  %s %s%s%n",
              met ? "✓" : "✗",
              Shown.text(clause.path("name").asString("")),
              met ? "" : ": " + Shown.text(clause.path("missing").asString("")));
    }
    if (!admitted && trust.path("clauses").isEmpty()) {
      session.text().println("  " + Shown.text(trust.path("reason").asString("")));
    }
    session.document(trust);
    return admitted ? 0 : 3;
  }

  private static String by(JsonNode trust) {
    StringBuilder text = new StringBuilder();
    for (JsonNode waiver : trust.path("waivers")) {
      text.append(text.isEmpty() ? " by waiver " : ", ").append(waiver.asLong(0));
    }
    if (trust.has("via")) {
      text.append(" via ").append(trust.path("via").asString(""));
    }
    return text.toString();
  }

  /** Prints one waiver. */
  static void showWaiver(Session session, JsonNode one) {
    StringBuilder agreed = new StringBuilder();
    one.path("approvals")
        .forEach(approval ->
            agreed
                .append(agreed.isEmpty() ? "" : ", ")
                .append(Shown.text(approval.path("name").asString(""))));
    StringBuilder clauses = new StringBuilder();
    one.path("clauses")
        .forEach(clause ->
            clauses.append(clauses.isEmpty() ? "" : ", ").append(Shown.text(clause.asString(""))));
    session
        .text()
        .printf(
            "%d %s %s@%s%n   %s until %s: %s%n   asked for by %s, agreed to by %s%n",
            one.path("id").asLong(0),
            one.path("status").asString(""),
            one.path("repository").asString(""),
            one.path("digest").asString(""),
            one.path("all").asBoolean(false) ? "all clauses" : clauses,
            one.path("expires").asString(""),
            Shown.text(one.path("reason").asString("")),
            Shown.text(one.path("requester").asString("")),
            agreed.isEmpty() ? "nobody yet" : agreed);
  }
}
