package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.Reference;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

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
  @CommandLine.Mixin private final TrustQuestion question = new TrustQuestion();

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
    return TrustQuestion.show(
        session,
        question.ask(
            session,
            server -> server.get("/v1/registry/trust" + query),
            work -> work.describe(reference.repository(), reference.selector())));
  }
}
