package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * Speaks the OCI distribution API to any number of registries.
 *
 * <p>HTTPS, except for registries on this machine, which are tried with plain HTTP first, and hosts named with {@link
 * Builder#plainHttp}. Thread-safe. Close it: an open client delays the end of the program by 300 ms.
 */
public final class RegistryClient implements AutoCloseable {
  private static final String DOCKER_HUB = "registry-1.docker.io";

  private final HttpClient http;
  private final Transport transport;
  private final Set<String> plainHosts;
  private final String userAgent;
  private final long chunk;
  private final Map<String, URI> bases = new ConcurrentHashMap<>();

  private RegistryClient(Builder builder) {
    HttpClient.Builder settings =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(15))
            .executor(Executors.newVirtualThreadPerTaskExecutor());
    builder.trust.ifPresent(settings::sslContext);
    this.http = settings.build();
    Backoff backoff = new Backoff(builder.retries, builder.firstDelay, Backoff.LONGEST);
    this.transport =
        new Transport(http, backoff, builder.userAgent, builder.parallelism, builder.credentials);
    this.plainHosts = Set.copyOf(builder.plainHosts);
    this.userAgent = builder.userAgent;
    this.chunk = builder.chunk;
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * The repository of {@code name}; its tag and digest are ignored. Nothing is asked of the registry yet, except which
   * protocol it speaks if it is on this machine.
   *
   * @throws BullaException {@code REGISTRY_UNAVAILABLE} if a registry on this machine does not answer
   */
  public Repository repository(Reference name) {
    URI base = bases.computeIfAbsent(name.registry(), any -> base(name));
    return new RegistryRepository(transport, name, base, chunk);
  }

  private URI base(Reference name) {
    String host = name.registry().equals("docker.io") ? DOCKER_HUB : name.registry();
    if (plainHosts.contains(name.registry())) {
      return URI.create("http://" + host);
    }
    return name.isLoopback() ? probe(name, host) : URI.create("https://" + host);
  }

  /** A server for HTTPS answers plain HTTP with 400 or with bytes that are not HTTP. */
  private URI probe(Reference name, String host) {
    URI plain = URI.create("http://" + host);
    Call ping = Call.pull("GET", URI.create(plain + "/v2/"), "registry " + host, name);
    HttpRequest request =
        HttpRequest.newBuilder(ping.uri())
            .timeout(Duration.ofSeconds(15))
            .setHeader("User-Agent", userAgent)
            .build();
    for (int attempt = 0; ; attempt++) {
      try {
        HttpResponse<InputStream> answer = http.send(request, BodyHandlers.ofInputStream());
        ResumingDownload.closeQuietly(answer.body());
        return answer.statusCode() == 400 ? URI.create("https://" + host) : plain;
      } catch (ConnectException e) {
        if (attempt > 0) {
          throw Failures.unreachable(ping, e, attempt + 1);
        }
        Backoff.pause(transport.backoff().delay(0));
      } catch (IOException e) {
        return URI.create("https://" + host);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BullaException(
            ErrorCode.REGISTRY_UNAVAILABLE, ping.what() + ": interrupted while connecting", e);
      }
    }
  }

  /** Ends at once; transfers that are under way fail. */
  @Override
  public void close() {
    transport.close();
  }

  /** Settings of a {@link RegistryClient}; each has a usable default. */
  public static final class Builder {
    private CredentialSource credentials = CredentialSource.anonymous();
    private String userAgent = "bulla";
    private int retries = 4;
    private Duration firstDelay = Duration.ofMillis(250);
    private int parallelism = 16;
    private long chunk = 128L * 1024 * 1024;
    private final Set<String> plainHosts = new HashSet<>();
    private Optional<SSLContext> trust = Optional.empty();

    private Builder() {}

    /** Where credentials come from; anonymous unless set. */
    public Builder credentials(CredentialSource value) {
      this.credentials = value;
      return this;
    }

    /** What the client calls itself: {@code bulla/0.1.0}. */
    public Builder userAgent(String value) {
      this.userAgent = value;
      return this;
    }

    /** How often a transient failure is tried again; 4 unless set, 0 for never. */
    public Builder retries(int value) {
      this.retries = Math.max(0, value);
      return this;
    }

    /** The wait before the first repetition, doubled each time; 250 ms unless set. */
    public Builder retryDelay(Duration value) {
      this.firstDelay = value;
      return this;
    }

    /** Requests that wait for an answer at the same time, 1 or more; 16 unless set. */
    public Builder parallelism(int value) {
      this.parallelism = Math.max(1, value);
      return this;
    }

    /** Blobs of more bytes are uploaded in chunks of this many; 128 MiB unless set. */
    public Builder chunkBytes(long value) {
      this.chunk = Math.max(1, value);
      return this;
    }

    /** Speaks plain HTTP to this registry (host and port as in references), credentials included. */
    public Builder plainHttp(String registry) {
      plainHosts.add(registry);
      return this;
    }

    /** Trust roots and client certificates for HTTPS; those of the Java runtime unless set. */
    public Builder trust(SSLContext value) {
      this.trust = Optional.of(value);
      return this;
    }

    public RegistryClient build() {
      return new RegistryClient(this);
    }
  }
}
