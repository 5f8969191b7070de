package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.registry.Registry;
import dev.bulla.store.Leases;
import dev.bulla.store.Records;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Projects that fetch what somebody asks for.
 *
 * <p>A manifest comes with its parts and with the evidence about all of them, and is stored like a
 * push whose evidence is there first: where a trust policy is bound, it decides before the first
 * byte is given out. Layers come when they are asked for. One asks the upstream, others wait for
 * him. What the upstream said of a name counts for a time; when it cannot be reached, what is here
 * goes on being given out, with its age. Failures are never stored. Thread-safe.
 */
public final class PullThrough implements AutoCloseable {
  private static final Duration UNKNOWN_LIFE = Duration.ofSeconds(30);
  private static final Duration KNOWN_LIFE = Duration.ofSeconds(1);
  private static final Duration QUIET = Duration.ofSeconds(30);
  private static final Duration STALE_LIMIT = Duration.ofDays(7);
  private static final int MAX_UNKNOWN = 10_000;
  private static final int LOCKS = 256;
  private static final int PARALLEL = 4;

  private final Registry registry;
  private final Records records;
  private final CacheTable table;
  private final Leases leases;
  private final Function<CacheProject, RegistryClient> clients;
  private final InstantSource clock;
  private final Map<CacheProject, RegistryClient> open = new ConcurrentHashMap<>();
  private final Map<String, Long> unknown = new ConcurrentHashMap<>();
  private final Map<String, Long> quiet = new ConcurrentHashMap<>();
  private volatile Known known;
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

  private record Known(List<CacheProject> all, long at) {}

