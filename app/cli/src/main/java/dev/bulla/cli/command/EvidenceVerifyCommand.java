package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.KeyFiles;
import dev.bulla.signing.pack.EvidencePack;
import dev.bulla.signing.timestamp.VerifiedStamp;
import dev.bulla.signing.whole.VerifyWhole;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
      "  bulla evidence verify app.evidence.tar --at 2031-05-01 --key release.pub",
      "  bulla evidence verify app.evidence.tar --trust trust.yaml --timestamp-root-cert tsa.pem"
    })
public final class EvidenceVerifyCommand extends Command {
  @CommandLine.Parameters(index = "0", paramLabel = "FILE", description = "The evidence pack.")
  String file = "";

  @CommandLine.Option(
      names = {"-r", "--recursive"},
      description = "Demand it of an index and of every image that it names.")
  boolean recursive;

  @CommandLine.Option(
      names = "--timestamp-root-cert",
      paramLabel = "FILE",
      description =
          "Demand that an RFC 3161 authority under this root certificate has stamped the pack, and"
              + " tell when it existed at the latest.")
  @Nullable String timestampRoot;

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
      Optional<VerifiedStamp> proven = proven(session, pack);
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
      session.text().print(PackText.stampLine(pack, proven));
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
      PackText.putStamp(document, pack, proven);
      session.document(document);
      return result.accepted() ? 0 : ErrorCode.SIGNATURE_INVALID.exitCode();
    }
  }

  private Optional<VerifiedStamp> proven(Session session, EvidencePack pack) {
    if (timestampRoot == null) {
      return Optional.empty();
    }
    Optional<VerifiedStamp> proven =
        pack.proven(KeyFiles.certificates(session.existing(timestampRoot)), Optional.empty());
    if (proven.isEmpty()) {
      throw new BullaException(
          ErrorCode.TIMESTAMP_MISSING,
          file + ": the pack has no stamp, so nobody proves when it existed",
          "Pack it with --timestamp-url, or leave --timestamp-root-cert out.");
    }
    return proven;
  }
}
