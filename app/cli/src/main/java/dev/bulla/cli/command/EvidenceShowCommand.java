package dev.bulla.cli.command;

import dev.bulla.core.json.Json;
import dev.bulla.signing.pack.EvidencePack;
import dev.bulla.signing.whole.FindEvidence;
import java.util.Optional;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla evidence show}: what an evidence pack holds. */
@CommandLine.Command(
    description = {
      "Shows what an evidence pack holds, after checking every byte of it against its list.",
      "No signature is verified."
    },
    footer = {"", "Example:", "  bulla evidence show app.evidence.tar"})
public final class EvidenceShowCommand extends Command {
  @CommandLine.Parameters(index = "0", paramLabel = "FILE", description = "The evidence pack.")
  String file = "";

  @Override
  public int run(Session session) {
    try (EvidencePack pack = EvidencePack.open(session.existing(file))) {
      FindEvidence.Found found =
          new FindEvidence(pack.repository(), FindEvidence.MAX_DEPTH).of(pack.manifest().image());
      PackText text = new PackText(file, pack, found.evidence(), Optional.empty());
      session.text().print(text.human());
      session.text().println("no signature was verified");
      ObjectNode document = Json.object();
      text.put(document);
      document.put("verified", false);
      session.document(document);
    }
    return 0;
  }
}
