package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.registry.http.ReplicationRoutes;
import dev.bulla.registry.replication.PassReport;
import dev.bulla.registry.replication.Replication;
import dev.bulla.server.ReplicationService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry replicate}: a copy of another registry's repositories. */
@CommandLine.Command(
    description = {
      "Copies repositories of another registry into this one, with their evidence, and shows what",
      "the trust policies bound here accept. Their home is there: here they are not pushed to.",
      "Without a pattern, lists the replications."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry bind 'team/*' --trust trust.yaml",
      "  bulla registry replicate --from https://east.example 'team/*'",
      "  bulla registry replicate --from https://east.example 'team/*' --follow",
      "  bulla registry replicate --end 'team/*'",
      "",
      "With --follow the server of this home keeps the copy up to date by itself; without a server",
      "this command does, until it is ended. Ends with 3 if the source shows another past than it",
      "did before, with 1 if something cannot be had, with 4 if the source cannot be reached."
    })
public final class ReplicateCommand extends HomeCommand {
  private static final Pattern RATE = Pattern.compile("([0-9]{1,9})(B|KB|MB|GB|KiB|MiB|GiB)(/s)?");
  private static final long PAUSE_MS = 5_000;

  @CommandLine.Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "REPO-GLOB",
      description = "Repositories without host; * is any part of a name, ** also slashes.")
  @Nullable String glob;

  @CommandLine.Option(
      names = "--from",
      paramLabel = "URL",
      description = "The registry where they have their home: https://HOST[:PORT].")
  @Nullable String from;

  @CommandLine.Option(names = "--once", description = "One pass, now (the default).")
  boolean once;

  @CommandLine.Option(names = "--follow", description = "Go on following the source.")
  boolean follow;

  @CommandLine.Option(
      names = "--bandwidth",
      paramLabel = "RATE",
      description = "Fetch at most so much: 500KB/s, 10MB/s, 10MiB/s (default: no limit).")
  @Nullable String bandwidth;

  @CommandLine.Option(
      names = "--credentials-file",
      paramLabel = "FILE",
      description = "One line NAME:SECRET for the source (default: as 'docker login' stored it).")
  @Nullable String credentials;

  @CommandLine.Option(
      names = "--region",
      paramLabel = "NAME",
      description = "What this registry calls itself to the source (default: from its key).")
  @Nullable String region;

  @CommandLine.Option(
      names = "--source-key",
      paramLabel = "FILE",
      description = "The public key of the source, PEM (default: the first one it shows).")
  @Nullable String sourceKey;

  @CommandLine.Option(
      names = "--end",
      description = "End the replication: what was copied stays, and this becomes its home.")
  boolean end;

  @Override
  public int run(Session session) {
    if (once && follow || end && (from != null || follow)) {
      throw new BullaException(ErrorCode.USAGE, "--once, --follow and --end exclude each other");
    }
    if (glob == null) {
      if (from != null || end || follow || once) {
        throw new BullaException(
            ErrorCode.USAGE,
            "replicate does not know which repositories are meant",
            "Give their pattern, for example 'team/*'; without any option, replicate lists the"
                + " replications.");
      }
      return list(session);
    }
    if (end) {
      return end(session, glob);
    }
    if (from == null) {
      throw new BullaException(
          ErrorCode.USAGE, "replicate needs a source", "Give --from https://HOST.");
    }
    ObjectNode request = request(session, glob, from);
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isEmpty()) {
      return ReplicationWork.direct(session, (home, service) -> direct(session, service, request));
    }
    try (ServerClient server = running.get()) {
      JsonNode saved = server.post("/v1/registry/replications", request);
      if (follow) {
        session.text().printf("The server of this home follows %s for %s.%n", from, glob);
        session.document(saved);
        return 0;
      }
      return show(
          session,
          ReplicationWork.wait(
              session, server, "/v1/registry/replications/run", Json.object().put("glob", glob)));
    }
  }

  private ObjectNode request(Session session, String glob, String from) {
    ObjectNode request = Json.object().put("source", from).put("glob", glob).put("follow", follow);
    request.put("bandwidth", bandwidth == null ? 0 : rate(bandwidth));
    if (credentials != null) {
      request.put("credentials", session.existing(credentials).toAbsolutePath().toString());
    }
    if (region != null) {
      request.put("region", region);
    }
    if (sourceKey != null) {
      request.put("sourceKey", text(session.existing(sourceKey)));
    }
    ReplicationRoutes.replication(request, "checked"); // a mistake is told before anybody is asked
    return request;
  }

  private int direct(Session session, ReplicationService service, ObjectNode request) {
    Replication one =
        service.replications().save(ReplicationRoutes.replication(request, service.region()));
    while (true) {
      try (ProgressLine line = new ProgressLine(session)) {
        PassReport report = service.replications().run(one, true, line);
        int exit = show(session, report.toJson());
        if (!follow) {
          return exit;
        }
      } catch (BullaException e) {
        if (!follow || e.code().kind() != ErrorCode.Kind.UNAVAILABLE) {
          throw e;
        }
        session.err().println(Shown.text(e.reason()));
      }
      try {
        Thread.sleep(PAUSE_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return 0;
      }
    }
  }

  static int show(Session session, JsonNode report) {
    int worst = 0;
    for (JsonNode one : report.path("repositories")) {
      session
          .text()
          .printf(
              "%s: %d manifests (%s) taken, %d taken back%s%n",
              one.path("name").asString(""),
              one.path("taken").asLong(0),
              Bytes.shown(one.path("bytes").asLong(0)),
              one.path("removed").asLong(0),
              one.path("behind").asLong(0) > 0
                  ? ", %d entries behind".formatted(one.path("behind").asLong(0))
                  : "");
      named(session, "  lacking ", one.path("lacking"));
      named(session, "  refused ", one.path("refused"));
      if (!one.path("lacking").isEmpty()) {
        worst = worse(worst, 1);
      }
      if (one.has("error")) {
        JsonNode error = one.path("error");
        session
            .text()
            .printf(
                "  %s: %s%n",
                error.path("code").asString(""), Shown.text(error.path("message").asString("")));
        worst = worse(worst, ReplicationWork.exitCode(error.path("code").asString("")));
      }
    }
    if (report.path("repositories").isEmpty()) {
      session.text().println("There is no such repository, or it is not shown.");
    }
    if (!report.path("kept").asBoolean(true)) {
      session.text().println("Nothing has come, so this is not kept, and pushes are welcome.");
    }
    session.document(report);
    return worst;
  }

  /** 3 before 4 before 1. */
  private static int worse(int one, int other) {
    return one == 3 || other == 3 ? 3 : Math.max(one, other);
  }

  private static void named(Session session, String word, JsonNode all) {
    for (JsonNode one : all) {
      session
          .text()
          .println(
              word
                  + one.path("digest").asString("")
                  + " "
                  + Shown.text(one.path("reason").asString("")));
    }
  }

  private static int list(Session session) {
    JsonNode all =
        ReplicationWork.ask(
            session,
            server -> server.get("/v1/registry/replications"),
            (home, service) -> ReplicationRoutes.describe(service.replications()));
    for (JsonNode one : all.path("replications")) {
      session
          .text()
          .printf(
              "%-30s from %s as %s%s, last pass %s%s%n",
              one.path("glob").asString(""),
              one.path("source").asString(""),
              one.path("region").asString(""),
              one.path("follow").asBoolean(false) ? ", followed" : "",
              one.path("ran").asString("never"),
              one.path("failure").asString("").isEmpty()
                  ? ""
                  : ": " + Shown.text(one.path("failure").asString("")));
    }
    session.document(all);
    return 0;
  }

  private static int end(Session session, String glob) {
    JsonNode ended =
        ReplicationWork.ask(
            session,
            server -> server.post("/v1/registry/replications/end", Json.object().put("glob", glob)),
            (home, service) -> ReplicationRoutes.end(service.replications(), glob));
    boolean was = ended.path("ended").asBoolean(false);
    session
        .text()
        .println(
            was
                ? "Ended: " + glob + " has its home here now."
                : "There is no replication of " + glob);
    session.document(ended);
    return was ? 0 : 1;
  }

  static long rate(String text) {
    Matcher form = RATE.matcher(text);
    if (!form.matches()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--bandwidth is '%s', expected a number with B, KB, MB, GB, KiB, MiB or GiB"
              .formatted(Shown.text(text)),
          "For example: --bandwidth 10MB/s");
    }
    long unit = form.group(2).contains("i") ? 1024 : 1000;
    int power = "BKMG".indexOf(form.group(2).toUpperCase(Locale.ROOT).charAt(0));
    long rate = Long.parseLong(form.group(1)) * (long) Math.pow((double) unit, power);
    return Math.max(1, rate);
  }

  static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "cannot read the key " + file, e);
    }
  }
}
