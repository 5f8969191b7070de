package dev.bulla.registry;

import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.ImageJudge.Clause;
import java.nio.charset.StandardCharsets;
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
 * @param until when it must be decided anew at the latest
 * @param via the index whose admission admits it too, or empty
 * @param clauses of the decision
 * @param evidence digests of what satisfied them
 * @param reason why it may not be seen; empty if it may
 * @param waivers without which it could not be seen
 */
public record Admission(
    State state,
    long epoch,
    Instant decided,
    Instant until,
    String via,
    List<Clause> clauses,
    List<String> evidence,
    String reason,
    List<Long> waivers) {

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

  public Admission {
    clauses = List.copyOf(clauses);
    evidence = List.copyOf(evidence);
    waivers = List.copyOf(waivers);
  }

  /** A decision of which there is nothing to say. */
  static Admission plain(State state, long epoch, Instant decided, Instant until) {
    return new Admission(state, epoch, decided, until, "", List.of(), List.of(), "", List.of());
  }

  /** The same, admitted as a part of an index for as long as that is. */
  Admission admittedVia(String index, Instant end) {
    return new Admission(
        State.ADMITTED, epoch, decided, end, index, clauses, evidence, "", List.of());
  }

  /** The same, admitted by exceptions for as long as they last. */
  Admission admittedBy(List<Waiver> used, Instant latest) {
    Instant end =
        used.stream()
            .map(Waiver::expires)
            .filter(latest::isAfter)
            .min(Instant::compareTo)
            .orElse(latest);
    List<Long> ids = used.stream().map(Waiver::id).toList();
    return new Admission(State.ADMITTED, epoch, decided, end, via, clauses, evidence, "", ids);
  }

  /** The same in another state. */
  Admission in(State other) {
    return new Admission(other, epoch, decided, until, via, clauses, evidence, reason, waivers);
  }

  /** Whether readers may see it, if it {@link #counts}. */
  public boolean visible() {
    return state == State.ADMITTED || state == State.EVIDENCE;
  }

  /** Whether it need not be decided anew. */
  boolean counts(long currentEpoch, Instant now) {
    return state == State.EVIDENCE
        || epoch == currentEpoch && !now.isBefore(decided) && now.isBefore(until);
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
    if (state != State.EVIDENCE) {
      node.put("validUntil", until.toString());
    }
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
    if (!waivers.isEmpty()) {
      ArrayNode by = node.putArray("waivers");
      waivers.forEach(by::add);
    }
  }

  static Admission read(
      State state, long epoch, long decided, long until, String via, String details) {
    Fields fields =
        Fields.of(Json.parse(details.getBytes(StandardCharsets.UTF_8), "admission"), "admission");
    List<Clause> clauses = new ArrayList<>();
    fields
        .objects("clauses")
        .forEach(one -> clauses.add(new Clause(one.string("name"), one.string("missing"))));
    List<Long> waivers = new ArrayList<>();
    fields.node().path("waivers").forEach(one -> waivers.add(one.asLong(0)));
    return new Admission(
        state,
        epoch,
        Instant.ofEpochMilli(decided),
        Instant.ofEpochMilli(until),
        via,
        clauses,
        fields.strings("evidence"),
        fields.string("reason"),
        waivers);
  }
}
