import dev.bulla.core.BullaException;
import dev.bulla.signing.tuf.MetadataCache;
import dev.bulla.signing.tuf.TargetFile;
import dev.bulla.signing.tuf.TrustSource;
import dev.bulla.signing.tuf.TufClient;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Bulla's TUF client behind the command line of theupdateframework/tuf-conformance. */
public final class Client {
  private final Map<String, String> options = new HashMap<>();
  private final List<String> targets = new ArrayList<>();
  private final List<String> words = new ArrayList<>();

  public static void main(String[] arguments) throws IOException {
    try {
      new Client(arguments).run();
    } catch (BullaException e) {
      System.err.println(e.reason() + " [" + e.code().id() + "]");
      System.exit(1);
    }
  }

  private Client(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      if (!arguments[i].startsWith("--")) {
        words.add(arguments[i]);
      } else if (arguments[i].equals("--target-name")) {
        targets.add(arguments[++i]);
      } else {
        options.put(arguments[i], arguments[++i]);
      }
    }
  }

  private void run() throws IOException {
    MetadataCache cache = new MetadataCache(Path.of(options.get("--metadata-dir")));
    if (words.get(0).equals("init")) {
      cache.begin(Files.readAllBytes(Path.of(words.get(1))));
      return;
    }
    URI metadata = URI.create(options.get("--metadata-url"));
    URI files = URI.create(options.getOrDefault("--target-base-url", metadata.toString()));
    boolean download = words.get(0).equals("download");
    try (var repository = new TrustSource(metadata, files).open()) {
      new TufClient(cache, InstantSource.system())
          .refresh(
              repository,
              session -> {
                for (String target : download ? targets : List.<String>of()) {
                  TargetFile file = session.find(target).orElseThrow(() -> missing(target));
                  store(session, file);
                }
                return true;
              });
    }
  }

  /** Under one name for each path, unless it is there already. */
  private void store(TufClient.Session session, TargetFile file) {
    Path place =
        Path.of(options.get("--target-dir"))
            .resolve(URLEncoder.encode(file.path(), StandardCharsets.UTF_8));
    try {
      if (!Files.exists(place) || !file.matches(Files.readAllBytes(place))) {
        Files.write(place, session.download(file));
      }
    } catch (IOException e) {
      throw new IllegalStateException(place + " cannot be written", e);
    }
  }

  private static RuntimeException missing(String target) {
    System.err.println("no role knows " + target);
    System.exit(1);
    return new IllegalStateException();
  }
}
