package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Registry;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What other registries have told became of the content of this one. The key with which a region
 * speaks first is its key from then on. Thread-safe.
 */
public final class Regions {
  /** The largest report that is read. */
  public static final int MAX_REPORT = 4 * 1024 * 1024;

  private static final int MAX_RECEIPTS = 100;
  private static final Duration AHEAD = Duration.ofHours(1);
  private static final int MAX_REASON = 2_000;
  private static final int MAX_REGIONS = 1_000;
  private static final int LISTED = 10_000;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  private static final String SAVE =
      """
      INSERT INTO region_receipt (repository, digest, region, verdict, reason, policy, at, envelope)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (repository, digest, region) DO UPDATE SET verdict = excluded.verdict,
        reason = excluded.reason, policy = excluded.policy, at = excluded.at,
        envelope = excluded.envelope WHERE region_receipt.at <= excluded.at\
      """;

  private static final String MOVE =
      """
      INSERT INTO region_position (region, repository, seq, at) VALUES (?, ?, ?, ?)
      ON CONFLICT (region, repository) DO UPDATE SET seq = excluded.seq, at = excluded.at
       WHERE region_position.at <= excluded.at\
      """;

  private static final String TOLD =
      """
      SELECT verdict, reason, policy, at, envelope FROM region_receipt
       WHERE repository = ? AND digest = ? AND region = ?\
      """;

  private final Records records;
  private final Feed feed;
  private final InstantSource clock;

  public Regions(Records records, Feed feed, InstantSource clock) {
    this.records = records;
    this.feed = feed;
    this.clock = clock;
  }

  private record Received(Receipt receipt, DsseEnvelope envelope) {}

  /**
   * Takes what a region reports about a repository.
   *
   * @throws BullaException {@link ErrorCode#REPLICATION_UNTRUSTED} if a signature is not by the key
   *     of the region; {@code FIELD_INVALID} and others if it is no report
   */
  void accept(String repository, byte[] report) {
    Fields body =
        Fields.of(Json.parse(report, MAX_REPORT, "report"), "report")
            .only("key", "position", "receipts");
    DsseEnvelope sealed = DsseEnvelope.parse(body.object("position").node(), "position");
    String key = body.string("key");
    if (!Seal.isBy(key, Receipt.POSITION, sealed)) {
      throw untrusted("the position", repository);
    }
    Fields position =
        Fields.of(Json.parse(sealed.payload(), "position"), "position")
            .only("region", "repository", "seq", "hash", "at");
    String region = position.string("region");
    if (!NAME.matcher(region).matches() || !position.string("repository").equals(repository)) {
      throw position.invalid("region", "no name, or it is about another repository");
    }
    List<Received> receipts = new ArrayList<>();
    for (Fields one : body.objects("receipts")) {
      receipts.add(receipt(one, key, region, repository));
      if (receipts.size() > MAX_RECEIPTS) {
        throw body.invalid("receipts", "more than " + MAX_RECEIPTS);
      }
    }
    Instant at = Receipt.instant(position);
    requireNow(position, at);
    long seq = position.integer("seq");
    if (seq < 0) {
      throw position.invalid("seq", "negative");
    }
    records.write(handle -> {
      know(handle, region, key);
      handle.execute(MOVE, region, repository, seq, at.toEpochMilli());
      receipts.forEach(one -> save(handle, one));
      return true;
    });
  }

  private Received receipt(Fields one, String key, String region, String repository) {
    DsseEnvelope envelope = DsseEnvelope.parse(one.node(), "receipt");
    if (!Seal.isBy(key, Receipt.STATEMENT, envelope)) {
      throw untrusted("a receipt", repository);
    }
    Receipt receipt = Receipt.parse(envelope.payload());
    if (!receipt.region().equals(region)
        || !receipt.repository().equals(repository)
        || receipt.reason().length() > MAX_REASON * 4
        || !feed.knows(repository, receipt.digest())) {
      throw one.invalid("payload", "about another region, repository or digest");
    }
    requireNow(one, receipt.at());
    return new Received(receipt, envelope);
  }

  /** What is later than now would keep everything that is told in the meantime from counting. */
  private void requireNow(Fields told, Instant at) {
    if (at.isAfter(clock.instant().plus(AHEAD))) {
      throw told.invalid("at", "later than now by the clock of this registry");
    }
  }

