package dev.bulla.cli.command;

import dev.bulla.core.Descriptor;
import dev.bulla.core.json.Json;
import dev.bulla.oci.WholeImage;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tells what was signed: each manifest as soon as it is, and all of them in one document. */
final class SignatureReport {
  private final Session session;
  private final boolean single;
  private final ArrayNode images = Json.array();

  /**
   * @param single whether the document is about one manifest, not a list
   */
  SignatureReport(Session session, boolean single) {
    this.session = session;
    this.single = single;
  }

  void signed(String reference, WholeImage.Part part, List<Descriptor> made) {
    ObjectNode document = images.addObject();
    document.put("reference", reference);
    document.put("digest", part.descriptor().digest().toString());
    if (!single) {
      document.put("part", part.name());
    }
    ArrayNode signatures = document.putArray("signatures");
    session
        .text()
        .printf("signed %s%s%n", part.descriptor().digest(), single ? "" : " " + part.name());
    for (Descriptor one : made) {
      String kind = one.artifactType().orElse(one.mediaType());
      signatures.addObject().put("digest", one.digest().toString()).put("type", kind);
      session.text().printf("  %s%n", one.digest());
    }
  }

  /** Writes the document. */
  void finish() {
    if (single && images.size() == 1) {
      session.document(images.get(0));
    } else if (!single) {
      ObjectNode document = Json.object();
      document.set("images", images);
      session.document(document);
    }
  }
}
