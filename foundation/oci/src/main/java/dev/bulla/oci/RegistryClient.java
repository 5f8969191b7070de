package dev.bulla.oci;

import dev.bulla.core.Reference;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/**
 * Speaks the OCI distribution API to any number of registries.
 *
 * <p>HTTPS, except for registries on this machine, which are tried with plain HTTP first, and hosts
 * named with {@link Builder#plainHttp}. Thread-safe. Close it: a client that has uploaded in chunks
 * delays the end of the program by 300 ms otherwise.
 */
public final class RegistryClient implements AutoCloseable {
  private static final long CHUNK = 128L * 1024 * 1024;
  private static final String DOCKER_HUB = "registry-1.docker.io";

  private final Wire wire;
  private final Transport transport;
  private final Set<String> plainHosts;
  private final Optional<Long> chunk;
  private final Map<String, Endpoint> endpoints = new ConcurrentHashMap<>();

  private RegistryClient(Builder builder) {
    this.wire = new Wire(builder.trust, builder.userAgent);
    Backoff backoff = new Backoff(builder.retries, builder.firstDelay, Backoff.LONGEST);
    this.transport = new Transport(wire, backoff, builder.parallelism, builder.credentials);
    this.plainHosts = Set.copyOf(builder.plainHosts);
    this.chunk = builder.chunk;
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * The repository of {@code name}; its tag and digest are ignored. Nothing is asked of the
   * registry yet.
   */
  public Repository repository(Reference name) {
    // on this machine nothing breaks in between, and one request is cheaper than many
    long most = chunk.orElse(name.isLoopback() ? Long.MAX_VALUE : CHUNK);
    return new RegistryRepository(transport, name, endpoint(name), most);
  }

  /** What the registry of {@code name} offers beyond the distribution API. */
  public Extension extension(Reference name) {
    return new Extension(transport, name, endpoint(name));
  }

  private Endpoint endpoint(Reference name) {
    return endpoints.computeIfAbsent(
        name.registry(),
        registry -> {
          String host = registry.equals("docker.io") ? DOCKER_HUB : registry;
          return new Endpoint(wire, transport, name, host, base(name, host));
        });
  }

  /** Empty if it is to be found out. */
  private Optional<URI> base(Reference name, String host) {
    if (plainHosts.contains(name.registry())) {
      return Optional.of(URI.create("http://" + host));
    }
    return name.isLoopback() ? Optional.empty() : Optional.of(URI.create("https://" + host));
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
    private Optional<Long> chunk = Optional.empty();
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

    /**
     * Blobs of more bytes are uploaded in chunks of this many; unless set, 128 MiB, and without
     * limit to a registry on this machine.
     */
    public Builder chunkBytes(long value) {
      this.chunk = Optional.of(Math.max(2, value));
      return this;
    }

    /**
     * Speaks plain HTTP to this registry (host and port as in references), credentials included.
     */
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
