package dev.bulla.cli.command;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Reference;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.Layout;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.signing.whole.CopyWhole;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/** {@code bulla load}: an image with all evidence out of an OCI layout into a registry. */
@CommandLine.Command(
    description = {
      "Loads an image, all its children, and every signature and attestation beside them from an",
      "OCI layout, a directory or a tar file, into a registry."
    },
    footer = {
      "",
      "Takes what 'bulla save', 'cosign save', 'oras copy -r' and crane wrote; also the bundles"
          + " that",
      "'cosign save' leaves in the directory without listing them.",
      "",
      "Examples:",
      "  bulla load app.tar registry.example/app:1",
      "  bulla load ./layout:1 registry.example/app"
    })
public final class LoadCommand extends Command {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  @CommandLine.Parameters(
      index = "0",
      paramLabel = "FILE|DIR",
      description = "The layout; with :TAG or @DIGEST if it holds several images.")
  String layout = "";

  @CommandLine.Parameters(
      index = "1",
      paramLabel = "DST",
      description = "REGISTRY/REPO[:TAG]; without a tag that of the layout, if it has one.")
  String destination = "";

  @CommandLine.Mixin private final TransferOptions transfer = new TransferOptions();

  @Override
  public int run(Session session) {
    int depth = transfer.depth();
    Reference to = Reference.parseName(destination);
    ImageLocation from = ImageLocation.parse(session.path(layout).toString(), true);
    try (RegistryClient client = Registries.client(session);
        ImageLocation.Opened opened = from.open(client);
        Repository target = client.repository(to)) {
      List<String> tags =
          to.tag()
              .or(() -> TransferOptions.tag(from))
              .or(() -> tag(opened))
              .map(List::of)
              .orElse(List.of());
      CopyWhole.Result result =
          CopyWhole.between(opened.repository(), target)
              .depth(depth)
              .sparse(transfer.sparse)
              .progress(transfer.progress(session))
              .copy(opened.descriptor(), tags);
      transfer.report(session, layout, destination, result);
    }
    return 0;
  }

  /** Some writers put a whole reference where the tag belongs. */
  private static Optional<String> tag(ImageLocation.Opened opened) {
    return Layout.entries(opened.repository()).stream()
        .filter(entry -> entry.digest().equals(opened.descriptor().digest()))
        .map(Descriptor::annotations)
        .flatMap(annotations -> Optional.ofNullable(annotations.get(REF_NAME)).stream())
        .filter(Reference::isTag)
        .findFirst();
  }
}