  /**
   * @param clients makes the client for an upstream; it is kept, and closed with this
   */
  public PullThrough(
      Registry registry,
      Records records,
      Function<CacheProject, RegistryClient> clients,
      InstantSource clock) {
    this.registry = registry;
    this.records = records;
    this.table = new CacheTable(records);
    this.leases = new Leases(records, clock, new SecureRandom());
    this.clients = clients;
    this.clock = clock;
    this.known = new Known(table.all(), System.nanoTime());
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  public List<CacheProject> all() {
    return table.all();
  }

  public void save(CacheProject project) {
    table.save(project);
    known = new Known(table.all(), System.nanoTime());
  }

  /** What was fetched stays; false if the project is no cache. */
  public boolean remove(String project) {
    boolean was = table.remove(project);
    known = new Known(table.all(), System.nanoTime());
    return was;
  }

  /** Asked on every request, changed hardly ever; others may have changed it a second ago. */
  private List<CacheProject> known() {
    Known current = known;
    if (System.nanoTime() - current.at > KNOWN_LIFE.toNanos()) {
      current = new Known(table.all(), System.nanoTime());
      known = current;
    }
    return current.all;
  }

  /** The cache that a repository belongs to. */
  public Optional<CacheProject> of(String repository) {
    if (known().isEmpty()) {
      return Optional.empty();
    }
    int slash = repository.indexOf('/');
    return slash < 0
        ? Optional.empty()
        : known().stream()
            .filter(one -> one.project().equals(repository.substring(0, slash)))
            .findFirst();
  }

  /**
   * Has a manifest here, as fresh as the cache promises.
   *
   * @return how old the answer is, if it is older than promised, because the upstream cannot be
   *     reached
   * @throws BullaException {@code MANIFEST_NOT_FOUND}; {@code REPLICATION_INCOMPLETE} if evidence
   *     cannot be had; {@code REGISTRY_UNAVAILABLE} and others if the upstream cannot be reached
   *     and nothing is here
   */
  public Optional<Duration> manifest(CacheProject cache, String repository, String reference) {
    return alone(
        repository + " " + reference,
        () -> {
          Optional<Long> checked = table.checked(repository, reference);
          boolean here = isHere(repository, reference);
          long now = clock.millis();
          if (here && checked.isPresent() && age(checked.get(), now) <= cache.ttl().toMillis()) {
            return Optional.empty();
          }
          requireUnasked(repository, reference, now);
          try {
            requireAwake(cache, now);
            fetch(cache, repository, reference);
            return Optional.empty();
          } catch (BullaException e) {
            if (e.code().kind() != ErrorCode.Kind.UNAVAILABLE) {
              throw e;
            }
            quiet.putIfAbsent(cache.upstream(), now + QUIET.toMillis());
            long age = age(checked.orElse(0L), now);
            if (here && checked.isPresent() && age <= STALE_LIMIT.toMillis()) {
              return Optional.of(Duration.ofMillis(age));
            }
            throw e;
          }
        });
  }

  private static long age(long checked, long now) {
    return checked > now ? Long.MAX_VALUE : now - checked;
  }

  private void requireUnasked(String repository, String reference, long now) {
    Long until = unknown.get(repository + " " + reference);
    if (until != null && now < until) {
      throw notThere(repository, reference);
    }
  }

  /** An upstream that failed a moment ago, or asked for patience, is left alone. */
  private void requireAwake(CacheProject cache, long now) {
    Long until = quiet.get(cache.upstream());
    if (until != null && now < until) {
      throw new BullaException(
          ErrorCode.REGISTRY_UNAVAILABLE,
          cache.upstream() + " failed a moment ago and is not asked again yet",
          "Try again in half a minute.");
    }
    quiet.remove(cache.upstream());
  }

  private void fetch(CacheProject cache, String repository, String reference) {
    try (Repository upstream = upstream(cache, repository)) {
      Optional<Descriptor> found = upstream.resolve(reference);
      if (found.isEmpty()) {
        gone(repository, reference);
        throw notThere(repository, reference);
      }
      Digest digest = found.get().digest();
      LiveEvidence evidence = new LiveEvidence(upstream);
      new Adoption(
              registry,
              repository,
              upstream,
              evidence,
              fetch(repository, upstream, CachePart.NONE),
              PARALLEL,
              true)
          .take(found.get());
      evidence.withdraw(registry, repository, table);
      if (!Registry.isDigest(reference)) {
        registry.adopt(
            repository, registry.manifest(repository, digest.toString()), List.of(reference), true);
      }
      table.checked(repository, reference, digest, clock.millis());
    }
  }

  /** The upstream took a tag back: so does the cache. What is asked for by digest stays. */
  private void gone(String repository, String reference) {
    if (unknown.size() > MAX_UNKNOWN) {
      unknown.clear();
    }
    unknown.put(repository + " " + reference, clock.millis() + UNKNOWN_LIFE.toMillis());
    table.forget(repository, reference);
    if (!Registry.isDigest(reference) && isHere(repository, reference)) {
      registry.deleteManifest(repository, reference);
    }
  }

  private boolean isHere(String repository, String reference) {
    try {
      registry.trust().newest(repository, reference);
      return true;
    } catch (BullaException e) {
      if (e.code() == ErrorCode.MANIFEST_NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private static BullaException notThere(String repository, String reference) {
    return new BullaException(
        ErrorCode.MANIFEST_NOT_FOUND, "the upstream of " + repository + " has no " + reference);
  }

  // Blobs

  /** A blob that a manifest here is made of and that is not here yet. */
  public Optional<Descriptor> absent(String repository, Digest blob) {
    return isLinked(repository, blob) ? Optional.empty() : table.descriptor(repository, blob);
  }

  private boolean isLinked(String repository, Digest blob) {
    try {
      registry.blobSize(repository, blob);
      return true;
    } catch (BullaException e) {
      if (e.code() == ErrorCode.BLOB_NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  /** Has a blob here. */
  public void blob(CacheProject cache, String repository, Descriptor blob) {
    alone(
        blob.digest().toString(),
        () -> {
          if (!isLinked(repository, blob.digest())) {
            try (CachePart part = CachePart.of(records, leases, clock, repository, blob);
                Repository upstream = upstream(cache, repository)) {
              new Adoption(
                      registry,
                      repository,
                      upstream,
                      new LiveEvidence(upstream),
                      fetch(repository, upstream, part),
                      PARALLEL,
                      true)
                  .blob(blob);
            }
          }
          return true;
        });
  }

  /** Takes the bytes of a blob while they arrive. */
  @FunctionalInterface
  public interface Receiver {
    void take(Descriptor blob, PassingBlob body) throws IOException;
  }

  /**
   * Gives a blob to {@code receiver} while it is fetched and stored; false if it is here meanwhile,
   * because another has fetched it, or because a part was here and only the rest was fetched.
   */
  public boolean stream(CacheProject cache, String repository, Descriptor blob, Receiver receiver)
      throws IOException {
    ReentrantLock lock = lock(blob.digest().toString());
    lock.lock();
    try {
      if (isLinked(repository, blob.digest())
          || registry.repositoriesWith(blob.digest(), 1).stream()
              .anyMatch(other -> registry.mount(repository, blob.digest(), other))) {
        return false;
      }
      try (CachePart part = CachePart.of(records, leases, clock, repository, blob);
          Repository upstream = upstream(cache, repository)) {
        if (part.isBegun(registry, repository)) {
          fetch(repository, upstream, part).fetch(blob);
          return false;
        }
        try (PassingBlob body =
            PassingBlob.open(registry, repository, blob, upstream, part.table())) {
          receiver.take(blob, body);
        }
        return true;
      }
    } finally {
      lock.unlock();
    }
  }

  private BlobFetch fetch(String repository, Repository upstream, CachePart part) {
    return new BlobFetch(
        registry, repository, upstream, new Throttle(0), part.table(), part::require);
  }

  private <T> T alone(String what, Supplier<T> work) {
    ReentrantLock lock = lock(what);
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  private ReentrantLock lock(String what) {
    return locks[Math.floorMod(what.hashCode(), LOCKS)];
  }

  private Repository upstream(CacheProject cache, String repository) {
    return open.computeIfAbsent(cache, clients).repository(cache.at(repository));
  }

  @Override
  public void close() {
    open.values().forEach(RegistryClient::close);
  }
}
