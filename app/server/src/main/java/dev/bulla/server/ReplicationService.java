package dev.bulla.server;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.LocalTls;
import dev.bulla.oci.Credential;
import dev.bulla.oci.CredentialSource;
import dev.bulla.oci.RegistryClient;
import dev.bulla.pipeline.HomeIdentity;
import dev.bulla.registry.Registry;
import dev.bulla.registry.http.CacheRoutes;
import dev.bulla.registry.http.FeedRoutes;
import dev.bulla.registry.http.HomeRegions;
import dev.bulla.registry.http.ReplicationRoutes;
import dev.bulla.registry.replication.AirGap;
import dev.bulla.registry.replication.CacheEviction;
import dev.bulla.registry.replication.CacheProject;
import dev.bulla.registry.replication.Feed;
import dev.bulla.registry.replication.Follower;
import dev.bulla.registry.replication.PullThrough;
import dev.bulla.registry.replication.Regions;
import dev.bulla.registry.replication.RemoteSource;
import dev.bulla.registry.replication.Replication;
import dev.bulla.registry.replication.Replications;
import dev.bulla.registry.replication.Seal;
import dev.bulla.registry.replication.Source;
import dev.bulla.store.Home;
import dev.bulla.store.Records;
import dev.bulla.web.Route;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Replication as a home does it: with its key, its credentials, its trust in certificates. */
public final class ReplicationService implements AutoCloseable {
  private static final int MAX_CREDENTIALS = 16 * 1024;
  private static final int REGION_DIGITS = 12;

  private final Home home;
  private final Registry registry;
  private final Feed feed;
  private final Regions regions;
  private final Replications replications;
  private final PullThrough caches;
  private final CacheEviction eviction;
  private final AirGap airGap;
  private final String region;

  ReplicationService(
      Home home, Registry registry, Records records, HomeIdentity identity, InstantSource clock) {
    this.home = home;
    this.registry = registry;
    Seal seal = new Seal(identity.identity().signer());
    this.feed = new Feed(records, seal, clock);
    this.regions = new Regions(records, feed, clock);
    this.replications = new Replications(registry, records, seal, this::connect, clock);
    this.caches = new PullThrough(registry, records, this::client, clock);
    this.eviction = new CacheEviction(registry, records, clock);
    this.airGap = new AirGap(registry, feed, replications);
    this.region =
        "region-"
            + identity.identity().signer().verifier().fingerprint().substring(0, REGION_DIGITS);
    replications.begin();
  }

  /**
   * Follows the sources that are to be followed, and makes room in caches, until that is closed.
   */
  List<AutoCloseable> follow() {
    return List.of(Follower.start(replications, this::connect), eviction.start());
  }

  public Replications replications() {
    return replications;
  }

  /** What replicas read. */
  Feed feed() {
    return feed;
  }

  public PullThrough caches() {
    return caches;
  }

  public CacheEviction eviction() {
    return eviction;
  }

  public AirGap airGap() {
    return airGap;
  }

  public Regions regions() {
    return regions;
  }

  /** What this registry calls itself to sources unless told otherwise. */
  public String region() {
    return region;
  }

  /**
   * The same routes, refused where they would change what has its home elsewhere, and fetching what
   * a cache lacks.
   */
  List<Route> guard(List<Route> routes) {
    HomeRegions homes = new HomeRegions(registry, this::homeOf);
    return homes.guard(CacheRoutes.filling(routes, registry, caches));
  }

  private Optional<String> homeOf(String repository) {
    return replications
        .of(repository)
        .map(Replication::source)
        .or(() -> caches.of(repository).map(CacheProject::upstream));
  }

  List<Route> routes() {
    List<Route> all = new ArrayList<>(FeedRoutes.of(registry, feed, regions, replications::homes));
    all.addAll(ReplicationRoutes.of(registry, replications, regions, airGap, region));
    all.addAll(CacheRoutes.of(registry, caches, eviction));
    return all;
  }

  private Source connect(Replication one) {
    String host = RemoteSource.registryOf(one.source());
    return new RemoteSource(client(host, one.source(), one.credentials()), host);
  }

  private RegistryClient client(CacheProject cache) {
    return client(cache.registry(), cache.upstream(), cache.credentials());
  }

  private RegistryClient client(String host, String address, String credentials) {
    RegistryClient.Builder client =
        RegistryClient.builder()
            .userAgent("bulla-replica")
            .retries(2)
            .credentials(credentials(host, credentials));
    if (address.startsWith("http://")) {
      client.plainHttp(host);
    }
    LocalTls.client(home.tls()).ifPresent(client::trust);
    return client.build();
  }

  private static CredentialSource credentials(String host, String file) {
    if (file.isEmpty()) {
      return CredentialSource.docker(System.getenv());
    }
    return CredentialSource.of(host, credential(Path.of(file)));
  }

  /** One line {@code NAME:SECRET}; read each time, so that it can be changed. */
  private static Credential credential(Path file) {
    try (var in = Files.newInputStream(file)) {
      String line = new String(in.readNBytes(MAX_CREDENTIALS), StandardCharsets.UTF_8).strip();
      int colon = line.indexOf(':');
      if (colon > 0 && line.indexOf('\n') < 0) {
        return new Credential.Basic(line.substring(0, colon), line.substring(colon + 1));
      }
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.CREDENTIALS_UNAVAILABLE, "cannot read the credentials file " + file, e);
    }
    throw new BullaException(
        ErrorCode.CREDENTIALS_UNAVAILABLE,
        "the credentials file " + file + " does not hold one line NAME:SECRET");
  }

  @Override
  public void close() {
    caches.close();
  }
}
