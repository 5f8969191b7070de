package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Registry;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a receipt says about what belongs to an image in a region: enough to tell whether it is the
 * same as at the source, and mostly what is not.
 *
 * @param rootHash of the {@link Closure}
 * @param count of its manifests but the image itself
 * @param manifests their digests, sorted; the first hundred if there are more
 */
record ClosureSummary(String rootHash, long count, List<String> manifests) {
  private static final int LISTED = 100;

  /** More is not worth walking through whenever a piece of evidence comes. */
  private static final int LARGEST = 1_000;

  ClosureSummary {
    manifests = List.copyOf(manifests);
  }

  static ClosureSummary of(Closure closure) {
    List<String> others = closure.others();
    return new ClosureSummary(
        closure.rootHash().toString(),
        others.size(),
        others.subList(0, Math.min(LISTED, others.size())));
  }

  /** Of what a repository holds; empty if it does not have the image, or it is too much. */
  static Optional<ClosureSummary> of(
      Registry registry, String repository, Digest digest, boolean copy) {
    try {
      return Optional.of(of(Closure.of(registry, repository, digest, copy, LARGEST)));
    } catch (BullaException e) {
      return Optional.empty(); // then nothing is said about it
    }
  }

  ObjectNode toJson() {
    ObjectNode node = Json.object().put("rootHash", rootHash).put("count", count);
    ArrayNode all = node.putArray("manifests");
    manifests.forEach(all::add);
    return node;
  }

  static ClosureSummary parse(Fields fields) {
    fields.only("rootHash", "count", "manifests");
    List<String> manifests = fields.strings("manifests");
    if (manifests.size() > LISTED || fields.integer("count") < manifests.size()) {
      throw fields.invalid("manifests", "too many, or another number than counted");
    }
    return new ClosureSummary(
        Digest.parse(fields.string("rootHash")).toString(),
        fields.integer("count"),
        manifests.stream().map(one -> Digest.parse(one).toString()).toList());
  }

  /**
   * How it differs from what is here: {@code same}, and by manifests what lacks and what is more.
   */
  ObjectNode against(ClosureSummary here) {
    ObjectNode node = Json.object().put("rootHash", rootHash);
    node.put("same", rootHash.equals(here.rootHash));
    if (count == manifests.size() && here.count == here.manifests.size()) {
      less(here.manifests, manifests, node.putArray("lacks"));
      less(manifests, here.manifests, node.putArray("more"));
    }
    return node;
  }

  private static void less(List<String> one, List<String> other, ArrayNode all) {
    TreeSet<String> left = new TreeSet<>(one);
    other.forEach(left::remove);
    left.forEach(all::add);
  }
}
