package dev.bulla.dist;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Makes {@code dist/target/bulla} ready to run: the jars were copied by Maven; here their
 * signatures are taken off (the JVM archives no class of a signed jar; their sums were checked
 * before), SQLite's library is laid beside them, and the AOT caches are trained by running real
 * commands.
 *
 * <p>A failed training leaves the application without caches, slower to start but whole, and says
 * so.
 */
public final class AssembleApplication {
  private static final int TRAINING_SECONDS = 600;

  private AssembleApplication() {}

  /** Arguments: the repository's root, the application's directory. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path root = Path.of(args[0]).toRealPath();
    Path app = Path.of(args[1]);
    Path lib = app.resolve("lib");
    Files.deleteIfExists(app.resolve("ready"));
    prepare(lib);
    extractSqlite(lib);
    // options that change the layout of objects must be those of the launcher
    Training server =
        Training.start(
            root, lib, "server", List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"));
    Training cli =
        Training.start(root, lib, "cli", List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    server.await();
    cli.await();
    Files.writeString(app.resolve("ready"), identity(lib) + "\n");
  }

  /**
   * What tells this assembly from any other: a launcher hands commands only to a process of the
   * same.
   */
  private static String identity(Path lib) throws IOException {
    try (Stream<Path> files = Files.list(lib)) {
      MessageDigest all = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[64 * 1024];
      for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).sorted().toList()) {
        all.update((jar.getFileName() + " " + Files.size(jar) + "\n").getBytes(UTF_8));
        try (InputStream in = Files.newInputStream(jar)) {
          for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            all.update(buffer, 0, n);
          }
        }
      }
      return HexFormat.of().formatHex(all.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A run from which the Java runtime makes a cache; two take hardly longer than one. */
  private record Training(String name, Path cache, Path log, Process process) {
    static Training start(Path root, Path lib, String name, List<String> options)
        throws IOException {
      Path cache = lib.resolve(name + ".aot");
      Files.deleteIfExists(cache);
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(options);
      command.addAll(
          List.of(
              // replayed profiles of so short a run mislead the compiler: an SBOM took 1.3 times
              // the CPU with them
              "-XX:+UnlockDiagnosticVMOptions",
              "-XX:-AOTRecordTraining",
              "-XX:AOTCacheOutput=" + cache,
              "-Xlog:disable",
              "--enable-native-access=ALL-UNNAMED",
              "--sun-misc-unsafe-memory-access=allow",
              "-cp",
              lib.resolve("bulla-cli.jar").toString(),
              "dev.bulla.cli.AotTraining",
              name,
              root.toString()));
      Path log = lib.resolveSibling(name + "-training.log");
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      return new Training(name, cache, log, builder.start());
    }

    void await() throws IOException, InterruptedException {
      boolean ended = process.waitFor(TRAINING_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      if (!ended || process.exitValue() != 0 || !Files.exists(cache)) {
        Files.deleteIfExists(cache);
        System.err.println("no AOT cache '" + name + "': the training failed, see " + log);
      }
    }
  }

  private static void prepare(Path lib) throws IOException {
    List<Path> jars;
    try (Stream<Path> files = Files.list(lib)) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
    for (Path jar : jars) {
      if (isSigned(jar)) {
        Path bare = jar.resolveSibling(jar.getFileName() + ".tmp");
        copyWithoutSignature(jar, bare);
        Files.move(bare, jar, StandardCopyOption.REPLACE_EXISTING);
      }
      OldClasses.modernise(jar, jars);
    }
  }

  /**
   * SQLite's library as a file of its own, for the launcher to name. Otherwise its driver copies it
   * at every start, after another process has told what system this is. What is not for the machine
   * it runs on does no harm: the driver then does as before.
   */
  private static void extractSqlite(Path lib) throws IOException {
    String system = System.getProperty("os.name").startsWith("Mac") ? "Mac" : "Linux";
    String processor = System.getProperty("os.arch").replace("amd64", "x86_64");
    String file = System.mapLibraryName("sqlitejdbc");
    Path directory = Files.createDirectories(lib.resolve("native"));
    try (ZipFile jar = new ZipFile(lib.resolve("sqlite-jdbc.jar").toFile())) {
      ZipEntry entry = jar.getEntry("org/sqlite/native/" + system + "/" + processor + "/" + file);
      if (entry != null) {
        try (InputStream in = jar.getInputStream(entry)) {
          Files.copy(in, directory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private static boolean isSigned(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return zip.stream().anyMatch(entry -> isSignature(entry.getName()));
    }
  }

  private static void copyWithoutSignature(Path jar, Path to) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile());
        OutputStream file = Files.newOutputStream(to);
        ZipOutputStream out = new ZipOutputStream(file)) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        if (isSignature(entry.getName())) {
          continue;
        }
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTime(entry.getTime());
        out.putNextEntry(copy);
        try (InputStream in = zip.getInputStream(entry)) {
          in.transferTo(out);
        }
        out.closeEntry();
      }
    }
  }

  private static boolean isSignature(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return upper.startsWith("META-INF/")
        && upper.indexOf('/', 9) < 0
        && (upper.endsWith(".SF")
            || upper.endsWith(".RSA")
            || upper.endsWith(".DSA")
            || upper.endsWith(".EC"));
  }
}
