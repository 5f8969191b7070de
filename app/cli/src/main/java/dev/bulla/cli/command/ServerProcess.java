package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.store.Home;
import dev.bulla.store.HomeLock;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Starts a server in the background that outlives the command. */
final class ServerProcess {
  private static final int IDLE_MINUTES = 30;
  private static final int PATIENCE_MS = 60_000;

  private final Session session;

  ServerProcess(Session session) {
    this.session = session;
  }

  /**
   * Starts it and waits until it is ready. Of several that start at the same time one gets the
   * home; the callers of the others find that one.
   */
  ServerClient start() {
    Home home = session.home().create();
    Path log = home.log().resolve("server.log");
    Process process = launch(log);
    for (int waited = 0; waited < PATIENCE_MS; waited += 50) {
      Optional<ServerClient> client = ServerClient.connect(home);
      if (client.isPresent()) {
        return client.get();
      }
      if (!process.isAlive() && !HomeLock.isHeld(home)) {
        throw new BullaException(
            ErrorCode.SERVER_UNAVAILABLE,
            "the background server ended at once: " + lastLine(log),
            "Look at " + log + ", or run 'bulla serve' to see it in the foreground.");
      }
      pause();
    }
    process.destroy();
    throw new BullaException(
        ErrorCode.SERVER_UNAVAILABLE,
        "the background server was not ready within %d seconds".formatted(PATIENCE_MS / 1000),
        "Look at " + log + ".");
  }

  private Process launch(Path log) {
    List<String> command = new ArrayList<>();
    // the terminal's Ctrl-C and hang-up go to the whole group: they are for the command, not for
    // the server it leaves behind
    command.addAll(List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
    command.addAll(program());
    command.addAll(
        List.of(
            "serve",
            "--background",
            "--idle-minutes",
            Integer.toString(IDLE_MINUTES),
            "--home",
            session.home().directory().toString()));
    try {
      Files.createDirectories(log.getParent());
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.redirectInput(new File("/dev/null"));
      builder.redirectErrorStream(true).redirectOutput(log.toFile());
      builder.environment().clear();
      builder.environment().putAll(session.invocation().environment());
      return builder.start();
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.HOME_UNUSABLE,
          "cannot start a background server: " + e.getMessage(),
          "Make " + log.getParent() + " writable, or use --no-server.",
          e);
    }
  }

  /** The launcher if this process came from it, else this process's own Java and class path. */
  private List<String> program() {
    String launcher = session.invocation().environment().getOrDefault("BULLA_LAUNCHER", "");
    if (!launcher.isEmpty() && Files.isExecutable(Path.of(launcher))) {
      return List.of(launcher);
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        "dev.bulla.cli.Main");
  }

  private static String lastLine(Path log) {
    try {
      List<String> lines =
          Files.readAllLines(log).stream().filter(line -> !line.isBlank()).toList();
      return lines.stream()
          .filter(line -> line.startsWith("bulla: "))
          .findFirst()
          .or(() -> lines.stream().findFirst())
          .orElse("no output");
    } catch (IOException e) {
      return "its log cannot be read: " + e.getMessage();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullaException(
          ErrorCode.SERVER_UNAVAILABLE, "interrupted while the server starts", e);
    }
  }
}
