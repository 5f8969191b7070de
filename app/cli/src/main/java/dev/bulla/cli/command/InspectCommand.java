package dev.bulla.cli.command;

import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import dev.bulla.signing.whole.DescribeEvidence;
import dev.bulla.signing.whole.Evidence;
import dev.bulla.signing.whole.FindEvidence;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla inspect}: what each signature beside an image says. */
@CommandLine.Command(
    description = {
      "Decodes every signature and attestation beside an image and its children: algorithm,",
      "certificates, identities, attributes, times, log entries. Nothing is verified."
    },
    footer = {
      "",
      "Examples:",
      "  bulla inspect registry.example/app:1",
      "  bulla inspect --output json registry.example/app:1"
    })
public final class InspectCommand extends Command {
  @CommandLine.Mixin private final ImageOptions image = new ImageOptions();

  @CommandLine.Option(
      names = "--payload",
      description = "Show the predicates of attestations too, in the JSON document.")
  boolean payload;

  @Override
  public int run(Session session) {
    try (RegistryClient client = Registries.client(session);
        ImageLocation.Opened opened = image.open(session, client)) {
      FindEvidence.Found found =
          new FindEvidence(opened.repository(), FindEvidence.MAX_DEPTH).of(opened.descriptor());
      DescribeEvidence describe = new DescribeEvidence(opened.repository());
      ObjectNode document = Json.object();
      document.put("reference", image.reference);
      document.put("digest", opened.descriptor().digest().toString());
      document.put("verified", false);
      document.put("note", "nothing here was verified; use 'bulla verify'");
      session
          .text()
          .printf(
              "%s@%s%nnothing below was verified%n",
              Shown.text(image.reference.replaceFirst("@.*", "")), opened.descriptor().digest());
      ArrayNode signatures = document.putArray("signatures");
      for (Evidence one : found.statements()) {
        for (DescribeEvidence.Described described : describe.of(one)) {
          DescriptionText text = new DescriptionText(described, payload);
          session.text().print(text.human());
          signatures.add(text.json());
        }
      }
      if (signatures.isEmpty()) {
        session.text().println("no signatures");
      }
      session.document(document);
    }
    return 0;
  }
}
