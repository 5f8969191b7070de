package dev.bulla.cli.command;

import dev.bulla.core.ErrorCode;
import dev.bulla.signing.pack.EvidencePack;
import dev.bulla.signing.whole.VerifyWhole;
import java.nio.file.Path;
import java.time.Instant;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla evidence verify}: an evidence pack, as of a moment, without a network. */
@CommandLine.Command(
    description = {
      "Verifies the image of an evidence pack without a network, as of the moment at which the"
          + " pack",
      "was made or of --at.",
      "With options that name a key, an identity or a trust policy it is judged by these; without,",
      "by what the pack brings along, which whoever made the pack has chosen."
    },
    footer = {
      "",
      "Examples:",
      "  bulla evidence verify app.evidence.tar --trust trust.yaml",
      "  bulla evidence verify app.evidence.tar --at 2031-05-01 --key release.pub"
    })
public final class EvidenceVerifyCommand extends Command {
  @CommandLine.Parameters(index = "0", paramLabel = "FILE", description = "The evidence pack.")
  String file = "";

  @CommandLine.Option(
      names = {"-r", "--recursive"},
      description = "Demand it of an index and of every image that it names.")
  boolean recursive;

  @CommandLine.Mixin private final JudgeOptions believed = new JudgeOptions();

  @CommandLine.Option(
      names = {"-v", "--verbose"},
      description = "Show every check of every signature.")
  boolean verbose;

  @Override
  public int run(Session session) {
    GivenOptions own = GivenOptions.of(believed);
    Path path = session.existing(file);
    try (EvidencePack pack = EvidencePack.open(path)) {
      boolean given = own.has("--at");
      Instant at = given ? Demands.moment(own.value("--at")) : pack.manifest().created();
      boolean whole = recursive || pack.manifest().recursive();
      VerifyWhole.Result result = new JudgedPack(session, pack, path).judge(own, at, whole);
      String name = pack.manifest().reference().orElse(file);
      WholeText text = new WholeText(name, result);
      session.text().print(text.human(verbose));
      session
          .text()
          .printf("  as of %s, %s%n", at, given ? "as you said" : "which is the pack's own word");
      if (own.nameTrust()) {
        session.text().println("  judged by your trust");
      } else {
        session
            .text()
            .println(
                "  CAUTION: judged by the trust that the pack brings along. Whoever made the pack"
                    + " chose it;");
        session
            .text()
            .println(
                "           give --trust, --key, an identity or --trust-policy to judge by your"
                    + " own.");
      }
      ObjectNode document = text.json();
      document.put("file", file);
      document.put("packDigest", pack.digest().toString());
      document.put("at", at.toString());
      document.put("atFrom", given ? "option" : "pack");
      document.put("trustFrom", own.nameTrust() ? "option" : "pack");
      document.put("packed", pack.manifest().created().toString());
      session.document(document);
      return result.accepted() ? 0 : ErrorCode.SIGNATURE_INVALID.exitCode();
    }
  }
}
