package dev.bulla.cli.command;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.AdvisoryStore;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.server.AdvisoryImport;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla advisory}: which advisories this home judges by. */
@CommandLine.Command(
    description = "Imports and shows the advisory set of this home (OSV records).",
    footer = {
      "",
      "Examples:",
      "  bulla advisory import osv/Maven/all.zip osv/npm/all.zip",
      "  bulla advisory show",
      "  bulla advisory show CVE-2021-44228"
    })
public final class AdvisoryCommand extends Command {
  @CommandLine.Parameters(index = "0", paramLabel = "import|show", description = "What to do.")
  String verb = "";

  @CommandLine.Parameters(
      index = "1..*",
      paramLabel = "DIR|ZIP|FILE|ID",
      description = "import: what to read. show: one vulnerability (default: the set).")
  List<String> arguments = List.of();

  @Override
  public int run(Session session) {
    return switch (verb) {
      case "import" -> importSet(session);
      case "show" -> show(session);
      default ->
          throw new BullaException(
              ErrorCode.USAGE, "'" + Shown.text(verb) + "' is neither import nor show");
    };
  }

  private int importSet(Session session) {
    if (arguments.isEmpty()) {
      throw new BullaException(
          ErrorCode.USAGE, "import needs a directory, zip or file of OSV records");
    }
    List<Path> sources = arguments.stream().map(session::existing).toList();
    JsonNode imported = AdvisoryImport.into(session.home(), sources);
    session
        .text()
        .printf(
            "Imported: %s (%s), newest record of %s.%n",
            imported.path("description").asString(""),
            imported.path("digest").asString(""),
            imported.path("newest").asString(""));
    session.document(imported);
    return 0;
  }

  private int show(Session session) {
    Optional<AdvisorySet> current = new AdvisoryStore(session.home().directory()).current();
    if (current.isEmpty()) {
      throw new BullaException(
          ErrorCode.ADVISORY_SET_MISSING,
          "this home has no advisory set",
          "Import one with 'bulla advisory import DIR|ZIP'.");
    }
    try (AdvisorySet set = current.get()) {
      return arguments.isEmpty()
          ? showSet(session, set)
          : showRecords(session, set, arguments.get(0));
    }
  }

  private static int showSet(Session session, AdvisorySet set) {
    ObjectNode document = Json.object();
    document.put("description", set.description());
    document.put("digest", set.digest().toString());
    document.put("records", set.recordCount());
    ObjectNode ecosystems = document.putObject("ecosystems");
    set.ecosystems().forEach(ecosystems::put);
    session.text().printf("%s (%s)%n", set.description(), set.digest());
    set.ecosystems().forEach((name, count) -> session.text().printf("  %-24s%d%n", name, count));
    session.document(document);
    return 0;
  }

  private static int showRecords(Session session, AdvisorySet set, String id) {
    var records = set.about(id);
    ObjectNode document = Json.object();
    var array = document.putArray("advisories");
    for (var record : records) {
      array.addObject().put("id", record.id()).put("summary", record.summary());
      session.text().printf("%s  %s%n", record.id(), Shown.text(record.summary()));
    }
    if (records.isEmpty()) {
      session
          .text()
          .println("The set knows no " + Shown.text(id) + " (" + set.description() + ").");
    }
    session.document(document);
    return 0;
  }
}
