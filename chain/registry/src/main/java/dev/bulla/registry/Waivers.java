package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.registry.ImageJudge.Clause;
import dev.bulla.registry.ImageJudge.Judgement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Exceptions from what bindings demand. One counts when {@value Waiver#APPROVERS} others than its
 * requester have agreed, until it expires or somebody revokes it; each of that has the image
 * decided anew. Whether a caller may do it is asked before. Thread-safe.
 */
public final class Waivers {
  private static final int MAX_REASON = 2_000;
  private static final int MAX_CLAUSES = 100;
  private static final int MAX_NAME = 500;
  private static final Duration LONGEST = Duration.ofDays(366);

  private final WaiverTable table;
  private final Decisions decisions;
  private final InstantSource clock;

  Waivers(WaiverTable table, Decisions decisions, InstantSource clock) {
    this.table = table;
    this.decisions = decisions;
    this.clock = clock;
  }

  /**
   * Asks for an exception.
   *
   * @param clauses names of those that need not be met; empty for all
   * @param requester the caller's name
   * @throws BullaException {@link ErrorCode#FIELD_INVALID} if there is no reason, or the time has
   *     passed or is more than a year away
   */
  public Waiver request(
      String repository,
      Digest digest,
      List<String> clauses,
      String reason,
      Instant expires,
      String requester) {
    Instant now = clock.instant();
    if (reason.isBlank() || reason.length() > MAX_REASON) {
      throw invalid("a waiver needs a reason of at most %d characters".formatted(MAX_REASON));
    }
    if (clauses.size() > MAX_CLAUSES
        || clauses.stream().anyMatch(one -> one.isBlank() || one.length() > MAX_NAME)) {
      throw invalid("a waiver names 1 to %d clauses".formatted(MAX_CLAUSES));
    }
    if (!expires.isAfter(now) || expires.isAfter(now.plus(LONGEST))) {
      throw invalid(
          "a waiver ends within a year; %s is not between now and then".formatted(expires));
    }
    return table.add(
        new Waiver(
            0,
            repository,
            digest,
            clauses,
            reason.strip(),
            requester,
            now,
            expires,
            List.of(),
            Optional.empty()));
  }

  /**
   * Agrees to a request.
   *
   * @throws BullaException {@link ErrorCode#CONFLICT} if the approver asked for it himself, or has
   *     agreed before, or it is revoked or expired
   */
  public Waiver approve(Waiver waiver, String approver) {
    Instant now = clock.instant();
    Waiver.Status status = waiver.status(now);
    if (status == Waiver.Status.REVOKED || status == Waiver.Status.EXPIRED) {
      throw conflict(
          "waiver %d is %s".formatted(waiver.id(), status), "Ask for a new one, if there is need.");
    }
    if (waiver.requester().equals(approver)) {
      throw conflict(
          "%s asked for waiver %d and cannot agree to it"
              .formatted(Shown.text(approver), waiver.id()),
          "Two others must agree.");
    }
    if (!table.approve(waiver, approver, now)) {
      throw conflict(
          "%s has agreed to waiver %d already".formatted(Shown.text(approver), waiver.id()),
          "Somebody else must agree.");
    }
    return changed(waiver);
  }

  /**
   * Takes a request or an exception back.
   *
   * @throws BullaException {@link ErrorCode#CONFLICT} if it was taken back before
   */
  public Waiver revoke(Waiver waiver, String author) {
    if (!table.revoke(waiver, author, clock.instant())) {
      throw conflict("waiver %d is revoked already".formatted(waiver.id()), "");
    }
    return changed(waiver);
  }

  /**
   * @throws BullaException {@link ErrorCode#ROUTE_NOT_FOUND} if there is no such waiver
   */
  public Waiver get(long id) {
    return table
        .find(id)
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.ROUTE_NOT_FOUND,
                "there is no waiver " + id,
                "See 'bulla registry waivers'."));
  }

  /**
   * The newest first.
   *
   * @param repository or the empty string for all
   * @param last the id before which to go on, or 0
   */
  public Page<Waiver> list(String repository, long last, int limit) {
    return Page.of(table.list(repository, last, limit + 1), limit);
  }

  /** The exceptions that cover all that is not met; none if something is left. */
  static List<Waiver> covering(Judgement judgement, List<Waiver> effective) {
    Optional<Waiver> whole = effective.stream().filter(one -> one.clauses().isEmpty()).findFirst();
    if (whole.isPresent()) {
      return List.of(whole.get());
    }
    List<Clause> unmet = judgement.clauses().stream().filter(one -> !one.met()).toList();
    Set<Waiver> used = new LinkedHashSet<>();
    for (Clause clause : unmet) {
      Optional<Waiver> one = effective.stream().filter(w -> w.covers(clause.name())).findFirst();
      if (one.isEmpty()) {
        return List.of();
      }
      used.add(one.get());
    }
    return judgement.rejected() ? List.of() : List.copyOf(used);
  }

  /** A waiver with its status as of now. */
  public ObjectNode describe(Waiver waiver) {
    return waiver.toJson(clock.instant());
  }

  private Waiver changed(Waiver waiver) {
    decisions.reconsider(waiver.repository(), waiver.digest());
    return get(waiver.id());
  }

  private static BullaException invalid(String reason) {
    return new BullaException(ErrorCode.FIELD_INVALID, reason);
  }

  private static BullaException conflict(String reason, String nextStep) {
    return new BullaException(ErrorCode.CONFLICT, reason, nextStep);
  }
}
