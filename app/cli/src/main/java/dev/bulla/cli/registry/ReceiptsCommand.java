package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.registry.replication.Glob;
import dev.bulla.registry.replication.ReceiptFile;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry receipts}: what became of copies, carried back to their source by file. */
@CommandLine.Command(
    description = {
      "Carries the signed receipts of copies that came by file back to where they have their home:",
      "export writes those of this registry, import takes those of another, so that",
      "'bulla registry replicas' shows there how images stand here and why."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry import team.tar --region north        (where the copy is)",
      "  bulla registry receipts export 'team/**' -o north.receipts",
      "  bulla registry receipts import north.receipts        (at the source)",
      "  bulla registry replicas team/app:1.0",
      "",
      "Ends with 3 if a receipt is not signed by the key with which its region spoke first."
    })
public final class ReceiptsCommand extends HomeCommand {
  @CommandLine.Parameters(index = "0", paramLabel = "export|import", description = "What to do.")
  String verb = "";

  @CommandLine.Parameters(
      index = "1",
      paramLabel = "REPO-GLOB|FILE",
      description = "export: copies, * is any part of a name, ** also slashes; import: the file.")
  String what = "";

  @CommandLine.Option(
      names = {"-o", "--file"},
      paramLabel = "FILE",
      description = "export: what to write.")
  @Nullable String file;

  @Override
  public int run(Session session) {
    JsonNode done =
        switch (verb) {
          case "export" -> export(session);
          case "import" -> load(session);
          default ->
              throw new BullaException(
                  ErrorCode.USAGE, "'" + Shown.text(verb) + "' is neither export nor import");
        };
    session
        .text()
        .printf(
            "%s %d receipts of %d repositories.%n",
            verb.equals("export") ? "Wrote" : "Took",
            done.path("receipts").asLong(0),
            done.path("repositories").asLong(0));
    session.document(done);
    return 0;
  }

  private JsonNode export(Session session) {
    Glob glob = new Glob(what);
    if (file == null) {
      throw new BullaException(ErrorCode.USAGE, "export needs a file to write", "Give -o FILE.");
    }
    Path target = session.path(file).toAbsolutePath().normalize();
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isEmpty()) {
      return ReplicationWork.direct(
          session, (home, service) -> ReceiptFile.write(service.replications(), glob, target));
    }
    ObjectNode request = Json.object().put("glob", glob.text()).put("file", target.toString());
    try (ServerClient server = running.get()) {
      return ReplicationWork.wait(session, server, "/v1/registry/receipts/export", request);
    }
  }

  private JsonNode load(Session session) {
    if (file != null) {
      throw new BullaException(ErrorCode.USAGE, "import takes one file, without -o");
    }
    Path source = session.existing(what).toAbsolutePath();
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isEmpty()) {
      return ReplicationWork.direct(
          session, (home, service) -> ReceiptFile.read(service.regions(), source));
    }
    ObjectNode request = Json.object().put("file", source.toString());
    try (ServerClient server = running.get()) {
      return ReplicationWork.wait(session, server, "/v1/registry/receipts/import", request);
    }
  }
}
