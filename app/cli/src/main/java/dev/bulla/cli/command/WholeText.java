package dev.bulla.cli.command;

import dev.bulla.core.claim.Verification;
import dev.bulla.oci.WholeImage;
import dev.bulla.signing.whole.VerifyWhole;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The verification of an index with all its children, for people and for machines. */
record WholeText(String reference, VerifyWhole.Result result) {

  String human(boolean verbose) {
    StringBuilder text =
        new StringBuilder(new VerificationText(reference, result.whole()).human(verbose));
    for (VerifyWhole.Answer answer : result.answers()) {
      WholeImage.Part part = answer.part();
      if (part.depth() == 0) {
        continue;
      }
      String mark = answer.verification().isEmpty() ? "-- " : answer.accepted() ? "ok " : "no ";
      String why =
          answer
              .verification()
              .map(one ->
                  one.failure()
                      .map(failure -> "  %s [%s]".formatted(failure.reason(), failure.code().id()))
                      .orElse(""))
              .orElse("  covered by the index");
      text.append(
          "  %s%s %s %s%s%n"
              .formatted(
                  "  ".repeat(part.depth() - 1),
                  mark,
                  part.name(),
                  part.descriptor().digest(),
                  why));
    }
    return text.toString();
  }

  ObjectNode json() {
    ObjectNode root = new VerificationText(reference, result.whole()).json();
    ArrayNode parts = root.putArray("parts");
    for (VerifyWhole.Answer answer : result.answers()) {
      WholeImage.Part part = answer.part();
      ObjectNode node = parts.addObject();
      node.put("digest", part.descriptor().digest().toString());
      node.put("kind", part.kind().name().toLowerCase(Locale.ROOT));
      node.put("depth", part.depth());
      part.platform().ifPresent(platform -> node.put("platform", platform.toString()));
      part.attests().ifPresent(image -> node.put("attests", image.toString()));
      node.put("verified", answer.accepted());
      answer.verification().ifPresent(verification -> put(node, verification));
    }
    return root;
  }

  private void put(ObjectNode node, Verification verification) {
    ObjectNode one = new VerificationText(reference, verification).json();
    for (String member : new String[] {"failure", "note", "signatures"}) {
      if (one.has(member)) {
        node.set(member, one.get(member));
      }
    }
  }
}
