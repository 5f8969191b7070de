package dev.bulla.signing.imports;

import dev.bulla.core.json.Json;
import dev.bulla.signing.authority.ImagePattern;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A scope in the making: patterns with one set of demands.
 *
 * @param action {@code enforce}, {@code audit} or {@code refuse}
 * @param signatures entries of {@code signatures}, without names
 * @param attestations entries of {@code attestations}, without names
 */
record ScopeDraft(
    String name,
    List<ImagePattern> images,
    String action,
    List<ObjectNode> signatures,
    List<ObjectNode> attestations,
    boolean requireTimestamp,
    String path) {
  ScopeDraft {
    images = List.copyOf(images);
    signatures = List.copyOf(signatures);
    attestations = List.copyOf(attestations);
  }

  boolean demandsNothing() {
    return signatures.isEmpty() && attestations.isEmpty();
  }

  ScopeDraft withImages(List<ImagePattern> only) {
    return new ScopeDraft(name, only, action, signatures, attestations, requireTimestamp, path);
  }

  /** Both sets of demands, under the stricter action. */
  ScopeDraft and(ScopeDraft other) {
    List<ObjectNode> both = new ArrayList<>(signatures);
    other.signatures.stream().filter(one -> !both.contains(one)).forEach(both::add);
    List<ObjectNode> attested = new ArrayList<>(attestations);
    other.attestations.stream().filter(one -> !attested.contains(one)).forEach(attested::add);
    boolean refuse = action.equals("refuse") || other.action.equals("refuse");
    boolean audit = action.equals("audit") && other.action.equals("audit");
    return new ScopeDraft(
        name,
        images,
        refuse ? "refuse" : audit ? "audit" : "enforce",
        refuse ? List.of() : both,
        refuse ? List.of() : attested,
        requireTimestamp || other.requireTimestamp,
        path);
  }

  ObjectNode document(String own) {
    ObjectNode node = Json.object().put("name", own);
    ArrayNode patterns = node.putArray("images");
    images.forEach(one -> patterns.add(one.text()));
    // to demand nothing of an image and yet enforce it would be no document at all
    String written = action.equals("enforce") && demandsNothing() ? "refuse" : action;
    node.put("action", written);
    put(node, "signatures", signatures);
    put(node, "attestations", attestations);
    if (requireTimestamp) {
      node.put("requireTimestamp", true);
    }
    return node;
  }

  private static void put(ObjectNode node, String field, List<ObjectNode> demands) {
    if (demands.isEmpty()) {
      return;
    }
    ArrayNode all = node.putArray(field);
    int number = 0;
    for (ObjectNode one : demands) {
      ObjectNode entry = all.addObject();
      entry.put("name", (field.equals("signatures") ? "signature-" : "attestation-") + ++number);
      entry.setAll(one);
    }
  }

  /** A demand of {@code threshold} among these. */
  static ObjectNode demand(List<String> authorities, int threshold) {
    ObjectNode node = Json.object();
    ArrayNode all = node.putArray("authorities");
    authorities.forEach(all::add);
    if (threshold > 1) {
      node.put("threshold", threshold);
    }
    return node;
  }
}
