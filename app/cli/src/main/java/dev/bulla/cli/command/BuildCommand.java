package dev.bulla.cli.command;

import dev.bulla.build.BuildImage;
import dev.bulla.build.BuildResult;
import dev.bulla.build.Builder;
import dev.bulla.build.ResolvedTemplate;
import dev.bulla.build.Template;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Json;
import dev.bulla.oci.CopyImage;
import dev.bulla.oci.Layout;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.pipeline.Building;
import dev.bulla.pipeline.WorkDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla build}: a template to an image, without gates and signatures. */
@CommandLine.Command(
    description =
        "Builds an image from a template into an OCI layout or a registry; signs nothing.",
    footer = {
      "",
      "Examples:",
      "  bulla build examples/hello --to ./layout:1.0",
      "  bulla build examples/hello --push 127.0.0.1:7470/hello:dev --provenance provenance.json"
    })
public final class BuildCommand extends Command {
  @CommandLine.Parameters(
      paramLabel = "DIR|TEMPLATE",
      description = "A template, or a directory with bulla-image.yaml, .yml or .json.")
  String template = "";

  @CommandLine.Option(
      names = "--to",
      paramLabel = "PATH[:TAG]",
      description = "OCI layout directory, made if absent (default: ./NAME-layout).")
  @Nullable String to;

  @CommandLine.Option(
      names = "--push",
      paramLabel = "REGISTRY/REPO[:TAG]",
      description = "Push to a registry instead.")
  @Nullable String push;

  @CommandLine.Option(
      names = "--provenance",
      paramLabel = "FILE",
      description = "Write the (unsigned) SLSA provenance statement here.")
  @Nullable String provenance;

  @Override
  public int run(Session session) {
    if (to != null && push != null) {
      throw new BullaException(ErrorCode.USAGE, "--to and --push exclude each other");
    }
    Template loaded = Template.load(session.existing(template));
    try (RegistryClient client = Registries.client(session);
        WorkDirectory work = WorkDirectory.create();
        Repository layout = Layout.create(work.directory("layout"))) {
      ResolvedTemplate resolved =
          new Building(client).resolve(loaded, work.directory("inputs"), text -> {});
      BuildResult built =
          new BuildImage(
                  Builder.local(Session.VERSION),
                  InstantSource.system(),
                  () -> "urn:uuid:" + UUID.randomUUID(),
                  (step, detail) -> session.err().println(step + ": " + detail))
              .build(resolved, layout);
      String where = deliver(session, client, layout, built, loaded.name());
      writeProvenance(session, built);
      session.text().printf("%s%n%s%n", built.image().digest(), where);
      ObjectNode document = Json.object();
      document.put("digest", built.image().digest().toString());
      document.put("location", where);
      document.put("size", built.layers().stream().mapToLong(layer -> layer.size()).sum());
      session.document(document);
      return 0;
    }
  }

  private String deliver(
      Session session, RegistryClient client, Repository layout, BuildResult built, String name) {
    if (push != null) {
      Reference reference = Reference.parse(push);
      try (Repository target = client.repository(reference.name())) {
        CopyImage.between(layout, target)
            .copy(built.image(), List.of(reference.tag().orElse("latest")));
      }
      return reference.toString();
    }
    String written = to == null ? name + "-layout" : to;
    int colon = written.lastIndexOf(':');
    boolean tagged =
        colon > written.lastIndexOf('/') && Reference.isTag(written.substring(colon + 1));
    Path directory = session.path(tagged ? written.substring(0, colon) : written);
    List<String> tags = List.of(tagged ? written.substring(colon + 1) : "latest");
    try (Repository target = Layout.create(directory)) {
      CopyImage.between(layout, target).copy(built.image(), tags);
    }
    return directory + ":" + tags.getFirst();
  }

  private void writeProvenance(Session session, BuildResult built) {
    if (provenance == null) {
      return;
    }
    Path file = session.path(provenance);
    try {
      Files.write(file, built.provenance().toJson());
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
