package dev.bulla.cli.command;

import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.Layout;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The one image that a command looks at. */
final class ImageOptions {
  @Parameters(
      index = "0",
      paramLabel = "REF",
      description = "REGISTRY/REPO[:TAG|@DIGEST], or with --oci-layout PATH:TAG or PATH@DIGEST.")
  String reference = "";

  @Option(names = "--oci-layout", description = "Take REF as a path to an OCI layout.")
  boolean ociLayout;

  ImageLocation location(Session session) {
    return ImageLocation.parse(
        ociLayout ? session.path(reference).toString() : reference, ociLayout);
  }

  /** With the evidence that cosign keeps elsewhere, if {@code COSIGN_REPOSITORY} says so. */
  ImageLocation.Opened open(Session session, RegistryClient client) {
    return Registries.open(session, client, location(session));
  }

  /** A layout is opened once more to be written: opened to be read it takes no changes. */
  Repository writable(Session session, ImageLocation.Opened opened) {
    return location(session) instanceof ImageLocation.InLayout(Path path, var ignored)
            && Files.isDirectory(path)
        ? Layout.create(path)
        : opened.repository();
  }
}
