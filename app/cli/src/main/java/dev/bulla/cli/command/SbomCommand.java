package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.inventory.Component;
import dev.bulla.inventory.CycloneDxJson;
import dev.bulla.inventory.Inventory;
import dev.bulla.inventory.SbomOptions;
import dev.bulla.inventory.SpdxJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** {@code bulla sbom}: writes what an image or directory holds to standard output. */
@CommandLine.Command(
    description = "Lists what an image or directory holds, on standard output.",
    footer = {
      "",
      "Examples:",
      "  bulla sbom 127.0.0.1:7470/hello:1.0 > hello.cdx.json",
      "  bulla sbom --format spdx-json --oci-layout ./layout:1.0 > hello.spdx.json",
      "  bulla sbom --format table ."
    })
public final class SbomCommand extends Command {
  @CommandLine.Mixin Target target = new Target();

  @CommandLine.Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "cyclonedx-json (1.6, default), spdx-json (2.3), or table.")
  String format = "cyclonedx-json";

  @CommandLine.Option(
      names = "--timestamp",
      paramLabel = "TIME",
      description =
          "Creation time in the document, RFC 3339 (default: $SOURCE_DATE_EPOCH, else 1980-02-01,"
              + " so that equal inputs give equal bytes).")
  @Nullable String timestamp;

  private static final Instant DEFAULT_TIME = Instant.parse("1980-02-01T00:00:00Z");

  @Override
  public int run(Session session) {
    if (!format.equals("cyclonedx-json")
        && !format.equals("spdx-json")
        && !format.equals("table")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--format is '" + Shown.text(format) + "', expected cyclonedx-json, spdx-json or table");
    }
    if (format.equals("table") && session.json()) {
      throw new BullaException(
          ErrorCode.USAGE, "--format table and --output json exclude each other");
    }
    SbomOptions options =
        new SbomOptions(time(session.invocation().environment()), Session.VERSION);
    Inventory inventory = target.catalogue(session).inventory();
    switch (format) {
      case "spdx-json" -> session.raw(SpdxJson.write(inventory, options));
      case "table" -> session.print(table(inventory));
      default -> session.raw(CycloneDxJson.write(inventory, options));
    }
    for (String warning : inventory.warnings()) {
      session.err().println("warning: " + Shown.text(warning));
    }
    return 0;
  }

  private Instant time(Map<String, String> environment) {
    String epoch = environment.getOrDefault("SOURCE_DATE_EPOCH", "");
    try {
      if (timestamp != null) {
        return Instant.parse(timestamp);
      }
      return epoch.isEmpty() ? DEFAULT_TIME : Instant.ofEpochSecond(Long.parseLong(epoch));
    } catch (DateTimeException | NumberFormatException e) {
      throw new BullaException(
          ErrorCode.USAGE, "the creation time is not a time: " + e.getMessage(), e);
    }
  }

  private static String table(Inventory inventory) {
    StringBuilder text = new StringBuilder();
    for (Component component : inventory.components()) {
      text.append(
          "%-8s %-50s %-24s %-28s %s%n"
              .formatted(
                  component.type(),
                  component.name(),
                  component.version(),
                  String.join(", ", component.licences()),
                  component.locations().isEmpty() ? "" : component.locations().getFirst()));
    }
    return text.append("%d components%n".formatted(inventory.components().size())).toString();
  }
}
