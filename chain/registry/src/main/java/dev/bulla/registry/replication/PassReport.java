package dev.bulla.registry.replication;

import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a pass did.
 *
 * @param feed whether the source keeps feeds: otherwise nobody can tell whether it was complete
 * @param kept whether the replication still stands; one that has brought nothing does not
 */
public record PassReport(boolean feed, List<OfRepository> repositories, boolean kept) {
  private static final int SHOWN = 100;

  public PassReport {
    repositories = List.copyOf(repositories);
  }

  public PassReport(boolean feed, List<OfRepository> repositories) {
    this(feed, repositories, true);
  }

  PassReport notKept() {
    return new PassReport(feed, repositories, false);
  }

  /**
   * @param taken manifests that were taken
   * @param bytes of blobs that were fetched
   * @param removed manifests and tags that were taken back
   * @param behind entries of the feed that were not read
   * @param lacking what is not here, with the reason
   * @param refused images that are here, and are not shown
   * @param failure why the pass of this repository ended, or empty
   */
  public record OfRepository(
      String name,
      long taken,
      long bytes,
      long removed,
      long behind,
      List<Named> lacking,
      List<Named> refused,
      String code,
      String failure) {
    public OfRepository {
      lacking = List.copyOf(lacking);
      refused = List.copyOf(refused);
    }
  }

  /** A digest and what is to be said of it. */
  public record Named(String digest, String reason) {}

  /** Whether everything is here that the source has. */
  public boolean complete() {
    return repositories.stream()
        .allMatch(one -> one.failure.isEmpty() && one.lacking.isEmpty() && one.behind == 0);
  }

  public ObjectNode toJson() {
    ObjectNode body = Json.object().put("complete", complete()).put("feed", feed);
    body.put("kept", kept);
    ArrayNode all = body.putArray("repositories");
    for (OfRepository one : repositories) {
      ObjectNode node = all.addObject().put("name", one.name).put("taken", one.taken);
      node.put("bytes", one.bytes).put("removed", one.removed).put("behind", one.behind);
      named(node.putArray("lacking"), one.lacking);
      named(node.putArray("refused"), one.refused);
      if (!one.failure.isEmpty()) {
        node.putObject("error").put("code", one.code).put("message", one.failure);
      }
    }
    return body;
  }

  private static void named(ArrayNode all, List<Named> list) {
    for (Named one : new ArrayList<>(list).subList(0, Math.min(SHOWN, list.size()))) {
      all.addObject().put("digest", one.digest).put("reason", one.reason);
    }
  }
}
