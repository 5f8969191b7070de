package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A program {@code docker-credential-NAME} that keeps credentials (docker-credential-helpers
 * protocol, command {@code get}): the server's name goes to its standard input, a JSON object comes
 * back.
 */
final class CredentialProgram {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final int MAX_ANSWER = 1024 * 1024;
  private static final int TIMEOUT_SECONDS = 30;
  private static final String TOKEN_USER = "<token>";

  private final String program;
  private final Map<String, String> environment;

  CredentialProgram(String name, Map<String, String> environment) {
    if (!NAME.matcher(name).matches()) {
      throw new BullaException(
          ErrorCode.CREDENTIALS_UNAVAILABLE,
          "'" + Shown.text(name) + "' is not the name of a credential program");
    }
    this.program = "docker-credential-" + name;
    this.environment = environment;
  }

  /** The credential for {@code server}, or empty if the program has none. */
  Optional<Credential> get(String server) {
    ProcessBuilder builder = new ProcessBuilder(find().toString(), "get");
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      Process process = builder.start();
      try {
        return exchange(process, server);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw failed("could not be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("was interrupted", e);
    }
  }

  private Optional<Credential> exchange(Process process, String server)
      throws IOException, InterruptedException {
    Thread guard =
        Thread.ofVirtual()
            .start(() -> {
              try {
                if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                  process.destroyForcibly();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    try (OutputStream in = process.getOutputStream()) {
      in.write((server + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // a program that answers without reading is judged by its answer
    }
    byte[] answer = process.getInputStream().readNBytes(MAX_ANSWER);
    int exit = process.waitFor();
    guard.interrupt();
    if (exit != 0) {
      String text = new String(answer, StandardCharsets.UTF_8).strip();
      if (text.contains("credentials not found")) {
        return Optional.empty();
      }
      throw failed("ended with status %d: %s".formatted(exit, Shown.text(text)), null);
    }
    return credential(answer);
  }

  private Optional<Credential> credential(byte[] answer) {
    try {
      Fields fields = Fields.of(Json.parse(answer, program), program);
      String user = fields.optionalString("Username").orElse("");
      String secret = fields.optionalString("Secret").orElse("");
      if (user.isEmpty() && secret.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          user.equals(TOKEN_USER)
              ? new Credential.IdentityToken(secret)
              : new Credential.Basic(user, secret));
    } catch (BullaException e) {
      // the answer may hold a secret: only the kind of fault is told
      throw failed(
          "answered with something that is not the expected JSON (" + e.code().id() + ")", null);
    }
  }

  private Path find() {
    for (String dir : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(dir.isEmpty() ? "." : dir, program);
      if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
        return candidate.toAbsolutePath();
      }
    }
    throw new BullaException(
        ErrorCode.CREDENTIALS_UNAVAILABLE,
        "the credential program %s is not on the PATH".formatted(program),
        "Install it, or remove its name from credsStore or credHelpers in the Docker"
            + " configuration.");
  }

  private BullaException failed(String why, @Nullable Throwable cause) {
    return new BullaException(
        ErrorCode.CREDENTIALS_UNAVAILABLE,
        "the credential program %s %s".formatted(program, why),
        "Log in again, or try the program by hand: echo SERVER | " + program + " get",
        cause);
  }
}
