package dev.bulla.keys.pkcs11;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A SoftHSM with tokens of its own below a directory. */
record SoftToken(Path directory, Path module) {
  static final String PIN = "2468";

  /** The module, if SoftHSM is installed. */
  static Optional<Path> installed() {
    return Files.isExecutable(Path.of("/usr/bin/softhsm2-util"))
            || Files.isExecutable(Path.of("/opt/homebrew/bin/softhsm2-util"))
        ? Stream.of(
                "/usr/lib/softhsm/libsofthsm2.so",
                "/usr/lib64/pkcs11/libsofthsm2.so",
                "/opt/homebrew/lib/softhsm/libsofthsm2.so")
            .map(Path::of)
            .filter(Files::exists)
            .findFirst()
        : Optional.empty();
  }

  /** Must come before the module is loaded into this process: it reads its settings then. */
  static SoftToken create(Path directory, Path module) throws Exception {
    Files.createDirectories(directory.resolve("tokens"));
    Path settings = directory.resolve("softhsm2.conf");
    Files.writeString(
        settings,
        "directories.tokendir = %s%nobjectstore.backend = file%nlog.level = ERROR%n"
            .formatted(directory.resolve("tokens")));
    setEnvironment("SOFTHSM2_CONF", settings.toString());
    return new SoftToken(directory, module);
  }

  SoftToken token(String label) throws Exception {
    run("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "13579");
    return this;
  }

  SoftToken key(String token, String label, String id, byte[] pkcs8) throws Exception {
    Path file = Files.write(directory.resolve(label + ".pem"), pkcs8);
    run("--import", file.toString(), "--token", token, "--label", label, "--id", id, "--pin", PIN);
    return this;
  }

  private void run(String... arguments) throws IOException, InterruptedException {
    List<String> words = Stream.concat(Stream.of("softhsm2-util"), Stream.of(arguments)).toList();
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().put("SOFTHSM2_CONF", directory.resolve("softhsm2.conf").toString());
    Process process = builder.start();
    try (InputStream out = process.getInputStream()) {
      String said = new String(out.readAllBytes());
      if (process.waitFor() != 0) {
        throw new IllegalStateException(words + ": " + said);
      }
    }
  }

  /** The module asks the C library, which knows nothing of {@code System.getenv}. */
  private static void setEnvironment(String name, String value) throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      Linker linker = Linker.nativeLinker();
      Object ignored =
          linker
              .downcallHandle(
                  linker.defaultLookup().find("setenv").orElseThrow(),
                  FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT))
              .invokeWithArguments(arena.allocateFrom(name), arena.allocateFrom(value), 1);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
