package dev.bulla.registry.replication;

import dev.bulla.core.json.Json;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Repositories whose home is another registry, and how they come here.
 *
 * @param id 0 before it is stored
 * @param source {@code https://HOST[:PORT]}, or {@code http://}
 * @param follow whether a server of this home keeps them up to date by itself
 * @param credentials the file with {@code NAME:SECRET} for the source, or empty
 * @param region what this registry calls itself in its receipts
 * @param bandwidth bytes a second, 0 without limit
 * @param sourceKey with which the source signs, PEM; empty until it was seen first
 * @param ran when the last pass ended; empty if none did
 * @param failure why the last pass failed, or empty
 */
public record Replication(
    long id,
    String source,
    Glob glob,
    boolean follow,
    String credentials,
    String region,
    long bandwidth,
    String sourceKey,
    Optional<Instant> ran,
    String failure) {

  public ObjectNode toJson() {
    ObjectNode node = Json.object().put("source", source).put("glob", glob.text());
    node.put("follow", follow).put("region", region).put("bandwidth", bandwidth);
    ran.ifPresent(at -> node.put("ran", at.toString()));
    return node.put("failure", failure);
  }
}
