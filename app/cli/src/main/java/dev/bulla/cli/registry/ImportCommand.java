package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.registry.http.ReplicationRoutes;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry import}: what {@code export} has written, judged by the policies here. */
@CommandLine.Command(
    description = {
      "Takes what 'bulla registry export' wrote into this registry: with the same checks as a",
      "replication, shown as far as the trust policies bound here accept it.",
      "Importing a file twice changes nothing; an older one than before is refused."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry import team.tar",
      "  bulla registry import team.tar --source-key east.pub",
      "",
      "Ends with 3 if the file shows another past than an earlier one, with 1 if something is"
          + " missing."
    })
public final class ImportCommand extends HomeCommand {
  @CommandLine.Parameters(index = "0", paramLabel = "FILE", description = "What export wrote.")
  String file = "";

  @CommandLine.Option(
      names = "--source-key",
      paramLabel = "FILE",
      description = "The public key of the source, PEM (default: the first one it shows).")
  @Nullable String sourceKey;

  @CommandLine.Option(
      names = "--region",
      paramLabel = "NAME",
      description = "What this registry calls itself in its receipts (default: from its key).")
  @Nullable String region;

  @Override
  public int run(Session session) {
    Path source = session.existing(file).toAbsolutePath();
    String key = sourceKey == null ? "" : ReplicateCommand.text(session.existing(sourceKey));
    Optional<ServerClient> running = ServerClient.connect(session.home());
    JsonNode report;
    if (running.isEmpty()) {
      report =
          ReplicationWork.direct(
              session,
              (home, service) -> {
                try (ProgressLine line = new ProgressLine(session)) {
                  return ReplicationRoutes.describeImport(
                      service.airGap().load(source, key, name(service.region()), line));
                }
              });
    } else {
      ObjectNode request = Json.object().put("file", source.toString()).put("sourceKey", key);
      if (region != null) {
        request.put("region", name(region));
      }
      try (ServerClient server = running.get()) {
        report = ReplicationWork.wait(session, server, "/v1/registry/import", request);
      }
    }
    return ReplicateCommand.show(session, report);
  }

  private String name(String standard) {
    String name = region == null ? standard : region;
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'" + Shown.text(name) + "' is no name of a region",
          "Use letters, digits, '.', '_' and '-'.");
    }
    return name;
  }
}
