package dev.bulla.registry;

import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.ImageJudge.Clause;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What was decided about a manifest.
 *
 * @param epoch of the bindings by which it was decided
 * @param via the index whose admission admits it too, or empty
 * @param clauses of the decision
 * @param evidence digests of what satisfied them
 * @param reason why it may not be seen; empty if it may
 */
public record Admission(
    State state,
    long epoch,
    Instant decided,
    String via,
    List<Clause> clauses,
    List<String> evidence,
    String reason) {

  /** How things stand with a manifest. */
  public enum State {
    /** Its evidence is not there or not enough. */
    PENDING,
    /** Readers may see it. */
    ADMITTED,
    /** Somebody decided against it. */
    REJECTED,
    /** It was pending for too long. */
    EXPIRED,
    /** It was admitted, and is not any longer. */
    REVOKED,
    /** It is evidence itself, which everybody may see. */
    EVIDENCE
  }

  /** A decision in favour counts so long: signatures expire, certificates are revoked. */
  private static final Duration LIFE = Duration.ofHours(24);

  /** A decision against counts so long, if nothing is pushed meanwhile. */
  private static final Duration REFUSAL_LIFE = Duration.ofMinutes(1);

  public Admission {
    clauses = List.copyOf(clauses);
    evidence = List.copyOf(evidence);
  }

  /** The same, admitted as a part of an index. */
  Admission admittedVia(String index) {
    return new Admission(State.ADMITTED, epoch, decided, index, clauses, evidence, "");
  }

  /** Whether readers may see it, if it {@link #counts}. */
  public boolean visible() {
    return state == State.ADMITTED || state == State.EVIDENCE;
  }

  /** Whether it need not be decided anew. */
  boolean counts(long currentEpoch, Instant now) {
    if (state == State.EVIDENCE) {
      return true;
    }
    Duration life = visible() ? LIFE : REFUSAL_LIFE;
    return epoch == currentEpoch && !now.isBefore(decided) && now.isBefore(decided.plus(life));
  }

  /** The clauses that are not met, in words. */
  public String unmet() {
    String unmet =
        clauses.stream()
            .filter(clause -> !clause.met())
            .map(clause -> clause.name() + ": " + clause.missing())
            .collect(Collectors.joining("; "));
    return unmet.isEmpty() ? reason : unmet;
  }

  public ObjectNode toJson() {
    ObjectNode node = Json.object();
    node.put("state", state.name());
    node.put("visible", visible());
    node.put("epoch", epoch);
    node.put("decided", decided.toString());
    if (!via.isEmpty()) {
      node.put("via", via);
    }
    details(node);
    return node;
  }

  byte[] detailBytes() {
    ObjectNode node = Json.object();
    details(node);
    return Json.write(node);
  }

  private void details(ObjectNode node) {
    ArrayNode all = node.putArray("clauses");
    for (Clause clause : clauses) {
      all.addObject()
          .put("name", clause.name())
          .put("met", clause.met())
          .put("missing", clause.missing());
    }
    ArrayNode found = node.putArray("evidence");
    evidence.forEach(found::add);
    node.put("reason", reason);
  }

  static Admission read(State state, long epoch, long decided, String via, String details) {
    Fields fields =
        Fields.of(Json.parse(details.getBytes(StandardCharsets.UTF_8), "admission"), "admission");
    List<Clause> clauses = new ArrayList<>();
    fields
        .objects("clauses")
        .forEach(one -> clauses.add(new Clause(one.string("name"), one.string("missing"))));
    return new Admission(
        state,
        epoch,
        Instant.ofEpochMilli(decided),
        via,
        clauses,
        fields.strings("evidence"),
        fields.string("reason"));
  }
}
