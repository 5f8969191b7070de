package dev.bulla.cli.command;

import dev.bulla.core.Digest;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.WholeImage;
import dev.bulla.signing.describe.Description;
import dev.bulla.signing.whole.DescribeEvidence;
import dev.bulla.signing.whole.Evidence;
import dev.bulla.signing.whole.FindEvidence;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla tree}: everything that lies beside an image, as a tree. */
@CommandLine.Command(
    description = {
      "Shows an image, its children, and everything that lies beside them: kind, type, who says to",
      "have signed it, and its age. Nothing is verified."
    },
    footer = {"", "Example:", "  bulla tree registry.example/app:1"})
public final class TreeCommand extends Command {
  private static final String CREATED = "org.opencontainers.image.created";

  @CommandLine.Mixin private final ImageOptions image = new ImageOptions();

  @Override
  public int run(Session session) {
    try (RegistryClient client = Registries.client(session);
        ImageLocation.Opened opened = image.open(session, client)) {
      FindEvidence.Found found =
          new FindEvidence(opened.repository(), FindEvidence.MAX_DEPTH).of(opened.descriptor());
      Drawing drawing = new Drawing(found, new DescribeEvidence(opened.repository()));
      ObjectNode document = Json.object();
      document.put("reference", image.reference);
      document.put("digest", opened.descriptor().digest().toString());
      drawing.text.append(Shown.text(image.reference.replaceFirst("@.*", ""))).append('@');
      drawing.text.append(opened.descriptor().digest()).append(System.lineSeparator());
      ArrayNode parts = document.putArray("parts");
      List<WholeImage.Part> all = found.image().parts();
      drawing.evidence(parts.addObject(), all.getFirst(), "", all.size() > 1);
      for (int i = 1; i < all.size(); i++) {
        drawing.part(parts.addObject(), all.get(i), i == all.size() - 1);
      }
      document.put("evidenceCount", found.statements().size());
      session.text().print(drawing.text);
      session
          .text()
          .printf(
              "%d piece%s of evidence; nothing was verified%n",
              found.statements().size(), found.statements().size() == 1 ? "" : "s");
      session.document(document);
    }
    return 0;
  }

  /** Draws while it goes down; a digest that was drawn is not drawn again. */
  private static final class Drawing {
    private final StringBuilder text = new StringBuilder();
    private final FindEvidence.Found found;
    private final DescribeEvidence describe;
    private final Set<Digest> drawn = new HashSet<>();

    Drawing(FindEvidence.Found found, DescribeEvidence describe) {
      this.found = found;
      this.describe = describe;
    }

    void part(ObjectNode node, WholeImage.Part part, boolean last) {
      String indent = "  ".repeat(part.depth() - 1);
      text.append(
          "%s%s %s  %s%n"
              .formatted(indent, last ? "└─" : "├─", part.name(), part.descriptor().digest()));
      evidence(node, part, indent + (last ? "   " : "│  "), false);
    }

    /**
     * @param more whether something else follows at this indentation
     */
    void evidence(ObjectNode node, WholeImage.Part part, String indent, boolean more) {
      node.put("digest", part.descriptor().digest().toString());
      node.put("name", part.name());
      node.put("kind", part.kind().name().toLowerCase(java.util.Locale.ROOT));
      part.platform().ifPresent(platform -> node.put("platform", platform.toString()));
      below(node.putArray("evidence"), part.descriptor().digest(), indent, more);
    }

    private void below(ArrayNode array, Digest subject, String indent, boolean more) {
      if (!drawn.add(subject)) {
        return;
      }
      List<Evidence> all = found.about(subject);
      for (int i = 0; i < all.size(); i++) {
        boolean last = !more && i == all.size() - 1;
        Evidence one = all.get(i);
        ObjectNode node = array.addObject();
        EvidenceText.put(node, one);
        List<DescribeEvidence.Described> signatures = describe.of(one);
        node.put("signatures", signatures.size());
        Optional<String> signer = signer(signatures);
        Optional<Instant> time = time(one, signatures);
        signer.ifPresent(name -> node.put("signer", name));
        time.ifPresent(when -> node.put("time", when.toString()));
        text.append(line(indent + (last ? "└─" : "├─"), one, signatures.size(), signer, time));
        below(node.putArray("evidence"), one.digest(), indent + (last ? "   " : "│  "), false);
      }
    }

    private static String line(
        String branch, Evidence one, int signatures, Optional<String> signer, Optional<Instant> t) {
      List<String> words = new ArrayList<>();
      words.add(one.kind().id());
      words.add(
          Shown.text(one.tag().map(tag -> tag.replaceFirst(".*\\.", ".")).orElse(one.type())));
      if (signatures > 1) {
        words.add(signatures + " signatures");
      }
      signer.ifPresent(name -> words.add("by " + Shown.text(name)));
      t.ifPresent(when -> words.add(age(when)));
      return "%s %s  %s%n".formatted(branch, String.join("  ", words), one.digest());
    }
  }

  static Optional<String> signer(List<DescribeEvidence.Described> signatures) {
    return signatures.stream()
        .flatMap(one -> one.description().stream())
        .flatMap(one -> one.signer().stream())
        .findFirst();
  }

  private static Optional<Instant> time(
      Evidence evidence, List<DescribeEvidence.Described> signatures) {
    Optional<Instant> told =
        signatures.stream()
            .flatMap(one -> one.description().flatMap(Description::time).stream())
            .findFirst();
    return told.or(() ->
        Optional.ofNullable(evidence.manifest().annotations().get(CREATED))
            .flatMap(TreeCommand::instant));
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(java.time.OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static String age(Instant then) {
    Duration age = Duration.between(then, Instant.now());
    if (age.isNegative()) {
      return "in the future";
    }
    if (age.toDays() > 0) {
      return age.toDays() + " d ago";
    }
    return age.toHours() > 0 ? age.toHours() + " h ago" : age.toMinutes() + " min ago";
  }
}
