package dev.bulla.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A PostgreSQL server of one's own, in a new directory below the temporary one, at a free port of
 * this machine; gone with the test.
 *
 * <p>The programs are looked for in {@code /usr/lib/postgresql/VERSION/bin} and on the {@code
 * PATH}; a test is skipped with the reason if there are none. As PostgreSQL refuses to run as root,
 * root runs it as {@code postgres} or {@code nobody}. Its texts sort by the rules of English unless
 * a column says otherwise, so that a forgotten {@code COLLATE} is seen.
 */
public final class PostgresServer implements AutoCloseable {
  private static final String USER = "bulla";
  private static final String DATABASE = "postgres";
  private static final long PATIENCE_SECONDS = 60;
  private static @Nullable PostgresServer shared;

  private final Path programs;
  private final Path directory;
  private final List<String> asUser;
  private final int port;
  private final boolean durable;
  private final AtomicInteger count = new AtomicInteger();
  private @Nullable Process process;

  private PostgresServer(Path programs, Path directory, List<String> asUser, boolean durable)
      throws IOException {
    this.programs = programs;
    this.directory = directory;
    this.asUser = asUser;
    this.durable = durable;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = socket.getLocalPort();
    }
  }

  /** The server that the tests of one process share; skips the test if there can be none. */
  public static synchronized PostgresServer shared() {
    PostgresServer known = shared;
    if (known == null) {
      known = start(false);
      shared = known;
      Runtime.getRuntime().addShutdownHook(new Thread(known::close));
    }
    return known;
  }

  /**
   * Starts a server; skips the test if there can be none.
   *
   * @param durable whether it forces its writes to the disk, as one must that is to be killed
   */
  public static PostgresServer start(boolean durable) {
    Optional<Path> programs = programs();
    Assumptions.assumeTrue(
        programs.isPresent(),
        "no PostgreSQL: initdb is neither in /usr/lib/postgresql/*/bin nor on PATH");
    try {
      Path directory = Files.createTempDirectory("postgres");
      List<String> asUser = user(directory);
      PostgresServer server =
          new PostgresServer(programs.orElseThrow(), directory, asUser, durable);
      server.initialize();
      server.begin();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The URL of a new, empty schema: quicker than a database of its own, and as good. */
  public String newSchema() {
    String name = "trial" + count.incrementAndGet();
    sql("CREATE SCHEMA " + name);
    return urlOf(DATABASE) + "?currentSchema=" + name;
  }

  public String urlOf(String database) {
    return "postgresql://" + USER + "@127.0.0.1:" + port + "/" + database;
  }

  /** What {@code psql} answers, rows by lines. */
  public String sql(String statement) {
    return run(
        List.of(
            program("psql"),
            "-h",
            "127.0.0.1",
            "-p",
            String.valueOf(port),
            "-U",
            USER,
            "-d",
            DATABASE,
            "-AtXqc",
            statement));
  }

  /** Breaks all connections of Bulla off. */
  public void cutConnections() {
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bulla'");
  }

  /** Ends the server at once, as a crash would, and starts it again. */
  public void crashAndRestart() {
    crash();
    begin();
  }

  /** Ends the server at once, as a crash would. */
  public void crash() {
    stop("-QUIT");
  }

  /** Ends all connections in good order and starts again. */
  public void restart() {
    stop("-INT");
    begin();
  }

  /** Starts it again after {@link #crash}. */
  public void begin() {
    try {
      Path log = directory.resolve("log");
      Files.deleteIfExists(log);
      List<String> command = new ArrayList<>(asUser);
      command.addAll(
          List.of(
              program("postgres"),
              "-D",
              directory.resolve("data").toString(),
              "-p",
              String.valueOf(port),
              "-c",
              "listen_addresses=127.0.0.1",
              "-c",
              "unix_socket_directories=",
              "-c",
              "fsync=" + (durable ? "on" : "off"),
              "-c",
              "shared_buffers=32MB",
              "-c",
              "max_connections=60"));
      Process started =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      process = started;
      awaitReady(started, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    stop("-INT");
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void initialize() {
    List<String> command = new ArrayList<>(asUser);
    command.addAll(
        List.of(
            program("initdb"),
            "-D",
            directory.resolve("data").toString(),
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--locale-provider=icu",
            "--icu-locale=en-US",
            "--no-sync",
            "--no-instructions"));
    run(command);
  }

  private void stop(String signal) {
    Process running = process;
    process = null;
    if (running != null && running.isAlive()) {
      run(List.of("kill", signal, String.valueOf(running.pid())));
      await(running, "postgres");
    }
  }

  private static void awaitReady(Process started, Path log) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Files.readString(log).contains("ready to accept connections")) {
      if (!started.isAlive() || System.nanoTime() > end) {
        started.destroyForcibly();
        throw new IllegalStateException("postgres did not start: " + Files.readString(log));
      }
      pause();
    }
  }

  private String program(String name) {
    return programs.resolve(name).toString();
  }

  private String run(List<String> command) {
    try {
      Process started =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      started.getOutputStream().close();
      String said = new String(started.getInputStream().readAllBytes());
      await(started, command.getFirst());
      if (started.exitValue() != 0) {
        throw new IllegalStateException(command + " failed: " + said);
      }
      return said.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void await(Process process, String name) {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(name + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Optional<Path> programs() {
    List<Path> places = new ArrayList<>();
    try (Stream<Path> versions =
        Files.exists(Path.of("/usr/lib/postgresql"))
            ? Files.list(Path.of("/usr/lib/postgresql"))
            : Stream.empty()) {
      versions
          .map(version -> version.resolve("bin"))
          .sorted(Comparator.reverseOrder())
          .forEach(places::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String place : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      places.add(Path.of(place));
    }
    return places.stream()
        .filter(place -> Files.isExecutable(place.resolve("initdb")))
        .filter(place -> Files.isExecutable(place.resolve("postgres")))
        .findFirst();
  }

  /** How to become somebody else who owns the directory, if this is root. */
  private static List<String> user(Path directory) throws IOException {
    if (!System.getProperty("user.name").equals("root")) {
      return List.of();
    }
    for (String name : List.of("postgres", "nobody")) {
      try {
        UserPrincipal user =
            directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name);
        Files.setOwner(directory, user);
        return List.of("setpriv", "--reuid=" + name, "--clear-groups");
      } catch (IOException e) {
        // the next one
      }
    }
    throw new IOException("root has no user postgres or nobody to run PostgreSQL as");
  }
}
