package dev.bulla.server;

import dev.bulla.access.AccessTokens;
import dev.bulla.access.Acting;
import dev.bulla.access.Audit;
import dev.bulla.access.Authenticator;
import dev.bulla.access.AzureTokenRoutes;
import dev.bulla.access.RobotRoutes;
import dev.bulla.access.Robots;
import dev.bulla.access.ServerFile;
import dev.bulla.access.ServerToken;
import dev.bulla.access.TokenKeys;
import dev.bulla.access.TokenRoutes;
import dev.bulla.access.WorkloadRoutes;
import dev.bulla.access.Workloads;
import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.AdvisoryStore;
import dev.bulla.core.BullaException;
import dev.bulla.graph.Graph;
import dev.bulla.keys.LocalTls;
import dev.bulla.oci.CredentialSource;
import dev.bulla.oci.RegistryClient;
import dev.bulla.pipeline.HomeIdentity;
import dev.bulla.registry.PeerRepair;
import dev.bulla.registry.Registry;
import dev.bulla.registry.azure.AzureRoutes;
import dev.bulla.registry.http.LockRoutes;
import dev.bulla.registry.http.OciErrors;
import dev.bulla.registry.http.RegistryRoutes;
import dev.bulla.registry.http.RuleRoutes;
import dev.bulla.registry.http.UpkeepRoutes;
import dev.bulla.store.Home;
import dev.bulla.store.HomeLock;
import dev.bulla.store.Records;
import dev.bulla.web.Listener;
import dev.bulla.web.Route;
import dev.bulla.web.WebServer;
import java.net.URI;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/**
 * One process that composes every service over one home: the registry, the native API, health and
 * metrics.
 *
 * <p>From {@link #start} until {@link #close} it is the home's only writer. Closing drains: what
 * works by itself is told to end, no new requests are taken, running ones end, then the stores are
 * closed in the reverse order of their opening. Each part has a time to end ({@link Closing}), so a
 * server ends whatever its clients, peers and stores do. A server that could not start leaves
 * nothing open.
 */
public final class BullaServer implements AutoCloseable {
  private final Home home;
  private final Deque<Closing> opened = new ArrayDeque<>();
  private final List<Closing> working = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final StopSignal stop = new StopSignal();
  private final AtomicBoolean closed = new AtomicBoolean();
  private List<URI> addresses = List.of();
  private List<Route> routes = List.of();
  private Supplier<Duration> idleFor = () -> Duration.ZERO;

  private BullaServer(Home home) {
    this.home = home;
  }

