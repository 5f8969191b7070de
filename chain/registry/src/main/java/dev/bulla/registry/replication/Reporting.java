package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Admission;
import dev.bulla.registry.Binding;
import dev.bulla.registry.Registry;
import dev.bulla.registry.StoredManifest;
import dev.bulla.registry.replication.ReplicaTable.Content;
import dev.bulla.store.Event;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tells sources what became of their content here, whenever that changes. */
final class Reporting {
  private static final int LOT = 100;
  private static final int EVENTS = 1_000;
  private static final int SHOWN = 1_000;

  private final Registry registry;
  private final Records records;
  private final Outbox outbox;
  private final Seal seal;
  private final InstantSource clock;
  private final Map<String, Long> reported = new ConcurrentHashMap<>();

  Reporting(Registry registry, Records records, Seal seal, InstantSource clock) {
    this.registry = registry;
    this.records = records;
    this.outbox = new Outbox(records);
    this.seal = seal;
    this.clock = clock;
  }

  /** Notes whose state may have changed here since the last pass. */
  void lookAround(Replication replication, Collection<String> repositories) {
    String reader = "registry.replication." + replication.id();
    while (true) {
      long position = outbox.position(reader);
      long trimmed = outbox.trimmed();
      boolean all = position < trimmed; // some events are not kept any more: any state may be new
      if (all) {
        outbox.advance(reader, trimmed);
      }
      List<Event> events = outbox.after(Math.max(position, trimmed), EVENTS);
      for (Event event : events) {
        String repository = event.payload().path("repository").asString("");
        if (event.type().equals("registry.bound") || event.type().equals("registry.unbound")) {
          all = true;
        } else if (event.type().startsWith("registry.trust.")
            && replication.glob().matches(repository)) {
          new ReplicaTable(records, replication.id(), repository)
              .judge(Digest.parse(event.subject()));
        }
      }
      if (all) {
        repositories.forEach(name -> new ReplicaTable(records, replication.id(), name).judgeAll());
      }
      if (events.isEmpty()) {
        return;
      }
      outbox.advance(reader, events.getLast().sequence());
    }
  }

  /** Sends receipts for what has changed, and the position. */
  void report(Replication replication, Source source, String repository, ReplicaTable table) {
    String self = replication.id() + " " + repository;
    while (true) {
      List<Content> due = table.toJudge(LOT);
      Position position = table.position();
      if (due.isEmpty() && Long.valueOf(position.seq()).equals(reported.get(self))) {
        return;
      }
      ObjectNode body = position(replication, repository, position);
      ArrayNode receipts = body.putArray("receipts");
      List<Optional<Receipt>> made = new ArrayList<>();
      for (Content one : due) {
        Optional<Receipt> receipt = receipt(replication, repository, one, position);
        if (receipt.filter(r -> !r.says().equals(one.told())).isPresent()) {
          receipts.add(receipt.get().seal(seal).toJson());
        }
        made.add(receipt);
      }
      source.report(repository, Json.write(body));
      for (int i = 0; i < due.size(); i++) {
        table.told(due.get(i).descriptor().digest(), made.get(i).map(Receipt::says).orElse(""));
      }
      reported.put(self, position.seq());
    }
  }

  private ObjectNode position(Replication replication, String repository, Position position) {
    ObjectNode body = Json.object().put("key", seal.key());
    ObjectNode at = Json.object().put("region", replication.region());
    at.put("repository", repository).put("seq", position.seq()).put("hash", position.hash());
    at.put("at", clock.instant().toString());
    body.set("position", seal.sign(Receipt.POSITION, Json.write(at)).toJson());
    return body;
  }

  /**
   * All that there is to tell about a repository, for a source that cannot be reached.
   *
   * @param each takes a report, as {@link Source#report} would
   * @return how many receipts there were
   */
  long tell(
      Replication replication, String repository, ReplicaTable table, Consumer<ObjectNode> each) {
    Position position = table.position();
    long told = 0;
    String last = "";
    while (true) {
      List<Content> page = table.all(last, LOT);
      ObjectNode body = position(replication, repository, position);
      ArrayNode receipts = body.putArray("receipts");
      for (Content one : page) {
        receipt(replication, repository, one, position)
            .ifPresent(receipt -> receipts.add(receipt.seal(seal).toJson()));
        last = one.descriptor().digest().toString();
      }
      each.accept(body);
      told += receipts.size();
      if (page.size() < LOT) {
        return told;
      }
    }
  }

  /** Empty for evidence, which is judged with what it is about. */
  private Optional<Receipt> receipt(
      Replication replication, String repository, Content one, Position position) {
    Digest digest = one.descriptor().digest();
    Instant now = clock.instant();
    if (!one.held()) {
      return one.reason().isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Receipt(
                  replication.region(),
                  repository,
                  digest,
                  Receipt.Verdict.INCOMPLETE,
                  one.reason(),
                  "",
                  position.seq(),
                  now,
                  Optional.empty()));
    }
    Optional<Verdict> verdict = verdict(repository, digest);
    return verdict.map(v ->
        new Receipt(
            replication.region(),
            repository,
            digest,
            v.reason.isEmpty() ? Receipt.Verdict.ADMITTED : Receipt.Verdict.REFUSED,
            v.reason,
            v.policy,
            position.seq(),
            now,
            ClosureSummary.of(registry, repository, digest, true)));
  }

  private record Verdict(String reason, String policy) {}

  /** What is decided here about a manifest; empty for evidence. */
  private Optional<Verdict> verdict(String repository, Digest digest) {
    try {
      StoredManifest stored = registry.manifest(repository, digest.toString());
      if (registry.trust().isEvidence(stored.bytes(), List.of())) {
        return Optional.empty();
      }
      Optional<Binding> binding = registry.trust().binding(repository).filter(Binding::decides);
      if (binding.isEmpty()) {
        return Optional.of(new Verdict("", ""));
      }
      Admission admission = registry.trust().admission(repository, digest);
      return Optional.of(
          new Verdict(
              admission.visible() ? "" : admission.state() + ": " + admission.unmet(),
              binding.get().digest().toString()));
    } catch (BullaException e) {
      if (e.code() == ErrorCode.MANIFEST_NOT_FOUND) {
        return Optional.empty();
      }
      return Optional.of(new Verdict("cannot be decided: " + e.reason(), ""));
    }
  }

  /** Images that are here and are not shown. */
  List<PassReport.Named> refused(String repository, ReplicaTable table) {
    List<PassReport.Named> refused = new ArrayList<>();
    if (!registry.trust().enforced(repository)) {
      return refused;
    }
    String last = "";
    while (refused.size() < SHOWN) {
      List<Content> page = table.all(last, LOT);
      for (Content one : page) {
        last = one.descriptor().digest().toString();
        Optional<Verdict> verdict =
            one.held() ? verdict(repository, one.descriptor().digest()) : Optional.empty();
        verdict
            .filter(v -> !v.reason.isEmpty())
            .ifPresent(v ->
                refused.add(new PassReport.Named(one.descriptor().digest().toString(), v.reason)));
      }
      if (page.size() < LOT) {
        break;
      }
    }
    return refused;
  }
}
