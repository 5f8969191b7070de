package dev.bulla.cli.command;

import dev.bulla.signing.whole.Evidence;
import tools.jackson.databind.node.ObjectNode;

/** What names tell of a piece of evidence, in documents. */
final class EvidenceText {
  private EvidenceText() {}

  static void put(ObjectNode node, Evidence one) {
    node.put("digest", one.digest().toString());
    node.put("subject", one.subject().toString());
    node.put("kind", one.kind().id());
    if (!one.format().id().isEmpty()) {
      node.put("format", one.format().id());
    }
    node.put("type", one.type());
    node.put("mediaType", one.descriptor().mediaType());
    one.tag().ifPresent(tag -> node.put("tag", tag));
    node.put("depth", one.depth());
  }
}
