package dev.bulla.server;

import dev.bulla.access.Robots;
import dev.bulla.access.Workloads;
import dev.bulla.pipeline.HomeIdentity;
import dev.bulla.registry.Registry;
import dev.bulla.registry.events.EventLog;
import dev.bulla.registry.replication.Replications;
import dev.bulla.store.Blobs;
import dev.bulla.store.Home;
import dev.bulla.store.HomeLock;
import dev.bulla.store.Records;
import dev.bulla.store.Schema;
import dev.bulla.store.StoreLocations;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;

/** The registry of a home that nobody serves, taken for the moment of a command. */
public final class HomeRegistry implements AutoCloseable {
  /** All that lie in the records of a home. */
  static final List<Schema> TABLES =
      List.of(Registry.SCHEMA, Robots.SCHEMA, Replications.SCHEMA, EventLog.SCHEMA);

  private final Home home;
  private final HomeLock lock;
  private final Records records;
  private final Blobs blobs;
  private final Registry registry;
  private final InstantSource clock;

  private HomeRegistry(
      Home home,
      HomeLock lock,
      Records records,
      Blobs blobs,
      Registry registry,
      InstantSource clock) {
    this.home = home;
    this.blobs = blobs;
    this.clock = clock;
    this.lock = lock;
    this.records = records;
    this.registry = registry;
  }

  /**
   * @throws dev.bulla.core.BullaException {@code HOME_LOCKED}, {@code HOME_UNUSABLE}, {@code
   *     STORE_CORRUPT}, …
   */
  public static HomeRegistry open(Home home, StoreLocations stores, InstantSource clock) {
    HomeLock lock = HomeLock.acquire(home);
    try {
      Records records = stores.openRecords(home, TABLES);
      try {
        Blobs blobs = stores.openBlobs(home);
        Registry registry = new Registry(records, blobs, clock);
        registry.upkeep().begin();
        RegistryTrust.prepare(registry, home, clock, new SecureRandom());
        return new HomeRegistry(home, lock, records, blobs, registry, clock);
      } catch (RuntimeException e) {
        records.close();
        throw e;
      }
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** The robots of the same home. */
  public Robots robots() {
    return new Robots(records, clock);
  }

  /** What it replicates; nothing is followed by itself. */
  public ReplicationService replication() {
    HomeIdentity identity = HomeIdentity.openOrCreate(home, clock, new SecureRandom());
    return new ReplicationService(home, registry, records, identity, clock);
  }

  /** What happened there, and who is told. */
  public EventService events() {
    return EventService.idle(home, registry, records, replication().feed(), clock);
  }

  /** Whom others vouch for there. */
  public Workloads workloads() {
    return new Workloads(records, clock);
  }

  public Registry registry() {
    return registry;
  }

  @Override
  public void close() {
    registry.close();
    blobs.close();
    records.close();
    lock.close();
  }
}
