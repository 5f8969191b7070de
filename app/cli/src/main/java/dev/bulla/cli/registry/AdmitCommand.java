package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.Reference;
import picocli.CommandLine;

/** {@code bulla registry admit}: a fresh decision about an image. */
@CommandLine.Command(
    description = {
      "Has it decided now whether readers may see an image. The rules are the same as always:",
      "what the policy refuses stays refused ('bulla registry waive' asks for an exception).",
      "A robot needs the permission admit."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry admit team/app:1.0",
      "  bulla registry admit team/app:1.0 --as scanner --secret-file scanner.secret",
      "",
      "Ends with 3 if it is not admitted."
    })
public final class AdmitCommand extends HomeCommand {
  @CommandLine.Mixin private final TrustQuestion question = new TrustQuestion();

  @CommandLine.Parameters(
      index = "0",
      paramLabel = "REF",
      description = "REPOSITORY:TAG or REPOSITORY@DIGEST, with or without the host.")
  String ref = "";

  @Override
  public int run(Session session) {
    Reference reference = OwnReference.parse(ref);
    return TrustQuestion.show(
        session,
        question.ask(
            session,
            server -> server.post("/v1/registry/admit", TrustQuestion.about(ref)),
            work -> work.admit(reference.repository(), reference.selector())));
  }
}
