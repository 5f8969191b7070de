package dev.bulla.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * An OCI registry in memory, on a free loopback port, that can be told to misbehave.
 *
 * <p>It does what the distribution specification 1.1 asks of a registry, as far as clients in tests
 * need it: blobs with ranges, monolithic and chunked upload, mount, manifests, tags and referrers
 * with paging. Content is not shared between repositories.
 */
public final class FaultyRegistry implements AutoCloseable {

  /**
   * A request as it came.
   *
   * @param path with query
   * @param headers first values, names in lower case
   */
  public record Request(String method, String path, Map<String, String> headers) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final RegistryContents contents = new RegistryContents();
  private final List<Fault> faults = new ArrayList<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private Optional<Access> access = Optional.empty();
  volatile boolean referrersApi = true;
  volatile int pageSize = 1000;
  volatile boolean mount = true;

  private FaultyRegistry(HttpServer server) {
    this.server = server;
  }

  /** A running registry without content and without faults. */
  public static FaultyRegistry start() {
    try {
      return start(HttpServer.create(anyPort(), 0));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #start}, speaking HTTPS only, with the certificate and key of {@code identity}. */
  public static FaultyRegistry startTls(SSLContext identity) {
    try {
      HttpsServer server = HttpsServer.create(anyPort(), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(identity));
      return start(server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FaultyRegistry start(HttpServer server) {
    FaultyRegistry registry = new FaultyRegistry(server);
    server.setExecutor(registry.threads);
    server.createContext("/", registry::handle);
    server.start();
    return registry;
  }

  private static InetSocketAddress anyPort() {
    // without this each small answer waits 40 ms for the other side's acknowledgement
    System.setProperty("sun.net.httpserver.nodelay", "true");
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  /** Host and port, as in references: {@code 127.0.0.1:40123}. */
  public String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Later faults are looked at first. */
  public FaultyRegistry with(Fault fault) {
    synchronized (faults) {
      faults.addFirst(fault);
    }
    return this;
  }

  /**
   * Answers 404 to the referrers API and leaves out {@code OCI-Subject}, as registries before 1.1
   * do.
   */
  public FaultyRegistry withoutReferrersApi() {
    referrersApi = false;
    return this;
  }

  /** Tags and referrers per page. */
  public FaultyRegistry pageSize(int value) {
    pageSize = value;
    return this;
  }

  /** Opens an upload session instead of mounting. */
  public FaultyRegistry withoutMount() {
    mount = false;
    return this;
  }

  /** Wants HTTP Basic with this name and password. */
  public FaultyRegistry requireBasic(String user, String password) {
    access = Optional.of(new Access.Basic(user, password));
    return this;
  }

  /** Wants a token from its own token service, which wants this name and password. */
  public FaultyRegistry requireToken(String user, String password) {
    access = Optional.of(new Access.Token(user, password, "http://" + host() + "/token"));
    return this;
  }

  /** All requests so far. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** How many requests had this method and a path that contains {@code part}. */
  public long count(String method, String part) {
    return requests.stream()
        .filter(one -> one.method().equals(method) && one.path().contains(part))
        .count();
  }

  /** Puts a blob into a repository whatever its name says; a digest that lies is a fault too. */
  public FaultyRegistry putBlob(String repository, String digest, byte[] content) {
    contents.putBlob(repository, digest, content);
    return this;
  }

  /** Puts a manifest under a tag or a digest without looking at it. */
  public FaultyRegistry putManifest(
      String repository, String tagOrDigest, String mediaType, byte[] content) {
    contents.putManifest(repository, tagOrDigest, mediaType, content);
    return this;
  }

  public Optional<byte[]> blob(String repository, String digest) {
    return contents.blob(repository, digest);
  }

  public Optional<byte[]> manifest(String repository, String tagOrDigest) {
    return contents.manifest(repository, tagOrDigest).map(RegistryContents.Stored::bytes);
  }

  private void handle(HttpExchange exchange) throws IOException {
    requests.add(
        new Request(
            exchange.getRequestMethod(),
            exchange.getRequestURI().toString(),
            Access.headers(exchange)));
    Optional<Fault.Kind> fault =
        take(exchange.getRequestMethod(), exchange.getRequestURI().getPath());
    try (Answer answer = new Answer(exchange, fault)) {
      if (fault.orElse(null) instanceof Fault.Status status) {
        status.headers().forEach(answer::header);
        answer.send(status.code(), status.body().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      } else if (access.isEmpty() || access.get().allows(exchange, answer)) {
        new RegistryProtocol(this, contents, exchange, answer).answer();
      }
    }
  }

  private Optional<Fault.Kind> take(String method, String path) {
    synchronized (faults) {
      for (int i = 0; i < faults.size(); i++) {
        Fault fault = faults.get(i);
        if (fault.fits(method, path)) {
          if (fault.times() <= 1) {
            faults.remove(i);
          } else {
            faults.set(i, fault.times(fault.times() - 1));
          }
          return Optional.of(fault.kind());
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
