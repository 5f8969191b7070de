package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.oci.Repository;
import dev.bulla.registry.Progress;
import dev.bulla.registry.Registry;
import dev.bulla.store.Leases;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import dev.bulla.store.Schema;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/**
 * The repositories of this registry whose home is elsewhere: the registry pulls what their sources
 * have, verifies it by its own bindings, and shows what these admit.
 *
 * <p>A repository has one home: here it is not written by anybody else ({@link HomeRegions}). One
 * pass of a replication runs at a time, in whichever process holds its lease. Thread-safe.
 */
public final class Replications {
  /** The tables that {@link Records} must be opened with, beside those of the registry. */
  public static final Schema SCHEMA = new Schema("replication", 4);

  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration RENEWAL = Duration.ofSeconds(8);
  private static final int SHOWN = 1_000;

  private final Registry registry;
  private final Records records;
  private final ReplicationTable table;
  private final Function<Replication, Source> sources;
  private final InstantSource clock;
  private final Leases leases;
  private final Reporting reporting;
  private final Seal seal;

  /**
   * @param seal signs receipts
   * @param sources opens the source of a replication
   */
  public Replications(
      Registry registry,
      Records records,
      Seal seal,
      Function<Replication, Source> sources,
      InstantSource clock) {
    this.registry = registry;
    this.records = records;
    this.table = new ReplicationTable(records, clock);
    this.sources = sources;
    this.clock = clock;
    this.leases = new Leases(records, clock, new SecureRandom());
    this.seal = seal;
    this.reporting = new Reporting(registry, records, seal, clock);
  }

  public List<Replication> all() {
    return table.all();
  }

  public Optional<Replication> find(Glob glob) {
    return table.find(glob.text());
  }

  /** The one that brings a repository here; empty if its home is here. */
  public Optional<Replication> of(String repository) {
    return table.all().stream().filter(one -> one.glob().matches(repository)).findFirst();
  }

  /**
   * As of now, how a repository comes here: the fingerprints of the keys of the registries on its
   * way, its source first, its home last. Empty if its home is here, or a registry without feeds.
   */
  public Function<String, List<String>> homes() {
    List<Replication> all = table.all();
    Map<String, List<String>> ways = table.homes();
    return repository ->
        all.stream()
            .filter(one -> one.glob().matches(repository))
            .findFirst()
            .flatMap(one -> Seal.fingerprint(one.sourceKey()))
            .map(source -> {
              List<String> way = new ArrayList<>(List.of(source));
              way.addAll(ways.getOrDefault(repository, List.of()));
              return way;
            })
            .orElse(new ArrayList<>());
  }

  /**
   * Makes a replication, or changes one.
   *
   * @throws BullaException {@link ErrorCode#CONFLICT} if a repository could match the pattern and
   *     one that has another source
   */
  public Replication save(Replication wanted) {
    return table.save(wanted);
  }

  /** Makes this registry the home again; what was brought stays. False if there is none. */
  public boolean end(String glob) {
    return table.end(glob);
  }

  /**
   * To be called by a process that has just become the home's only writer: no earlier one is at
   * work. If others may write the same records, nobody is known to be dead; the lease of one that
   * is ends by itself within half a minute, and another takes over.
   */
  public void begin() {
    if (!records.isShared()) {
      table.all().forEach(one -> leases.end(lease(one)));
    }
  }

  private static String lease(Replication one) {
    return "registry.replication." + one.id();
  }

  /**
   * One pass: everything that the source has now is here, or named, when this returns. A
   * replication whose first pass brings nothing is not kept unless it follows its source.
   *
   * @param again also tries again what failed a moment ago
   * @throws BullaException {@link ErrorCode#CONFLICT} if a pass is running; {@code
   *     REGISTRY_UNAVAILABLE} if the source cannot be reached
   */
  public PassReport run(Replication replication, boolean again, Progress progress) {
    return run(replication, () -> sources.apply(replication), again, progress);
  }

  /** The same from a source that is opened otherwise. */
  PassReport run(
      Replication replication, Supplier<Source> opened, boolean again, Progress progress) {
    try (Tenure tenure = Tenure.begin(take(replication), LEASE, RENEWAL);
        Source source = opened.get()) {
      Step step = new Step(tenure, progress);
      PassReport report = pass(replication, source, again, step);
      if (isOnlyWanted(replication)) {
        table.end(replication.glob().text());
        return report.notKept();
      }
      table.ran(replication, failureOf(report));
      return report;
    } catch (BullaException e) {
      if (e.code() == ErrorCode.CONFLICT) {
        throw e;
      }
      if (isOnlyWanted(replication)) {
        table.end(replication.glob().text());
        throw new BullaException(
            e.code(), e.reason() + "; the replication is not kept", e.nextStep(), e);
      }
      table.ran(replication, e.reason());
      throw e;
    }
  }

  /** Asked for once, and nothing has come of it: it would only keep everybody from pushing. */
  private boolean isOnlyWanted(Replication one) {
    return !one.follow() && one.ran().isEmpty() && !table.holdsAny(one);
  }

  /**
   * Everything that this registry has to tell the sources of repositories, as reports.
   *
   * @param each takes the name of a repository and a report about it
   * @return how many receipts they hold
   */
  long tell(Glob glob, BiConsumer<String, ObjectNode> each) {
    long receipts = 0;
    for (Replication one : table.all()) {
      for (String name : table.repositories(one)) {
        if (glob.matches(name)) {
          ReplicaTable own = new ReplicaTable(records, one.id(), name);
          receipts += reporting.tell(one, name, own, report -> each.accept(name, report));
        }
      }
    }
    return receipts;
  }