  /**
   * Takes the home and serves it.
   *
   * @throws dev.bulla.core.BullaException {@code HOME_LOCKED}, {@code HOME_UNUSABLE}, {@code
   *     PORT_IN_USE}, {@code STORE_CORRUPT}, …
   */
  public static BullaServer start(
      ServerSettings settings, InstantSource clock, SecureRandom random) {
    BullaServer server = new BullaServer(settings.home());
    try {
      server.open(settings, clock, random);
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** Where it listens, with the real ports. */
  public List<URI> addresses() {
    return addresses;
  }

  /** What it answers; the description of the API is held against it. */
  List<Route> routes() {
    return routes;
  }

  /** What the user should know about this start, such as a port that was taken. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** How long nobody has asked for anything but its health. */
  public Duration idle() {
    return idleFor.get();
  }

  /** Blocks until somebody asked to stop, or nobody asked for anything for too long. */
  public void awaitStop() {
    stop.await();
  }

  /** Drains and closes everything; further calls do nothing. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    stop.request();
    working.forEach(Closing::begin);
    while (!opened.isEmpty()) {
      opened.pop().end();
    }
  }

  private void open(ServerSettings settings, InstantSource clock, SecureRandom random) {
    HomeLock lock = keep(HomeLock.acquire(home));
    HomeIdentity identity = HomeIdentity.openOrCreate(home, clock, random);
    Records records = keep(settings.stores().openRecords(home, HomeRegistry.TABLES));
    Registry registry = keep(new Registry(records, keep(settings.stores().openBlobs(home)), clock));
    registry.upkeep().begin();
    RegistryTrust.prepare(registry, home, clock, random);
    working(Collection.start(registry));
    working(TrustSweep.start(registry));
    ReplicationService replication =
        keep(new ReplicationService(home, registry, records, identity, clock));
    replication.follow().forEach(this::working);
    EventService events =
        working(EventService.start(home, registry, records, replication.feed(), clock));
    Graph graph = keep(openGraph());
    Optional<SSLContext> tls = tls(settings, clock, random);
    RegistryClient.Builder registries =
        RegistryClient.builder()
            .credentials(new OwnServer(home).orElse(CredentialSource.docker(System.getenv())))
            .userAgent("bulla-server");
    LocalTls.client(home.tls()).ifPresent(registries::trust);
    RegistryClient client = keep(registries.build());
    ServerToken token = ServerToken.random(random);
    NativeApi api =
        new NativeApi(home, identity, client, graph, clock, stop, settings.background());
    Robots robots = new Robots(records, clock);
    Workloads workloads = new Workloads(records, clock);
    TokenKeys keys = new TokenKeys(records, clock, random).adopt(home.keys().resolve("tokens.key"));
    AccessTokens tokens = new AccessTokens(keys, clock, random);
    Authenticator authenticator = new Authenticator(token, robots, tokens, workloads, clock);
    IdleWatch idle = new IdleWatch(settings.idleTimeout(), stop);
    idleFor = idle::idle;
    UnaryOperator<WebServer.Builder> services =
        builder ->
            settings
                .face()
                .on(withTls(builder, tls), settings.listeners(), clock, random)
                .filter(idle)
                .filter(new Refresh(records))
                .filter(authenticator)
                .filter(settings.face().limits(clock))
                .observer(new Audit())
                .around(new Acting())
                .guard(authenticator)
                .errors(RegistryRoutes.PREFIX, new OciErrors(true))
                .errors(AzureRoutes.PREFIX, AzureRoutes.errors())
                .errors("/oauth2/", AzureRoutes.errors())
                .routes(
                    replication.guard(
                        RegistryRoutes.of(
                            registry, () -> robots.any() || registry.trust().enforcesAnywhere())))
                .routes(replication.guard(AzureRoutes.of(registry)))
                .routes(LockRoutes.of(registry, clock))
                .routes(RuleRoutes.of(registry))
                .routes(events.routes())
                .routes(AzureTokenRoutes.of(authenticator, tokens))
                .routes(replication.routes())
                .routes(TokenRoutes.of(authenticator, tokens, clock))
                .routes(RobotRoutes.of(robots, random))
                .routes(WorkloadRoutes.of(workloads))
                .routes(UpkeepRoutes.of(registry, peer -> new PeerRepair(client, peer)))
                .routes(api.routes());
    WebServer web = keep(listen(settings, services));
    addresses = web.addresses();
    routes = web.routes();
    URI local = web.localAddress();
    ServerFile file = new ServerFile(local, token, ProcessHandle.current().pid());
    file.write(home.serverFile());
    keep(() -> Files.deleteIfExists(home.serverFile()));
    lock.announce(local);
    settings.resident().ifPresent(offer -> openResident(offer, idle));
    keep(idle.start());
  }

  /** A server without it is whole; commands then need a Java runtime each. */
  private void openResident(ResidentOffer offer, IdleWatch idle) {
    try {
      keep(Resident.open(home, offer, idle::touch, stop::request));
    } catch (BullaException e) {
      notes.add(e.reason());
    }
  }

  /** What HTTPS listeners answer with; made when there is one. */
  private Optional<SSLContext> tls(
      ServerSettings settings, InstantSource clock, SecureRandom random) {
    return settings.listeners().stream().anyMatch(one -> one.tls() && one.isLoopback())
        ? Optional.of(LocalTls.server(home.tls(), clock, random))
        : Optional.empty();
  }

  private static WebServer.Builder withTls(WebServer.Builder builder, Optional<SSLContext> tls) {
    return tls.map(builder::tls).orElse(builder);
  }

  /**
   * The graph with the advisories of the home, so that questions are answered by what is known
   * today.
   */
  private Graph openGraph() {
    Graph graph = Graph.open(home.graph());
    try {
      Optional<AdvisorySet> set = new AdvisoryStore(home.directory()).current();
      if (set.isPresent()) {
        keep(set.get());
        graph.importAdvisories(set.get());
      }
      return graph;
    } catch (RuntimeException e) {
      graph.close();
      throw e;
    }
  }

  private WebServer listen(ServerSettings settings, UnaryOperator<WebServer.Builder> services) {
    if (settings.listeners().stream().anyMatch(Listener::isLoopback)) {
      WebServer.Builder builder = services.apply(WebServer.builder());
      settings.listeners().forEach(builder::listen);
      return builder.start();
    }
    settings.listeners().forEach(StablePort::requireFree);
    StablePort.Bound bound =
        new StablePort(home)
            .bind((Listener own) -> {
              WebServer.Builder builder = services.apply(WebServer.builder()).listen(own);
              settings.listeners().forEach(builder::listen);
              return builder.start();
            });
    int port = bound.server().address().getPort();
    if (port != bound.wanted()) {
      notes.add("port %d is taken; serving at port %d".formatted(bound.wanted(), port));
    }
    return bound.server();
  }

  private <T extends AutoCloseable> T keep(T resource) {
    opened.push(new Closing(resource));
    return resource;
  }

  /** What does something without being asked: it is told to end first of all. */
  private <T extends AutoCloseable> T working(T resource) {
    keep(resource);
    working.add(opened.getFirst());
    return resource;
  }
}
