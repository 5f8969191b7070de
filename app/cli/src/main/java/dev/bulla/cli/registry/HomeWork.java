package dev.bulla.cli.registry;

import dev.bulla.access.Robots;
import dev.bulla.access.Workloads;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.registry.Progress;
import dev.bulla.registry.Registry;
import dev.bulla.server.EventService;
import dev.bulla.server.HomeRegistry;
import dev.bulla.store.Actor;
import dev.bulla.store.Home;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Work on the registry of a home: through the server that has it, else as its writer for the
 * moment. Both give the same document.
 */
final class HomeWork {
  private static final int POLL_MS = 100;

  private HomeWork() {}

  /** What is done without a server. */
  @FunctionalInterface
  interface Direct {
    JsonNode run(Registry registry, Progress progress);
  }

  /** Short work: one question to the server. */
  static JsonNode ask(
      Session session,
      Function<ServerClient, JsonNode> server,
      Function<Registry, JsonNode> direct) {
    return byServer(session, server)
        .orElseGet(() -> direct(session, (registry, progress) -> direct.apply(registry)));
  }

  /** The same where nothing need be stored yet: the registry comes to be with it. */
  static JsonNode make(
      Session session,
      Function<ServerClient, JsonNode> server,
      Function<Registry, JsonNode> direct) {
    return byServer(session, server)
        .orElseGet(() -> opened(session, home -> direct.apply(home.registry())));
  }

  /** Short work on the robots of the home. */
  static JsonNode robots(
      Session session, Function<ServerClient, JsonNode> server, Function<Robots, JsonNode> direct) {
    return byServer(session, server)
        .orElseGet(() -> opened(session, home -> direct.apply(home.robots())));
  }

  /** Short work on those whom others vouch for. */
  static JsonNode workloads(
      Session session,
      Function<ServerClient, JsonNode> server,
      Function<Workloads, JsonNode> direct) {
    return byServer(session, server)
        .orElseGet(() -> opened(session, home -> direct.apply(home.workloads())));
  }

  /** Short work on what happened, without a server. */
  static JsonNode events(Session session, Function<EventService, JsonNode> direct) {
    requireRegistry(session);
    return opened(session, home -> direct.apply(home.events()));
  }

  private static Optional<JsonNode> byServer(
      Session session, Function<ServerClient, JsonNode> work) {
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isEmpty()) {
      return Optional.empty();
    }
    try (ServerClient client = running.get()) {
      return Optional.of(work.apply(client));
    }
  }

  private static JsonNode opened(Session session, Function<HomeRegistry, JsonNode> work) {
    try (HomeRegistry home =
        HomeRegistry.open(session.home(), session.stores(), InstantSource.system())) {
      return Actor.OWNER.call(() -> work.apply(home));
    }
  }

  /** Long work: the server is asked how far it is until it is done. */
  static JsonNode run(Session session, String kind, JsonNode request, Direct direct) {
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isEmpty()) {
      return direct(session, direct);
    }
    try (ServerClient client = running.get();
        ProgressLine line = new ProgressLine(session)) {
      JsonNode job = client.post("/v1/registry/" + kind, request);
      while (job.path("state").asString("").equals("running")) {
        Thread.sleep(POLL_MS);
        job = client.get("/v1/registry/jobs/" + job.path("id").asLong(0));
        line.at(
            job.path("stage").asString(""),
            job.path("done").asLong(0),
            job.path("total").asLong(0));
      }
      if (job.path("state").asString("").equals("done")) {
        return job.path("result");
      }
      throw failure(job.path("error"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullaException(ErrorCode.INTERNAL, kind + " was interrupted", e);
    }
  }

  private static JsonNode direct(Session session, Direct work) {
    requireRegistry(session);
    try (ProgressLine line = new ProgressLine(session)) {
      return opened(session, home -> work.run(home.registry(), line));
    }
  }

  private static void requireRegistry(Session session) {
    Home home = session.home();
    if (session.stores().records().isEmpty() && !Files.exists(home.records())) {
      throw new BullaException(
          ErrorCode.STORE_SCHEMA_MISSING,
          "there is no registry in " + home.directory(),
          "Nothing has been stored in this home yet; run 'bulla ship' or 'bulla serve' first.");
    }
  }

  static BullaException failure(JsonNode error) {
    String id = error.path("code").asString("");
    for (ErrorCode code : ErrorCode.values()) {
      if (code.id().equals(id)) {
        return new BullaException(
            code, error.path("message").asString(""), error.path("nextStep").asString(""));
      }
    }
    return new BullaException(ErrorCode.SERVER_UNAVAILABLE, "the server failed: " + error);
  }
}
