package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.keys.CryptoProvider;
import dev.bulla.server.CommandRunner;
import dev.bulla.server.Resident;
import dev.bulla.server.ResidentOffer;
import dev.bulla.store.Home;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine;

/** {@code bulla warm}: a process that runs short commands for the launcher, and nothing else. */
@CommandLine.Command(
    description = {
      "Stays in the foreground and runs short reading commands (verify, verify-blob, tree, …) for",
      "'bulla' of the same user and home, which then answers in milliseconds. A server started by",
      "'bulla serve' or 'bulla ship' does that, too. Needs no existing home, takes no lock."
    },
    footer = {
      "",
      "Example:  bulla warm --idle-minutes 60 &",
      "",
      "Ends on SIGTERM, Ctrl-C or 'bulla stop'."
    })
public final class WarmCommand extends Command {
  private static final long LOOK_SECONDS = 2;

  @CommandLine.Option(
      names = "--idle-minutes",
      paramLabel = "N",
      defaultValue = "0",
      description = "End after N minutes without a command; 0 never (default).")
  int idleMinutes;

  private final CommandRunner commands;

  /**
   * @param commands that launchers may hand over
   */
  public WarmCommand(CommandRunner commands) {
    this.commands = commands;
  }

  @Override
  public int run(Session session) {
    if (idleMinutes < 0) {
      throw new BullaException(ErrorCode.USAGE, "--idle-minutes must be 0 or more");
    }
    Home home = session.home();
    boolean there = Files.exists(home.directory());
    CountDownLatch stop = new CountDownLatch(1);
    AtomicLong lastUse = new AtomicLong(System.nanoTime());
    ResidentOffer offer = ResidentOffer.of(commands, session.invocation().environment());
    Resident resident =
        Resident.open(home, offer, () -> lastUse.set(System.nanoTime()), stop::countDown);
    Thread end = Thread.ofPlatform().unstarted(() -> close(resident, home, there));
    Runtime.getRuntime().addShutdownHook(end);
    Thread.ofPlatform().daemon().name("crypto").start(CryptoProvider::loadNow);
    session.document(
        Json.object()
            .put("home", home.directory().toString())
            .put("process", resident.address().process())
            .put("socket", resident.address().socket().toString()));
    session.err().println("bulla: warm for " + home.directory());
    session.err().flush();
    try (Rehearsal rehearsal =
        Rehearsal.start(
            commands,
            session.invocation().environment(),
            () -> Duration.ofNanos(System.nanoTime() - lastUse.get()))) {
      await(resident, stop, lastUse);
    }
    close(resident, home, there);
    try {
      Runtime.getRuntime().removeShutdownHook(end);
    } catch (IllegalStateException e) {
      // the process is ending: the hook does the same once more
    }
    return 0;
  }

  /** Until somebody wants the end, or nobody wanted anything for long enough. */
  private void await(Resident resident, CountDownLatch stop, AtomicLong lastUse) {
    try {
      while (!stop.await(LOOK_SECONDS, TimeUnit.SECONDS)) {
        resident.announce();
        long idle = System.nanoTime() - lastUse.get();
        if (idleMinutes > 0 && idle > Duration.ofMinutes(idleMinutes).toNanos()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void close(Resident resident, Home home, boolean homeWasThere) {
    try {
      resident.close();
      if (!homeWasThere) {
        Files.deleteIfExists(home.directory());
      }
    } catch (DirectoryNotEmptyException e) {
      // others use the home by now
    } catch (IOException e) {
      System.getLogger("bulla.warm").log(System.Logger.Level.WARNING, "while stopping", e);
    }
  }
}
