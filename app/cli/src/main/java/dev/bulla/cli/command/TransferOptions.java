package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.oci.CopyImage;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.Progress;
import dev.bulla.oci.WholeImage;
import dev.bulla.signing.whole.CopyWhole;
import dev.bulla.signing.whole.Evidence;
import dev.bulla.signing.whole.FindEvidence;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What copying, saving and loading have in common: how far, how it gets on, what came of it. */
final class TransferOptions {
  @Option(
      names = "--depth",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "How far evidence about evidence is followed, 1 to 8 (${DEFAULT-VALUE}); what lies deeper"
              + " ends the command.")
  int depth;

  @Option(
      names = "--sparse",
      description = {
        "Take an index of which the source does not have all images as it is, name what is",
        "missing, and call the result incomplete; without it such an index is an error."
      })
  boolean sparse;

  @Option(
      names = {"-v", "--verbose"},
      description = "Tell each blob and each piece of evidence.")
  boolean verbose;

  int depth() {
    if (depth < 1 || depth > FindEvidence.MAX_DEPTH) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--depth is %d, expected 1 to %d".formatted(depth, FindEvidence.MAX_DEPTH));
    }
    return depth;
  }

  /** The tag by which a source is known, so that its copy can have the same. */
  static Optional<String> tag(ImageLocation source) {
    return switch (source) {
      case ImageLocation.InRegistry(Reference reference) -> reference.tag();
      case ImageLocation.InLayout(var path, var selector) ->
          selector.filter(one -> one.indexOf(':') < 0);
    };
  }

  /** On a terminal one line that moves; with -v a line for each thing. */
  Progress progress(Session session) {
    boolean moving = session.invocation().terminal() && !verbose;
    if (!moving && !verbose) {
      return Progress.none();
    }
    AtomicLong bytes = new AtomicLong();
    Map<String, Long> done = new java.util.concurrent.ConcurrentHashMap<>();
    return new Progress() {
      @Override
      public void advanced(Descriptor blob, long now) {
        Long before = done.put(blob.digest().toString(), now);
        long all = bytes.addAndGet(now - (before == null ? 0 : before));
        if (moving) {
          session.err().printf("\r%,d bytes", all);
        }
      }

      @Override
      public void finished(Descriptor one, boolean copied) {
        if (verbose) {
          session
              .err()
              .printf("%s %s %,d bytes%n", copied ? "sent " : "there", one.digest(), one.size());
        }
      }
    };
  }

  void report(Session session, String source, String destination, CopyWhole.Result result) {
    if (session.invocation().terminal() && !verbose) {
      session.err().print("\r");
    }
    CopyImage.Result content = result.content();
    Map<String, Integer> kinds = new TreeMap<>();
    result.pieces().forEach(piece -> kinds.merge(piece.evidence().kind().id(), 1, Integer::sum));
    session
        .text()
        .printf(
            "copied %s@%s%n    to %s%n",
            Shown.text(source.replaceFirst("@.*", "")), result.root().digest(), destination);
    session
        .text()
        .printf(
            "  content   %d parts; %d manifests and %d blobs sent (%,d bytes), %d blobs mounted,"
                + " %d there already%n",
            result.parts(),
            content.manifests(),
            content.blobs(),
            content.bytes(),
            content.mounted(),
            content.blobsPresent());
    session
        .text()
        .printf(
            "  evidence  %d at the source, %d found at the destination%s%n",
            result.pieces().size(),
            result.pieces().size() - result.lost().size(),
            kinds.isEmpty() ? "" : " " + kinds);
    if (!result.missing().isEmpty()) {
      session
          .text()
          .printf(
              "  missing   %d of %d parts are not at the source, nor at the destination%n",
              result.missing().size(), result.parts());
      result
          .missing()
          .forEach(part ->
              session
                  .text()
                  .printf("    %s  %s%n", Shown.text(part.name()), part.descriptor().digest()));
    }
    if (!result.dangling().isEmpty()) {
      session
          .text()
          .printf(
              "  dangling  %d manifests that the source lists and does not have%n",
              result.dangling().size());
    }
    if (verbose) {
      result.pieces().forEach(piece -> session.text().print(line(piece)));
    }
    session.document(json(source, destination, result));
  }

  private static String line(CopyWhole.Piece piece) {
    Evidence one = piece.evidence();
    return "    %s %-11s %s  %s%n"
        .formatted(
            piece.copied() ? "sent " : "there",
            one.kind().id(),
            one.digest(),
            Shown.text(one.tag().orElse(one.type())));
  }

  private static ObjectNode json(String source, String destination, CopyWhole.Result result) {
    ObjectNode root = Json.object();
    root.put("source", source);
    root.put("destination", destination);
    root.put("digest", result.root().digest().toString());
    root.put("parts", result.parts());
    ObjectNode content = root.putObject("content");
    content.put("manifests", result.content().manifests());
    content.put("manifestsPresent", result.content().manifestsPresent());
    content.put("blobs", result.content().blobs());
    content.put("blobsMounted", result.content().mounted());
    content.put("blobsPresent", result.content().blobsPresent());
    content.put("bytes", result.content().bytes());
    ObjectNode proof = root.putObject("proof");
    proof.put("source", result.pieces().size());
    proof.put("destination", result.pieces().size() - result.lost().size());
    proof.put("complete", result.complete());
    ArrayNode evidence = root.putArray("evidence");
    for (CopyWhole.Piece piece : result.pieces()) {
      ObjectNode node = evidence.addObject();
      EvidenceText.put(node, piece.evidence());
      node.put("status", piece.copied() ? "copied" : "present");
    }
    ArrayNode missing = root.putArray("missing");
    for (WholeImage.Part part : result.missing()) {
      missing
          .addObject()
          .put("digest", part.descriptor().digest().toString())
          .put("name", part.name());
    }
    ArrayNode dangling = root.putArray("dangling");
    result.dangling().forEach(digest -> dangling.add(digest.toString()));
    return root;
  }
}
