package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import dev.bulla.signing.whole.CopyWhole;
import dev.bulla.signing.whole.SaveWhole;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;

/** {@code bulla save}: an image with all evidence as an OCI layout. */
@CommandLine.Command(
    description = {
      "Saves an image, all its children, and every signature and attestation beside them as an OCI",
      "layout: a directory, or one file if the name ends in .tar."
    },
    footer = {
      "",
      "oras, crane, notation and 'cosign load' read what is written, and so does 'bulla load'.",
      "",
      "Examples:",
      "  bulla save registry.example/app:1 app.tar",
      "  bulla save registry.example/app:1 ./layout"
    })
public final class SaveCommand extends Command {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "REF",
      description = "REGISTRY/REPO[:TAG|@DIGEST], or with --oci-layout PATH:TAG or PATH@DIGEST.")
  String reference = "";

  @CommandLine.Parameters(
      index = "1",
      paramLabel = "FILE.tar|DIR",
      description = "What to write; a directory may hold other images already.")
  String target = "";

  @CommandLine.Option(names = "--oci-layout", description = "Take REF as a path to an OCI layout.")
  boolean ociLayout;

  @CommandLine.Option(names = "--force", description = "Replace an existing FILE.tar.")
  boolean force;

  @CommandLine.Mixin private final TransferOptions transfer = new TransferOptions();

  @Override
  public int run(Session session) {
    int depth = transfer.depth();
    Path path = session.path(target);
    boolean tar = target.endsWith(".tar");
    if (!tar && (target.endsWith("gz") || Files.isRegularFile(path))) {
      throw new BullaException(
          ErrorCode.USAGE,
          target + " is neither a directory nor a name that ends in .tar",
          "Give FILE.tar or a directory.");
    }
    if (tar && path.getParent() != null && !Files.isDirectory(path.getParent())) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "there is no directory " + path.getParent());
    }
    if (tar) {
      OutputFiles.refuseExisting(path, force);
    }
    String argument = ociLayout ? session.path(reference).toString() : reference;
    ImageLocation from = ImageLocation.parse(argument, ociLayout);
    try (RegistryClient client = Registries.client(session);
        ImageLocation.Opened opened = Registries.open(session, client, from)) {
      SaveWhole save =
          new SaveWhole(opened.repository(), depth, transfer.progress(session))
              .sparse(transfer.sparse);
      Optional<String> tag = TransferOptions.tag(from);
      CopyWhole.Result result =
          tar
              ? save.toTar(opened.descriptor(), tag, path)
              : save.toDirectory(opened.descriptor(), tag, path);
      transfer.report(session, reference, target, result);
    }
    return 0;
  }
}
