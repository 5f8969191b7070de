package dev.bulla.cli.command;

import dev.bulla.core.Digest;
import dev.bulla.core.Platform;
import dev.bulla.inventory.CatalogueDirectory;
import dev.bulla.inventory.CatalogueImage;
import dev.bulla.inventory.Inventory;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code sbom} and {@code scan} look at: an image in a registry or layout, or a directory. */
final class Target {
  @Parameters(
      paramLabel = "IMAGE|DIR|LAYOUT",
      description =
          "REGISTRY/REPO[:TAG|@DIGEST], a directory or jar, or an OCI layout directory or tar"
              + " file.")
  String target = "";

  @Option(
      names = "--oci-layout",
      description = "Take the argument as PATH@DIGEST or PATH:TAG of an OCI layout.")
  boolean ociLayout;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description =
          "Which image of an index (default: linux on the processor of this machine, or the only"
              + " one).")
  @Nullable String platform;

  /** What was found and, for an image, its digest. */
  record Found(Inventory inventory, Optional<Digest> image) {}

  Found catalogue(Session session) {
    Path path = session.path(target);
    if (!ociLayout && Files.exists(path) && !isLayout(path)) {
      return new Found(CatalogueDirectory.catalogue(path), Optional.empty());
    }
    boolean layout = ociLayout || Files.exists(path);
    String argument = layout ? session.path(target).toString() : target;
    try (RegistryClient client = Registries.client(session);
        ImageLocation.Opened opened = ImageLocation.parse(argument, layout).open(client)) {
      Inventory inventory =
          CatalogueImage.catalogue(
              opened.repository(),
              opened.descriptor(),
              Optional.ofNullable(platform).map(Platform::parse));
      return new Found(
          inventory, inventory.subject().or(() -> Optional.of(opened.descriptor().digest())));
    }
  }

  private static boolean isLayout(Path path) {
    String name = path.getFileName() == null ? "" : path.getFileName().toString();
    return Files.isRegularFile(path.resolve("oci-layout"))
        || Files.isRegularFile(path)
            && (name.endsWith(".tar") || name.endsWith(".tar.gz") || name.endsWith(".tgz"));
  }
}
