package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.signing.tuf.KeptTrust;
import dev.bulla.signing.tuf.RoleState;
import dev.bulla.signing.tuf.TrustCache;
import dev.bulla.signing.tuf.TrustSource;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla trust root}: fetches and shows the trusted root of a Sigstore instance. */
@CommandLine.Command(
    description = {
      "Fetches the trusted root of a Sigstore instance by TUF, so that nobody on the way can",
      "change it, hold it back unnoticed or play back an old one; verify takes it from there."
    },
    footer = {
      "",
      "Examples:",
      "  bulla trust root init --url https://tuf-repo-cdn.sigstore.dev --root root.json",
      "  bulla trust root update",
      "  bulla trust root show --output json",
      "",
      "Ends with 3 if what the repository says is refused, 4 if it cannot be reached."
    })
public final class TrustRootCommand extends Command {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "init|update|show",
      description = "init: begin with a root. update: fetch what is new. show: what is there.")
  String verb = "";

  @CommandLine.Option(
      names = "--url",
      paramLabel = "URL",
      description = "init: the repository's metadata; https, http or file.")
  @Nullable String url;

  @CommandLine.Option(
      names = "--targets-url",
      paramLabel = "URL",
      description = "init: the repository's files (default: targets/ below --url).")
  @Nullable String targetsUrl;

  @CommandLine.Option(
      names = "--root",
      paramLabel = "FILE",
      description = "init: a root.json that you trust, from whom you trust.")
  @Nullable String root;

  @CommandLine.Option(
      names = "--replace",
      description = "init: give up what is there, with its memory of versions.")
  boolean replace;

  @CommandLine.Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "Where it is kept (default: trust/tuf in the home).")
  @Nullable String cache;

  @Override
  public int run(Session session) {
    if (!verb.equals("init") && (url != null || targetsUrl != null || root != null || replace)) {
      throw usage("--url, --targets-url, --root and --replace are for 'init' only", "");
    }
    TrustCache trust = CachedTrust.at(session, cache);
    switch (verb) {
      case "init" -> show(session, trust, init(session, trust));
      case "update" -> show(session, trust, trust.update());
      case "show" ->
          show(
              session,
              trust,
              trust
                  .kept()
                  .orElseThrow(() ->
                      new BullaException(
                          ErrorCode.TRUST_ROOT_INVALID,
                          "%s holds no trusted root".formatted(trust.directory()),
                          "Begin with 'bulla trust root init --url URL --root FILE'.")));
      default ->
          throw usage("'%s' is none of init, update and show".formatted(Shown.text(verb)), "");
    }
    return 0;
  }

  private KeptTrust init(Session session, TrustCache trust) {
    if (url == null || root == null) {
      throw usage(
          "init needs the address of a repository and a root to begin with",
          "Give --url URL --root FILE.");
    }
    TrustSource source =
        targetsUrl == null
            ? TrustSource.of(address(url))
            : new TrustSource(address(url), address(targetsUrl));
    return trust.init(source, InputFiles.read(session, root), replace);
  }

  private static URI address(String written) {
    try {
      return URI.create(written);
    } catch (IllegalArgumentException e) {
      throw usage("'%s' is no address".formatted(Shown.text(written)), "");
    }
  }

  private static void show(Session session, TrustCache trust, KeptTrust kept) {
    Instant now = InstantSource.system().instant();
    ObjectNode document = Json.object();
    document.put("cache", trust.directory().toString());
    document.put("url", kept.source().metadata().toString());
    document.put("refreshedAt", kept.refreshedAt().toString());
    document.put("ageSeconds", kept.age(now).toSeconds());
    document.put("expires", kept.expires().toString());
    document.put("expired", !now.isBefore(kept.expires()));
    document.put("usableOffline", usable(kept, now));
    ArrayNode roles = document.putArray("roles");
    session
        .text()
        .printf(
            "%s%n  asked %s ago (%s), expires %s%s%n",
            kept.source().metadata(),
            words(kept.age(now)),
            kept.refreshedAt(),
            kept.expires(),
            now.isBefore(kept.expires()) ? "" : ": EXPIRED");
    for (RoleState role : kept.roles()) {
      roles
          .addObject()
          .put("name", role.name())
          .put("version", role.version())
          .put("expires", role.expires().toString());
      session
          .text()
          .printf("  %-10s version %d, expires %s%n", role.name(), role.version(), role.expires());
    }
    ArrayNode files = document.putArray("files");
    for (String name : kept.fileNames()) {
      byte[] content = kept.file(name).orElseThrow();
      String digest = Digest.sha256(content).toString();
      files.addObject().put("name", name).put("digest", digest).put("size", content.length);
      session.text().printf("  %s %s (%d bytes)%n", name, digest, content.length);
    }
    session.document(document);
  }

  private static boolean usable(KeptTrust kept, Instant now) {
    try {
      kept.checkUsable(now);
      return true;
    } catch (BullaException e) {
      return false;
    }
  }

  /** A duration in its largest unit. */
  static String words(Duration age) {
    if (age.toDays() > 1) {
      return age.toDays() + " days";
    }
    return age.toHours() > 1 ? age.toHours() + " hours" : age.toMinutes() + " minutes";
  }

  private static BullaException usage(String reason, String nextStep) {
    return new BullaException(ErrorCode.USAGE, reason, nextStep);
  }
}
