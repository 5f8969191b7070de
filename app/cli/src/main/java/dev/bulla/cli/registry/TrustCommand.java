package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.registry.http.UpkeepRoutes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code bulla registry trust}: how things stand with an image. */
@CommandLine.Command(
    description = {
      "Shows whether readers of this registry may see an image, and which demands of its trust",
      "policy are met."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry trust team/app:1.0",
      "  bulla registry trust team/app@sha256:4f1c…",
      "",
      "Ends with 3 if it is not admitted."
    })
public final class TrustCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "REF",
      description = "REPOSITORY:TAG or REPOSITORY@DIGEST, with or without the host.")
  String ref = "";

  @Override
  public int run(Session session) {
    Reference reference = OwnReference.parse(ref);
    String query =
        "?repository=%s&reference=%s"
            .formatted(
                URLEncoder.encode(reference.repository(), StandardCharsets.UTF_8),
                URLEncoder.encode(reference.selector(), StandardCharsets.UTF_8));
    JsonNode trust =
        HomeWork.ask(
            session,
            server -> server.get("/v1/registry/trust" + query),
            registry ->
                UpkeepRoutes.describeTrust(
                    registry, reference.repository(), reference.selector(), true));
    boolean admitted = trust.path("admitted").asBoolean(false);
    session
        .text()
        .printf(
            "%s@%s: %s (%s%s)%n",
            trust.path("repository").asString(""),
            trust.path("digest").asString(""),
            trust.path("state").asString("no binding decides"),
            trust.path("mode").asString(""),
            trust.has("binding") ? ", " + trust.path("binding").asString("") : "");
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
}
