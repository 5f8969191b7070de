package dev.bulla.cli.registry;

import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.server.HomeRegistry;
import dev.bulla.server.ReplicationService;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Work on the replications of a home: through its server, else as its writer for the moment. */
final class ReplicationWork {
  private static final int POLL_MS = 100;

  private ReplicationWork() {}

  static JsonNode ask(
      Session session, Function<ServerClient, JsonNode> server, Direct<JsonNode> direct) {
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isPresent()) {
      try (ServerClient client = running.get()) {
        return server.apply(client);
      }
    }
    return direct(session, direct);
  }

  /** Has the server do something long, and waits for it. */
  static JsonNode wait(Session session, ServerClient client, String path, JsonNode request) {
    try (ProgressLine line = new ProgressLine(session)) {
      JsonNode job = client.post(path, request);
      while (job.path("state").asString("").equals("running")) {
        Thread.sleep(POLL_MS);
        job = client.get("/v1/registry/replications/jobs/" + job.path("id").asLong(0));
        line.at(job.path("stage").asString(""), job.path("done").asLong(0), 0);
      }
      if (job.path("state").asString("").equals("done")) {
        return job.path("result");
      }
      throw HomeWork.failure(job.path("error"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullaException(ErrorCode.INTERNAL, "the wait was interrupted", e);
    }
  }

  /** The exit code that a code of an error has. */
  static int exitCode(String code) {
    for (ErrorCode one : ErrorCode.values()) {
      if (one.id().equals(code)) {
        return one.exitCode();
      }
    }
    return 1;
  }

  /** Something done without a server. */
  @FunctionalInterface
  interface Direct<T> {
    T run(HomeRegistry home, ReplicationService service);
  }

  static <T> T direct(Session session, Direct<T> work) {
    try (HomeRegistry home =
            HomeRegistry.open(session.home(), session.stores(), InstantSource.system());
        ReplicationService service = home.replication()) {
      return work.run(home, service);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new BullaException(ErrorCode.INTERNAL, "the registry cannot be closed: " + e, e);
    }
  }
}
