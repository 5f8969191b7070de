package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Registries;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.oci.RegistryClient;
import dev.bulla.registry.PeerRepair;
import dev.bulla.registry.Progress;
import dev.bulla.registry.Registry;
import dev.bulla.registry.RepairSource;
import dev.bulla.registry.http.UpkeepRoutes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry fsck}: compares what is stored with its digests. */
@CommandLine.Command(
    description = {
      "Reads every blob and compares it with its digest, and what is recorded of manifests with",
      "their bytes, while pushes and pulls go on. A damaged blob is recorded as damaged: pulls of",
      "it fail instead of giving wrong bytes, and the next push of it is taken."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry fsck",
      "  bulla registry fsck --quick",
      "  bulla registry fsck --repair-from registry.example.org",
      "",
      "Ends with 1 if something is damaged and not repaired."
    })
public final class FsckCommand extends HomeCommand {
  @CommandLine.Option(names = "--quick", description = "Compare the lengths of blobs only.")
  boolean quick;

  @CommandLine.Option(
      names = "--rate",
      paramLabel = "MIB",
      defaultValue = "0",
      description = "Read at most so many MiB in a second (default: no limit).")
  long rate;

  @CommandLine.Option(
      names = "--repair",
      description = "Set damaged files aside, and take their content back from the trash.")
  boolean repair;

  @CommandLine.Option(
      names = "--repair-from",
      paramLabel = "HOST[:PORT]",
      description = "Also fetch it from the repositories of the same names at another registry.")
  @Nullable String repairFrom;

  @Override
  public int run(Session session) {
    if (rate < 0 || rate > 1_000_000) {
      throw new BullaException(ErrorCode.USAGE, "--rate must be 0 to 1000000");
    }
    ObjectNode request = Json.object().put("contents", !quick);
    request.put("bytesPerSecond", rate * 1024 * 1024);
    request.put("repair", repair || repairFrom != null);
    ObjectNode toServer = request.deepCopy();
    if (repairFrom != null) {
      toServer.put("repairFrom", repairFrom);
    }
    JsonNode report =
        HomeWork.run(
            session,
            "fsck",
            toServer,
            (registry, progress) -> direct(session, registry, request, progress));
    show(session, report);
    session.document(report);
    return report.path("sound").asBoolean(false) ? 0 : 1;
  }

  private JsonNode direct(Session session, Registry registry, JsonNode request, Progress progress) {
    try (RegistryClient client = Registries.client(session)) {
      RepairSource source =
          repairFrom == null ? RepairSource.NONE : new PeerRepair(client, repairFrom);
      return registry.upkeep().check(UpkeepRoutes.checkRules(request), source, progress).toJson();
    }
  }

  private static void show(Session session, JsonNode report) {
    for (JsonNode finding : report.path("findings")) {
      session
          .text()
          .printf(
              "%s %s: %s%s%n",
              finding.path("kind").asString(""),
              Shown.text(finding.path("what").asString("")),
              Shown.text(finding.path("detail").asString("")),
              finding.path("repaired").asBoolean(false) ? " (repaired)" : "");
      for (JsonNode repository : finding.path("repositories")) {
        session.text().println("    in " + repository.asString(""));
      }
    }
    session
        .text()
        .printf(
            "%s: %d blobs (%s read), %d manifests, %d tags.%n",
            report.path("sound").asBoolean(false) ? "Sound" : "DAMAGED",
            report.path("blobs").asLong(0),
            Bytes.shown(report.path("bytes").asLong(0)),
            report.path("manifests").asLong(0),
            report.path("tags").asLong(0));
  }
}
