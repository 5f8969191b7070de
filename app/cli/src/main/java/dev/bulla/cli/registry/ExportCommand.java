package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.registry.replication.Glob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry export}: repositories with their evidence in one file. */
@CommandLine.Command(
    description = {
      "Writes repositories, all that lies beside their images, and the signed feed of their"
          + " changes",
      "to one file, an OCI layout, for a registry that cannot be reached."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry export 'team/**' -o team.tar",
      "  bulla registry import team.tar                  (there)"
    })
public final class ExportCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "REPO-GLOB",
      description = "Repositories without host; * is any part of a name, ** also slashes.")
  String glob = "";

  @CommandLine.Option(
      names = {"-o", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "What to write.")
  String file = "";

  @Override
  public int run(Session session) {
    Glob wanted = new Glob(glob);
    Path target = session.path(file).toAbsolutePath().normalize();
    if (target.getParent() == null || !Files.isDirectory(target.getParent())) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "there is no directory " + target.getParent());
    }
    JsonNode report = export(session, wanted, target);
    session
        .text()
        .printf(
            "Wrote %s: %d repositories, %d manifests, %s.%n",
            file,
            report.path("repositories").asLong(0),
            report.path("manifests").asLong(0),
            Bytes.shown(report.path("bytes").asLong(0)));
    session.document(report);
    return 0;
  }

  private static JsonNode export(Session session, Glob glob, Path target) {
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isEmpty()) {
      return ReplicationWork.direct(
          session,
          (home, service) -> {
            try (ProgressLine line = new ProgressLine(session)) {
              return service.airGap().export(glob, target, line);
            }
          });
    }
    try (ServerClient server = running.get()) {
      ObjectNode request = Json.object().put("glob", glob.text()).put("file", target.toString());
      return ReplicationWork.wait(session, server, "/v1/registry/export", request);
    }
  }
}
