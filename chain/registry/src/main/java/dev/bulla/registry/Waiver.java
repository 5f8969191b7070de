package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The request for an exception: an image shall be seen although clauses are not met.
 *
 * @param clauses that need not be met, by name; empty for all
 * @param requester whose agreement does not count
 * @param expires after which it counts for nothing
 * @param approvals of distinct people and machines
 */
public record Waiver(
    long id,
    String repository,
    Digest digest,
    List<String> clauses,
    String reason,
    String requester,
    Instant requested,
    Instant expires,
    List<Approval> approvals,
    Optional<Approval> revoked) {
  /** So many others must agree. */
  public static final int APPROVERS = 2;

  /** Who said so, and when. */
  public record Approval(String name, Instant at) {}

  /** Where a request stands. */
  public enum Status {
    REQUESTED,
    EFFECTIVE,
    EXPIRED,
    REVOKED
  }

  public Waiver {
    clauses = List.copyOf(clauses);
    approvals = List.copyOf(approvals);
  }

  public Status status(Instant now) {
    if (revoked.isPresent()) {
      return Status.REVOKED;
    }
    if (!now.isBefore(expires)) {
      return Status.EXPIRED;
    }
    return approvals.size() < APPROVERS ? Status.REQUESTED : Status.EFFECTIVE;
  }

  /** Whether the clause need not be met because of this. */
  boolean covers(String clause) {
    return clauses.isEmpty() || clauses.contains(clause);
  }

  public ObjectNode toJson(Instant now) {
    ObjectNode node = Json.object().put("id", id).put("repository", repository);
    node.put("digest", digest.toString()).put("status", status(now).name());
    node.put("all", clauses.isEmpty());
    ArrayNode named = node.putArray("clauses");
    clauses.forEach(named::add);
    node.put("reason", reason).put("requester", requester);
    node.put("requested", requested.toString()).put("expires", expires.toString());
    ArrayNode agreed = node.putArray("approvals");
    approvals.forEach(one -> agreed.add(json(one)));
    revoked.ifPresent(one -> node.set("revoked", json(one)));
    return node;
  }

  private static ObjectNode json(Approval one) {
    return Json.object().put("name", one.name()).put("at", one.at().toString());
  }
}
