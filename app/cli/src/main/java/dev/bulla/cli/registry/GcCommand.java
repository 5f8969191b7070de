package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.json.Json;
import dev.bulla.registry.http.UpkeepRoutes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry gc}: frees what nobody can reach. */
@CommandLine.Command(
    description = {
      "Frees what nobody can reach, while pushes and pulls go on. A server does it by itself",
      "every six hours, with the standard times.",
      "Times are written 90s, 30m, 24h, 7d."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry gc --dry-run",
      "  bulla registry gc --untagged 30d",
      "  bulla registry gc --grace 0s --retired 0s --deleted 0s     (while nobody pushes)"
    })
public final class GcCommand extends HomeCommand {
  @CommandLine.Option(names = "--dry-run", description = "Change nothing; say what would be done.")
  boolean dryRun;

  @CommandLine.Option(
      names = "--grace",
      paramLabel = "TIME",
      description =
          "Keep content that nothing refers to for so long after the last push, mount or question"
              + " (default: 24h). Less than an hour can make running pushes fail.")
  @Nullable String grace;

  @CommandLine.Option(
      names = "--retired",
      paramLabel = "TIME",
      description = "Free the space of collected files after so long (default: 24h).")
  @Nullable String retired;

  @CommandLine.Option(
      names = "--uploads",
      paramLabel = "TIME",
      description = "Drop uploads that rested for so long (default: 24h).")
  @Nullable String uploads;

  @CommandLine.Option(
      names = "--deleted",
      paramLabel = "TIME",
      description = "Give up deleted manifests after so long (default: 7d).")
  @Nullable String deleted;

  @CommandLine.Option(
      names = "--untagged",
      paramLabel = "TIME",
      description =
          "Delete manifests older than this that no tag leads to, directly, through an index or as"
              + " evidence (default: keep them).")
  @Nullable String untagged;

  @Override
  public int run(Session session) {
    ObjectNode request = Json.object().put("dryRun", dryRun);
    put(request, "graceSeconds", "--grace", grace);
    put(request, "retiredSeconds", "--retired", retired);
    put(request, "uploadSeconds", "--uploads", uploads);
    put(request, "deletedSeconds", "--deleted", deleted);
    put(request, "untaggedSeconds", "--untagged", untagged);
    JsonNode report =
        HomeWork.run(
            session,
            "gc",
            request,
            (registry, progress) ->
                registry
                    .upkeep()
                    .collect(UpkeepRoutes.collectionRules(request), progress)
                    .toJson());
    show(session, report);
    session.document(report);
    return 0;
  }

  private void show(Session session, JsonNode report) {
    String would = dryRun ? "would be " : "";
    line(session, report, "uploads", "resting uploads %sdropped".formatted(would));
    line(session, report, "untaggedManifests", "untagged manifests %sdeleted".formatted(would));
    line(session, report, "deletedManifests", "deleted manifests %sgiven up".formatted(would));
    line(session, report, "links", "unneeded links %sremoved".formatted(would));
    session
        .text()
        .printf(
            "%8d blobs %sretired (%s)%n",
            report.path("blobs").asLong(0), would, Bytes.shown(report.path("bytes").asLong(0)));
    line(session, report, "strayFiles", "stray files %sretired".formatted(would));
    session
        .text()
        .printf(
            "%8s %s%n",
            Bytes.shown(report.path("freedBytes").asLong(0)),
            dryRun ? "lie in the trash" : "of earlier trash freed");
  }

  private static void line(Session session, JsonNode report, String member, String words) {
    session.text().printf("%8d %s%n", report.path(member).asLong(0), words);
  }

  private static void put(ObjectNode request, String member, String option, @Nullable String text) {
    if (text != null) {
      request.put(member, Age.parse(option, text).toSeconds());
    }
  }
}
