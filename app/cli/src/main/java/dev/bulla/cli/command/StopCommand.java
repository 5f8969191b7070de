package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.server.ResidentAddress;
import dev.bulla.server.ResidentClient;
import dev.bulla.store.HomeLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;

/** {@code bulla stop}: asks the server of the home to drain and end, and waits for it. */
@CommandLine.Command(
    description =
        "Stops the server of this home, or what 'bulla warm' left there; running requests may end"
            + " first.")
public final class StopCommand extends Command {
  private static final int PATIENCE_MS = 30_000;

  @Override
  public int run(Session session) {
    Optional<ServerClient> running = ServerClient.connect(session.home());
    if (running.isEmpty()) {
      Optional<ResidentAddress> warm = ResidentClient.stop(session.home());
      if (warm.isPresent()) {
        awaitGone(warm.get().socket());
        session.text().println("Stopped the resident process %d.".formatted(warm.get().process()));
        session.document(Json.object().put("stopped", true));
        return 0;
      }
      session.text().println("No server runs for " + session.home().directory() + ".");
      session.document(Json.object().put("stopped", false));
      return 0;
    }
    try (ServerClient server = running.get()) {
      server.post("/v1/stop", Json.object());
      await(session);
      session.text().println("Stopped the server at " + server.address() + ".");
      session.document(
          Json.object().put("stopped", true).put("address", server.address().toString()));
      return 0;
    }
  }

  private static void awaitGone(Path socket) {
    try {
      for (int waited = 0; Files.exists(socket) && waited < PATIENCE_MS; waited += 20) {
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Until the home is free for the next writer. */
  static void await(Session session) {
    for (int waited = 0; HomeLock.isHeld(session.home()); waited += 50) {
      if (waited > PATIENCE_MS) {
        throw new BullaException(
            ErrorCode.HOME_LOCKED,
            "the server still holds " + session.home().directory() + " after 30 seconds",
            "It may be finishing a long request; try again, or end its process.");
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
