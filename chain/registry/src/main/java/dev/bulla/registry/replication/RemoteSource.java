package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A source over HTTP. Owns its client. */
public final class RemoteSource implements Source {
  private static final int MAX_FEEDS = 16 * 1024 * 1024;
  private static final int MAX_ANSWER = 64 * 1024;

  private final RegistryClient client;
  private final String registry;
  private boolean knocked;

  /**
   * @param registry host and port
   */
  public RemoteSource(RegistryClient client, String registry) {
    this.client = client;
    this.registry = registry;
  }

  /**
   * Host and port of the address of a registry.
   *
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public static String registryOf(String url) {
    try {
      URI uri = URI.create(url.contains("://") ? url : "https://" + url);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean root = uri.getRawPath().isEmpty() || uri.getRawPath().equals("/");
      if (http && root && uri.getRawAuthority() != null && uri.getUserInfo() == null) {
        String host = uri.getRawAuthority();
        if (!host.contains(".") && !host.contains(":") && !host.equals("localhost")) {
          host += "http".equals(uri.getScheme()) ? ":80" : ":443"; // else it is a part of a name
        }
        return Reference.parseName(host + "/any").registry();
      }
    } catch (IllegalArgumentException | BullaException e) {
      // told below
    }
    throw new BullaException(
        ErrorCode.USAGE,
        "'%s' is not the address of a registry".formatted(Shown.text(url)),
        "Write https://HOST or http://HOST:PORT, without a path.");
  }

  @Override
  public Optional<Feeds> feeds(Glob glob, long since, int waitSeconds) {
    knock(glob);
    String tail =
        "_feeds?since=%d&wait=%d&glob=%s"
            .formatted(since, waitSeconds, URLEncoder.encode(glob.text(), StandardCharsets.UTF_8));
    return client.extension(any(glob)).get(tail, MAX_FEEDS).map(RemoteSource::feeds);
  }

  /** Reads what a source says that it has; nobody has signed it. */
  static Feeds feeds(byte[] bytes) {
    Fields fields =
        Fields.of(Json.parse(bytes, MAX_FEEDS, "feeds"), "feeds").only("written", "feeds");
    Map<String, Long> sizes = new LinkedHashMap<>();
    Map<String, List<String>> homes = new LinkedHashMap<>();
    for (Fields one : fields.objects("feeds")) {
      String name = one.string("repository");
      if (!Reference.isRepository(name) || one.integer("size") < 0) {
        throw one.invalid("repository", "no name, or its size is negative");
      }
      sizes.put(name, one.integer("size"));
      if (one.has("homes")) {
        homes.put(name, Homes.parse(one));
      }
    }
    return new Feeds(fields.integer("written"), sizes, homes);
  }

  /** Before anything else: who is not asked for a credential may be shown less. */
  private synchronized void knock(Glob glob) {
    if (!knocked) {
      client.extension(any(glob)).knock();
      knocked = true;
    }
  }

  @Override
  public byte[] page(String repository, long after) {
    String tail = "%s/_feed?after=%d&n=%d".formatted(repository, after, FeedPage.MAX_ENTRIES);
    return client
        .extension(name(repository))
        .get(tail, FeedPage.MAX_BYTES)
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.REGISTRY_PROTOCOL,
                "%s keeps feeds, but shows none of %s".formatted(registry, repository),
                "Give the replica's credential the role AcrQuarantineReader at the source."));
  }

  @Override
  public List<String> repositories(Glob glob) {
    knock(glob);
    return glob.isName()
        ? List.of(glob.text())
        : client.extension(any(glob)).catalog().stream().filter(glob::matches).toList();
  }

  @Override
  public Repository repository(String name) {
    return client.repository(name(name));
  }

  @Override
  public void report(String repository, byte[] report) {
    client.extension(name(repository)).post(repository + "/_receipts", report, MAX_ANSWER);
  }

  private Reference name(String repository) {
    return Reference.parseName(registry + "/" + repository);
  }

  private Reference any(Glob glob) {
    return name(glob.isName() ? glob.text() : "any");
  }

  @Override
  public void close() {
    client.close();
  }
}