  private Leases.Lease take(Replication replication) {
    return leases
        .take(lease(replication), LEASE)
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.CONFLICT,
                "a pass of the replication of " + replication.glob() + " is running",
                "A server that follows the source does it by itself; wait."));
  }

  private static String failureOf(PassReport report) {
    return report.repositories().stream()
        .filter(one -> !one.failure().isEmpty())
        .map(one -> one.name() + ": " + one.failure())
        .findFirst()
        .orElse("");
  }

  private PassReport pass(Replication replication, Source source, boolean again, Step step) {
    Optional<Source.Feeds> feeds = source.feeds(replication.glob(), 0, 0);
    if (feeds.isEmpty()) {
      requireUnsigned(replication);
    } else if (replication.ran().isEmpty()) {
      requireHomes(replication, feeds.get());
    }
    TreeSet<String> names = new TreeSet<>(table.repositories(replication));
    names.addAll(
        feeds
            .map(Source.Feeds::sizes)
            .map(Map::keySet)
            .map(all -> (java.util.Collection<String>) all)
            .orElseGet(() -> source.repositories(replication.glob())));
    reporting.lookAround(replication, names);
    List<PassReport.OfRepository> done = new ArrayList<>();
    for (String name : names) {
      if (replication.glob().matches(name)
          && of(name).filter(one -> one.id() == replication.id()).isPresent()) {
        step.at(name);
        done.add(repository(replication, source, feeds, name, again, step));
      }
    }
    return new PassReport(feeds.isPresent(), done);
  }

  /** One that was asked for just now and would close a ring is not kept, even if it follows. */
  private void requireHomes(Replication replication, Source.Feeds told) {
    try {
      told.homes()
          .forEach((name, homes) -> {
            if (replication.glob().matches(name)) {
              Homes.require(seal, replication.source(), name, homes);
            }
          });
    } catch (BullaException e) {
      table.end(replication.glob().text());
      throw e;
    }
  }

  /**
   * Whoever has seen the signed feeds of a source, or was given its key, does not go on without:
   * what is found by walking may be old, and evidence may be left out.
   */
  private void requireUnsigned(Replication replication) {
    String key = table.find(replication.glob().text()).orElse(replication).sourceKey();
    if (!key.isEmpty()) {
      throw new BullaException(
          ErrorCode.REPLICATION_UNTRUSTED,
          replication.source() + " shows no signed feeds, and its key is known here",
          "Something on the way may keep them back. If the source is another registry now, end the"
              + " replication and begin anew.");
    }
  }

  private PassReport.OfRepository repository(
      Replication replication,
      Source source,
      Optional<Source.Feeds> feeds,
      String name,
      boolean again,
      Step step) {
    ReplicaTable own = new ReplicaTable(records, replication.id(), name);
    RepositoryPass pass =
        new RepositoryPass(
            registry,
            source,
            name,
            own,
            new Throttle(replication.bandwidth()),
            new PartialTable(records, name, clock),
            clock,
            step,
            step::require);
    String code = "";
    String failure = "";
    try {
      if (feeds.isPresent()) {
        List<String> homes = feeds.get().homes().getOrDefault(name, List.of());
        Homes.require(seal, replication.source(), name, homes);
        own.comesBy(homes);
        Position known = own.position();
        long size = feeds.get().sizes().getOrDefault(name, 0L);
        if (size != known.seq() || again) {
          pass.readFeed(key(replication, source, name));
        }
      } else {
        try (Repository from = source.repository(name)) {
          pass.take(new Walk(from, own).changes());
        }
      }
      pass.fetch(again);
      if (feeds.isPresent()) {
        reporting.report(replication, source, name, own);
      }
    } catch (BullaException e) {
      if (e.code() == ErrorCode.CONFLICT) {
        throw e; // another process is at work
      }
      code = e.code().id();
      failure = e.reason();
      event(replication, name, code, failure);
    }
    return new PassReport.OfRepository(
        name,
        pass.taken(),
        pass.bytes(),
        pass.removed(),
        Math.max(0, own.position().head() - own.position().seq()),
        own.lacking(SHOWN).stream()
            .map(one -> new PassReport.Named(one.descriptor().digest().toString(), one.reason()))
            .toList(),
        again ? reporting.refused(name, own) : List.of(),
        code,
        failure);
  }

  /** The key that counts; the first that is seen does from then on. */
  private String key(Replication replication, Source source, String name) {
    if (!replication.sourceKey().isEmpty()) {
      return replication.sourceKey();
    }
    return table.keepKey(
        replication, FeedPage.parse(source.page(name, Long.MAX_VALUE)).ownKey(name));
  }

  /** What somebody should look into, once for each change of it. */
  private void event(Replication replication, String repository, String code, String reason) {
    System.getLogger("bulla.registry")
        .log(System.Logger.Level.WARNING, "replication of " + repository + ": " + reason);
    if (!replication.failure().equals(repository + ": " + reason)) {
      records.write(handle -> {
        Outbox.append(
            handle,
            clock.instant(),
            "registry.replication." + (code.startsWith("replication-") ? code : "failed"),
            repository,
            Json.object()
                .put("repository", repository)
                .put("source", replication.source())
                .put("code", code)
                .put("reason", reason));
        return true;
      });
    }
  }

  /** Runs between the steps of a pass: whoever has lost the lease or is stopped goes no further. */
  private static final class Step implements Runnable {
    private final Tenure tenure;
    private final Progress progress;
    private String at = "";
    private long steps;

    Step(Tenure tenure, Progress progress) {
      this.tenure = tenure;
      this.progress = progress;
    }

    void at(String repository) {
      at = repository;
      run();
    }

    void require() {
      tenure.require();
    }

    @Override
    public void run() {
      progress.at(at, ++steps, 0);
      tenure.require();
    }
  }
}
