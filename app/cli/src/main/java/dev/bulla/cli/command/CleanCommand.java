package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.signing.whole.CleanEvidence;
import dev.bulla.signing.whole.Evidence;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla clean}: removes what lies beside an image, never the image. */
@CommandLine.Command(
    description = {
      "Removes signatures, attestations and other evidence beside an image and its children.",
      "Without --force it only tells what it would remove. The image itself always stays."
    },
    footer = {
      "",
      "What is about removed evidence goes with it.",
      "",
      "Examples:",
      "  bulla clean registry.example/app:1",
      "  bulla clean --type signature --force registry.example/app:1"
    })
public final class CleanCommand extends Command {
  private static final List<String> TYPES =
      List.of("signature", "attestation", "sbom", "other", "all");

  @CommandLine.Mixin private final ImageOptions image = new ImageOptions();

  @CommandLine.Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "all",
      split = ",",
      description = "signature, attestation, sbom, other or all; repeatable (default: all).")
  List<String> types = List.of();

  @CommandLine.Option(
      names = {"-f", "--force"},
      description = "Remove it.")
  boolean force;

  @Override
  public int run(Session session) {
    Set<Evidence.Kind> kinds = kinds();
    try (RegistryClient client = Registries.client(session);
        ImageLocation.Opened opened = image.open(session, client);
        Repository target = force ? image.writable(session, opened) : opened.repository()) {
      CleanEvidence clean = new CleanEvidence(target);
      List<Evidence> chosen = clean.choose(opened.descriptor(), kinds);
      ObjectNode document = Json.object();
      document.put("reference", image.reference);
      document.put("digest", opened.descriptor().digest().toString());
      document.put("removed", force);
      ArrayNode array = document.putArray("evidence");
      for (Evidence one : chosen) {
        if (force) {
          clean.remove(one);
        }
        EvidenceText.put(array.addObject(), one);
        session
            .text()
            .printf(
                "%s %-11s %s  %s%n",
                force ? "removed" : "would remove",
                one.kind().id(),
                one.digest(),
                Shown.text(one.tag().orElse(one.type())));
      }
      if (chosen.isEmpty()) {
        session.text().println("there is nothing to remove");
      } else if (!force) {
        session.text().println("nothing was removed; give --force to remove it");
      }
      session.document(document);
    }
    return 0;
  }

  private Set<Evidence.Kind> kinds() {
    Set<Evidence.Kind> kinds = new LinkedHashSet<>();
    for (String type : types) {
      switch (type) {
        case "signature" -> kinds.add(Evidence.Kind.SIGNATURE);
        case "attestation" -> kinds.add(Evidence.Kind.ATTESTATION);
        case "sbom" -> kinds.add(Evidence.Kind.SBOM);
        case "other" -> kinds.add(Evidence.Kind.OTHER);
        case "all" -> kinds.addAll(Set.of(Evidence.Kind.values()));
        default ->
            throw new BullaException(
                ErrorCode.USAGE,
                "--type is '%s', expected one of %s"
                    .formatted(Shown.text(type), String.join(", ", TYPES)));
      }
    }
    return kinds;
  }
}