  private void know(Handle handle, String region, String key) {
    Optional<String> known =
        handle
            .select("SELECT key FROM region WHERE name = ?", region)
            .mapTo(String.class)
            .findOne();
    if (known.isPresent() && !known.get().equals(key)) {
      throw new BullaException(
          ErrorCode.REPLICATION_UNTRUSTED,
          "region " + region + " has another key than the one it spoke with first",
          "If the region was set up anew, forget it: bulla registry replicas --forget " + region);
    }
    long regions = handle.select("SELECT count(*) FROM region").mapTo(Long.class).one();
    if (known.isEmpty() && regions >= MAX_REGIONS) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE, "there are %d regions".formatted(regions));
    }
    handle.execute(
        "INSERT INTO region (name, key, seen) VALUES (?, ?, ?)"
            + " ON CONFLICT (name) DO UPDATE SET seen = excluded.seen",
        region,
        key,
        clock.millis());
  }

  private void save(Handle handle, Received received) {
    Receipt one = received.receipt;
    int changed =
        handle.execute(
            SAVE,
            one.repository(),
            one.digest().toString(),
            one.region(),
            one.verdict().name(),
            Shown.text(one.reason()),
            one.policy(),
            one.at().toEpochMilli(),
            new String(Json.write(received.envelope.toJson()), StandardCharsets.UTF_8));
    if (changed > 0) {
      String type =
          one.verdict() == Receipt.Verdict.ADMITTED
              ? "registry.replica.verified"
              : "registry.replica.refused";
      Outbox.append(
          handle,
          clock.instant(),
          type,
          one.digest().toString(),
          Json.object()
              .put("repository", one.repository())
              .put("region", one.region())
              .put("reason", Shown.text(one.reason())));
    }
  }

  /** Forgets a region with everything that it told; false if there is none. */
  public boolean forget(String region) {
    return records.write(handle -> {
      handle.execute("DELETE FROM region_receipt WHERE region = ?", region);
      handle.execute("DELETE FROM region_position WHERE region = ?", region);
      return handle.execute("DELETE FROM region WHERE name = ?", region) > 0;
    });
  }

  /**
   * How repositories stand with each region that has spoken of them.
   *
   * @param repository or the empty string for all
   */
  public ObjectNode describe(String repository) {
    feed.catchUp();
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("replicas");
    records.read(handle -> {
      handle
          .select(
              "SELECT p.region, p.repository, p.seq, p.at, h.seq FROM region_position p"
                  + " LEFT JOIN feed_head h ON h.repository = p.repository"
                  + " WHERE ? = '' OR p.repository = ? ORDER BY p.repository, p.region LIMIT ?",
              repository,
              repository,
              LISTED)
          .map((row, context) ->
              Json.object()
                  .put("region", row.getString(1))
                  .put("repository", row.getString(2))
                  .put("behind", Math.max(0, row.getLong(5) - row.getLong(3)))
                  .put("at", Instant.ofEpochMilli(row.getLong(4)).toString()))
          .forEach(all::add);
      return true;
    });
    return body;
  }

  /** How a digest stands with each region that keeps its repository. */
  public ObjectNode describe(Registry registry, String repository, Digest digest) {
    Optional<ClosureSummary> here = ClosureSummary.of(registry, repository, digest, false);
    ObjectNode body = describe(repository);
    body.put("repository", repository).put("digest", digest.toString());
    here.ifPresent(one -> body.put("rootHash", one.rootHash()));
    for (var one : body.withArray("replicas")) {
      ObjectNode node = (ObjectNode) one;
      String region = node.path("region").asString("");
      records.read(handle -> {
        node.put("verdict", "pending").put("reason", "").put("policy", "");
        handle
            .select(TOLD, repository, digest.toString(), region)
            .map((row, context) -> {
              node.put("verdict", row.getString(1).toLowerCase(Locale.ROOT))
                  .put("reason", row.getString(2))
                  .put("policy", row.getString(3))
                  .put("at", Instant.ofEpochMilli(row.getLong(4)).toString());
              return closure(row.getString(5));
            })
            .findOne()
            .flatMap(told -> told)
            .ifPresent(told -> here.ifPresent(own -> node.set("closure", told.against(own))));
        return true;
      });
    }
    return body;
  }

  /** What a receipt that was taken says of the closure. */
  private static Optional<ClosureSummary> closure(String envelope) {
    try {
      return Receipt.parse(
              DsseEnvelope.parse(
                      Json.parse(envelope.getBytes(StandardCharsets.UTF_8), "receipt"), "receipt")
                  .payload())
          .closure();
    } catch (BullaException e) {
      return Optional.empty(); // of another version of this program
    }
  }

  /** The signed receipts of a digest, as they came. */
  public ObjectNode receipts(String repository, Digest digest) {
    ObjectNode body = Json.object().put("repository", repository).put("digest", digest.toString());
    ArrayNode all = body.putArray("receipts");
    List<String> envelopes =
        records.read(handle ->
            handle
                .select(
                    "SELECT envelope FROM region_receipt WHERE repository = ? AND digest = ?"
                        + " ORDER BY region",
                    repository,
                    digest.toString())
                .mapTo(String.class)
                .list());
    envelopes.forEach(one -> all.add(Json.parse(one.getBytes(StandardCharsets.UTF_8), "receipt")));
    return body;
  }

  private static BullaException untrusted(String what, String repository) {
    return new BullaException(
        ErrorCode.REPLICATION_UNTRUSTED,
        what + " of a replica of " + repository + " is not signed by the key it names");
  }
}
