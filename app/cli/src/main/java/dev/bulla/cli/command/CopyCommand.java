package dev.bulla.cli.command;

import dev.bulla.core.Reference;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.signing.whole.CopyWhole;
import dev.bulla.signing.whole.SaveWhole;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/** {@code bulla copy}: an image with all its children and all evidence, to another place. */
@CommandLine.Command(
    description = {
      "Copies an image, all its children, and every signature and attestation beside them.",
      "Afterwards each piece of evidence is looked for at the destination."
    },
    footer = {
      "",
      "Taken along: referrers and their referrers, the lists of referrers of registries that keep",
      "none, and the tags of cosign 1 and 2 (.sig, .att, .sbom), of an index and of each child;"
          + " with",
      "COSIGN_REPOSITORY, what cosign keeps there. At the destination all of it is beside the"
          + " image.",
      "",
      "Examples:",
      "  bulla copy registry.example/app:1 mirror.example/app:1",
      "  bulla copy --to-oci-layout registry.example/app:1 ./layout:1",
      "  bulla copy --from-oci-layout ./layout:1 registry.example/app"
    })
public final class CopyCommand extends Command {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "SRC",
      description = "REGISTRY/REPO[:TAG|@DIGEST], or PATH:TAG or PATH@DIGEST of a layout.")
  String source = "";

  @CommandLine.Parameters(
      index = "1",
      paramLabel = "DST",
      description = "REGISTRY/REPO[:TAG] or PATH[:TAG]; without a tag that of SRC.")
  String destination = "";

  @CommandLine.Option(names = "--from-oci-layout", description = "Take SRC as a path to a layout.")
  boolean fromLayout;

  @CommandLine.Option(names = "--to-oci-layout", description = "Take DST as a path to a layout.")
  boolean toLayout;

  @CommandLine.Mixin private final TransferOptions transfer = new TransferOptions();

  @Override
  public int run(Session session) {
    int depth = transfer.depth();
    ImageLocation from =
        ImageLocation.parse(fromLayout ? session.path(source).toString() : source, fromLayout);
    try (RegistryClient client = Registries.client(session);
        ImageLocation.Opened opened = Registries.open(session, client, from)) {
      CopyWhole.Result result =
          toLayout
              ? toLayout(session, opened, from, depth)
              : toRegistry(session, client, opened, from, depth);
      transfer.report(session, source, destination, result);
    }
    return 0;
  }

  private CopyWhole.Result toLayout(
      Session session, ImageLocation.Opened opened, ImageLocation from, int depth) {
    ImageLocation.InLayout to =
        (ImageLocation.InLayout) ImageLocation.parse(session.path(destination).toString(), true);
    Optional<String> tag =
        to.selector().filter(one -> one.indexOf(':') < 0).or(() -> TransferOptions.tag(from));
    return new SaveWhole(opened.repository(), depth, transfer.progress(session))
        .sparse(transfer.sparse)
        .toDirectory(opened.descriptor(), tag, to.path());
  }

  private CopyWhole.Result toRegistry(
      Session session,
      RegistryClient client,
      ImageLocation.Opened opened,
      ImageLocation from,
      int depth) {
    Reference to = Reference.parseName(destination);
    List<String> tags =
        to.tag().or(() -> TransferOptions.tag(from)).map(List::of).orElse(List.of());
    try (Repository target = client.repository(to)) {
      return CopyWhole.between(opened.repository(), target)
          .depth(depth)
          .sparse(transfer.sparse)
          .progress(transfer.progress(session))
          .copy(opened.descriptor(), tags);
    }
  }
}
