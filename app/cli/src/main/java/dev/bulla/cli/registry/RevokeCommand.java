package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry revoke}: takes an image back from readers. */
@CommandLine.Command(
    description = {
      "Takes an image back from readers, whatever its evidence says, until --undo. Its repository",
      "must be bound. A robot needs the permission admit."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry revoke team/app@sha256:4f1c… --reason 'leaked credentials inside'",
      "  bulla registry revoke team/app@sha256:4f1c… --undo"
    })
public final class RevokeCommand extends HomeCommand {
  @CommandLine.Mixin private final TrustQuestion question = new TrustQuestion();

  @CommandLine.Parameters(
      index = "0",
      paramLabel = "REF",
      description = "REPOSITORY:TAG or REPOSITORY@DIGEST, with or without the host.")
  String ref = "";

  @CommandLine.Option(names = "--reason", paramLabel = "TEXT", description = "Why.")
  @Nullable String reason;

  @CommandLine.Option(names = "--undo", description = "Let it be judged by its evidence again.")
  boolean undo;

  @Override
  public int run(Session session) {
    if (undo == (reason != null)) {
      throw new BullaException(
          ErrorCode.USAGE, "revoke needs either --reason or --undo", "Give --reason TEXT.");
    }
    Reference reference = OwnReference.parse(ref);
    ObjectNode request = TrustQuestion.about(ref);
    if (reason != null) {
      request.put("reason", reason);
    }
    JsonNode trust =
        question.ask(
            session,
            server -> server.post("/v1/registry/" + (undo ? "reinstate" : "revoke"), request),
            work ->
                undo
                    ? work.reinstate(reference.repository(), reference.selector())
                    : work.revoke(reference.repository(), reference.selector(), request));
    TrustQuestion.show(session, trust);
    return 0;
  }
}
