package dev.bulla.cli.command;

import dev.bulla.core.Digest;
import dev.bulla.pipeline.HomeIdentity;
import dev.bulla.server.CommandRunner;
import dev.bulla.server.Invocation;
import dev.bulla.store.Home;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Verifications that nobody asked for, so that the first ones that somebody does ask for find
 * compiled code: a fresh Java runtime takes three times as long for one as after some hundreds.
 *
 * <p>They have a home and a registry of their own, gone when they end, and go on only while nobody
 * wants anything else of the process. A rehearsal that fails is over and changes nothing.
 */
final class Rehearsal implements AutoCloseable {
  /** Of the environment: {@code off} for none. */
  static final String VARIABLE = "BULLA_REHEARSAL";

  private static final int ROUNDS = 300;

  /** The compiler of the Java runtime is to keep up. */
  private static final Duration BREATH = Duration.ofMillis(2);

  private static final Duration QUIET = Duration.ofMillis(700);

  private final CommandRunner commands;
  private final Supplier<Duration> idle;
  private final int rounds;
  private final Thread thread;
  private final AtomicInteger done = new AtomicInteger();

  private Rehearsal(CommandRunner commands, Supplier<Duration> idle, int rounds) {
    this.commands = commands;
    this.idle = idle;
    this.rounds = rounds;
    this.thread = Thread.ofPlatform().daemon().name("rehearsal").unstarted(this::run);
  }

  /**
   * Begins as soon as nobody wants anything; does nothing if {@link #VARIABLE} says so.
   *
   * @param environment of this process
   * @param idle how long nobody has wanted anything of this process
   */
  static Rehearsal start(
      CommandRunner commands, Map<String, String> environment, Supplier<Duration> idle) {
    boolean off = environment.getOrDefault(VARIABLE, "").equals("off");
    return start(commands, idle, off ? 0 : ROUNDS);
  }

  /**
   * The same, of another length.
   *
   * @param rounds how many verifications
   */
  static Rehearsal start(CommandRunner commands, Supplier<Duration> idle, int rounds) {
    Rehearsal rehearsal = new Rehearsal(commands, idle, rounds);
    if (rounds > 0) {
      rehearsal.thread.start();
    }
    return rehearsal;
  }

  /** How many verifications are done. */
  int done() {
    return done.get();
  }

  /** Whether no more will come. */
  boolean isOver() {
    return !thread.isAlive();
  }

  /** Ends it and takes its files away. */
  @Override
  public void close() {
    if (thread.getState() == Thread.State.NEW) {
      return; // there is none
    }
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      awaitQuiet();
      Path place = Files.createTempDirectory("bulla-rehearsal");
      Thread end = Thread.ofPlatform().unstarted(this::close);
      Runtime.getRuntime().addShutdownHook(end);
      try (AutoCloseable files = () -> delete(place)) {
        rehearse(place);
      } finally {
        Runtime.getRuntime().removeShutdownHook(end);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception | LinkageError e) { // also: the process is ending
      System.getLogger("bulla.rehearsal").log(System.Logger.Level.DEBUG, "ended early", e);
    }
  }

  private void rehearse(Path place) throws IOException, InterruptedException {
    Home home = new Home(place.resolve("home"));
    HomeIdentity identity =
        HomeIdentity.openOrCreate(home, InstantSource.system(), new SecureRandom());
    Path layout = place.resolve("layout");
    Digest image = LayoutServer.imageIn(layout);
    expect(place, "sign", "--oci-layout", layout + "@" + image);
    try (LayoutServer registry = LayoutServer.start(layout, image)) {
      String reference = "%s/rehearsal@%s".formatted(registry.address(), image);
      String[] byKey = {"verify", "--key", identity.publicKey().toString(), reference};
      String[] byPolicy = {
        "verify",
        "--trust-policy",
        identity.trustPolicy().toString(),
        "--trust-store",
        identity.trustStore().toString(),
        reference
      };
      for (int round = 0; round < rounds; round++) {
        expect(place, round % 2 == 0 ? byKey : byPolicy);
        done.incrementAndGet();
        Thread.sleep(BREATH);
        awaitQuiet();
      }
    }
  }

  private void expect(Path place, String... words) throws IOException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, false, StandardCharsets.UTF_8);
    String home = place.resolve("home").toString();
    Invocation invocation =
        new Invocation(
            List.of(words),
            place,
            Map.of("BULLA_HOME", home, "HOME", home),
            InputStream.nullInputStream(),
            out,
            out,
            false);
    if (words[0].equals("verify") && !commands.mayRunResident(invocation)
        || commands.run(invocation) != 0) {
      out.flush();
      throw new IOException(words[0] + ": " + said.toString(StandardCharsets.UTF_8));
    }
  }

  private void awaitQuiet() throws InterruptedException {
    for (Duration rest = rest(); rest.isPositive(); rest = rest()) {
      Thread.sleep(rest);
    }
  }

  private Duration rest() {
    return QUIET.minus(idle.get());
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
