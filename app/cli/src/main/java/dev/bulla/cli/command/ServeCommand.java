package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.server.BullaServer;
import dev.bulla.server.CommandRunner;
import dev.bulla.server.PublicFace;
import dev.bulla.server.ResidentOffer;
import dev.bulla.server.ServerSettings;
import dev.bulla.web.Listener;
import dev.bulla.web.Proxies;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla serve}: one process that composes every service, in the foreground. */
@CommandLine.Command(
    description = {
      "Serves the registry (/v2/), the native API (/v1/), /health and /metrics.",
      "Takes over from a server that 'bulla ship' left in the background."
    },
    footer = {
      "",
      "Several servers, each with a home of its own, over one database and one blob store:",
      "  bulla serve --records 'postgresql://bulla@db.example.net/bulla?passwordFile=/run/pw'",
      "",
      "From a file: 'listen: [https://0.0.0.0:5000]', 'tls-certificate: tls.crt', …",
      "  bulla serve --config bulla.yaml",
      "",
      "Ends on SIGTERM, Ctrl-C or 'bulla stop', after running requests have ended."
    })
public final class ServeCommand extends HomeCommand {
  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @CommandLine.Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "These options in a YAML file, by their names without dashes; repeatable ones are lists."
              + " The command line and the environment go before it.")
  @Nullable String config;

  @CommandLine.Option(
      names = "--listen",
      paramLabel = "URL",
      description =
          "http://127.0.0.1:PORT or https://127.0.0.1:PORT, a loopback address, or"
              + " https://ADDRESS:PORT with --tls-certificate; repeatable; port 0 lets the system"
              + " choose. Default, and always beside others than loopback: the port that this home"
              + " had before, else 7470 or the next free one.")
  List<String> listen = List.of();

  @CommandLine.Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description =
          "PEM chain that listeners beyond loopback answer with, the leaf first. A renewed one is"
              + " used without a restart.")
  @Nullable String tlsCertificate;

  @CommandLine.Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Its key in PEM, readable by its owner only.")
  @Nullable String tlsKey;

  @CommandLine.Option(
      names = "--tls-client-ca",
      paramLabel = "FILE",
      description = "Authorities in PEM whose certificates callers may show there.")
  @Nullable String tlsClientCa;

  @CommandLine.Option(
      names = "--tls-client-crl",
      paramLabel = "FILE",
      description =
          "Revocation lists of all authorities above such a certificate, PEM or DER. One that is"
              + " revoked, or of whose issuer there is no current list, is refused. A new file is"
              + " used without a restart.")
  @Nullable String tlsClientCrl;

  @CommandLine.Option(
      names = "--host",
      paramLabel = "NAME",
      description =
          "A name by which callers address this server, beside those in the certificate;"
              + " repeatable.")
  List<String> hosts = List.of();

  @CommandLine.Option(
      names = "--trusted-proxy",
      paramLabel = "ADDRESS",
      description =
          "A proxy whose X-Forwarded-For, -Proto and -Host are believed, as 10.0.0.7 or 10.0.0.0/8;"
              + " repeatable.")
  List<String> proxies = List.of();

  @CommandLine.Option(
      names = "--rate-limit",
      paramLabel = "N",
      defaultValue = "" + PublicFace.REQUESTS,
      description =
          "Requests a second for each robot and workload; 0 no limit (default: ${DEFAULT-VALUE}).")
  int rateLimit;

  @CommandLine.Option(
      names = "--anonymous-rate-limit",
      paramLabel = "N",
      defaultValue = "" + PublicFace.ANONYMOUS_REQUESTS,
      description =
          "The same for each address from which callers elsewhere come without a credential"
              + " (default: ${DEFAULT-VALUE}).")
  int anonymousRateLimit;

  @CommandLine.Option(names = "--background", hidden = true)
  boolean background;

  @CommandLine.Option(
      names = "--idle-minutes",
      paramLabel = "N",
      defaultValue = "0",
      description = "End after N minutes without a request; 0 never (default).")
  int idleMinutes;

  private final CommandRunner commands;

  /**
   * @param commands that launchers may hand over
   */
  public ServeCommand(CommandRunner commands) {
    this.commands = commands;
  }

  @Override
  public int run(Session session) {
    if (config != null && spec != null) {
      SettingsFile.apply(session, spec, config);
    }
    if (idleMinutes < 0) {
      throw new BullaException(ErrorCode.USAGE, "--idle-minutes must be 0 or more");
    }
    List<Listener> listeners = listen.stream().map(Listener::parse).toList();
    takeOver(session);
    ServerSettings settings =
        new ServerSettings(
            session.home(),
            listeners,
            background,
            idleMinutes == 0 ? Optional.empty() : Optional.of(Duration.ofMinutes(idleMinutes)),
            Optional.of(ResidentOffer.of(commands, session.invocation().environment())),
            face(session),
            session.stores());
    try (BullaServer server =
        BullaServer.start(settings, InstantSource.system(), new SecureRandom())) {
      Thread drain = Thread.ofPlatform().unstarted(server::close);
      Runtime.getRuntime().addShutdownHook(drain);
      server.notes().forEach(note -> session.err().println("bulla: " + note));
      document(session, server);
      session
          .err()
          .println(
              "bulla: serving %s at %s".formatted(session.home().directory(), server.addresses()));
      session.err().flush();
      try (Rehearsal rehearsal =
          Rehearsal.start(commands, session.invocation().environment(), server::idle)) {
        server.awaitStop();
      }
      forget(drain);
    }
    return 0;
  }

  private static Optional<Path> file(Session session, @Nullable String named) {
    return Optional.ofNullable(named).map(session::path);
  }

  private PublicFace face(Session session) {
    Proxies.parse(proxies);
    return new PublicFace(
        file(session, tlsCertificate),
        file(session, tlsKey),
        file(session, tlsClientCa),
        file(session, tlsClientCrl),
        hosts,
        proxies,
        rateLimit,
        anonymousRateLimit);
  }

  /** A process that outlives this command must not keep what the command needed to end. */
  private static void forget(Thread drain) {
    try {
      Runtime.getRuntime().removeShutdownHook(drain);
    } catch (IllegalStateException e) {
      // the process is ending: the hook is what ends this server
    }
  }

  /** Where it listens, for scripts that let the system choose the port. */
  private static void document(Session session, BullaServer server) {
    ObjectNode document = Json.object();
    document.put("home", session.home().directory().toString());
    document.put("process", ProcessHandle.current().pid());
    ArrayNode addresses = document.putArray("addresses");
    server.addresses().forEach(address -> addresses.add(address.toString()));
    session.document(document);
  }

  private void takeOver(Session session) {
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isEmpty()) {
      return;
    }
    try (ServerClient server = running.get()) {
      if (!server.get("/v1/status").path("background").asBoolean(false)) {
        throw new BullaException(
            ErrorCode.HOME_LOCKED,
            "a server runs for %s already, at %s (process %d)"
                .formatted(session.home().directory(), server.address(), server.pid()),
            "Use it, stop it with 'bulla stop', or name another directory with --home.");
      }
      session.err().println("bulla: taking over from the background server at " + server.address());
      server.post("/v1/stop", Json.object());
    }
    StopCommand.await(session);
  }
}
