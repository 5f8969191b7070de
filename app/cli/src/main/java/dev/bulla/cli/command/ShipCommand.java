package dev.bulla.cli.command;

import dev.bulla.advisory.AdvisoryStore;
import dev.bulla.build.Template;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.oci.RegistryClient;
import dev.bulla.pipeline.HomeIdentity;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.pipeline.ServerReleaseBook;
import dev.bulla.pipeline.Ship;
import dev.bulla.pipeline.ShipRequest;
import dev.bulla.pipeline.ShipResult;
import dev.bulla.server.BullaServer;
import dev.bulla.server.ServerSettings;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** {@code bulla ship}: the whole chain for one template. */
@CommandLine.Command(
    description = {
      "Runs the whole chain: resolve, gate, build, inventory, scan, seal, gate, sign, publish,"
          + " verify, record.",
      "A refused image is neither signed nor published; its evidence and the refusal are kept."
    },
    footer = {
      "",
      "A file bulla-ship.yaml beside the template may name advisories and policies.",
      "Ends with 0 if shipped, 3 if refused.",
      "",
      "Examples:",
      "  bulla ship examples/hello",
      "  bulla ship --advisories osv/all.zip --policy own-rules.yaml .",
      "  bulla ship --to registry.example.org/team/app:1.0 ."
    })
public final class ShipCommand extends Command {
  @CommandLine.Parameters(
      paramLabel = "DIR|TEMPLATE",
      description = "A template, or a directory with bulla-image.yaml, .yml or .json.")
  String template = "";

  @CommandLine.Option(
      names = "--to",
      paramLabel = "REGISTRY/REPO[:TAG]",
      description = "Publish here instead of where the template says.")
  @Nullable String to;

  @CommandLine.Option(
      names = "--advisories",
      paramLabel = "DIR|ZIP",
      description = "OSV records to scan with (default: bulla-ship.yaml, else the imported set).")
  @Nullable String advisories;

  @CommandLine.Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "A policy bundle to judge by in addition to the built-in gates; repeatable.")
  List<String> policies = List.of();

  @CommandLine.Option(
      names = "--no-server",
      description = "Leave no server running; start one only for the time of this command.")
  boolean noServer;

  @Override
  public int run(Session session) {
    Path source = session.existing(template);
    check(session, source);
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isPresent()) {
      try (ServerClient server = running.get()) {
        return ship(session, source, server);
      }
    }
    if (noServer) {
      ServerSettings settings =
          new ServerSettings(session.home(), List.of(), false, Optional.empty())
              .with(session.stores());
      try (BullaServer embedded =
              BullaServer.start(settings, InstantSource.system(), new SecureRandom());
          ServerClient server = ServerClient.connect(session.home()).orElseThrow()) {
        embedded.notes().forEach(note -> session.err().println("bulla: " + note));
        return ship(session, source, server);
      }
    }
    try (ServerClient server = new ServerProcess(session).start()) {
      session
          .err()
          .printf(
              "bulla: started a server in the background at %s (stop it with 'bulla stop')%n",
              server.address());
      return ship(session, source, server);
    }
  }

  /** Finds the mistakes of the caller before a server is started for them. */
  private void check(Session session, Path source) {
    Template.load(source);
    destination();
    advisories(session);
    policies(session);
  }

  private Optional<Reference> destination() {
    return Optional.ofNullable(to).map(Reference::parseName);
  }

  private Optional<Path> advisories(Session session) {
    return Optional.ofNullable(advisories).map(session::existing);
  }

  private List<Path> policies(Session session) {
    return policies.stream().map(session::existing).toList();
  }

  private int ship(Session session, Path source, ServerClient server) {
    HomeIdentity identity =
        HomeIdentity.openOrCreate(session.home(), InstantSource.system(), new SecureRandom());
    ShipRequest request =
        new ShipRequest(
            source,
            server.address().getAuthority(),
            destination(),
            advisories(session),
            policies(session));
    Ship.Surroundings surroundings =
        new Ship.Surroundings(
            InstantSource.system(),
            () -> new AdvisoryStore(session.home().directory()).current(),
            Session.VERSION);
    try (RegistryClient client = Registries.client(session)) {
      session.text().printf("Shipping %s%n", template);
      ShipResult result =
          new Ship(identity, client, new ServerReleaseBook(server), surroundings)
              .ship(request, new StageLines(session.text(), session.invocation().terminal()));
      ShipText text = new ShipText(result, identity, session.home().directory());
      session.text().print(text.human());
      session.document(text.json());
      return result.refused() ? ErrorCode.POLICY_REFUSED.exitCode() : 0;
    }
  }
}
