package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Credentials as Docker's {@code config.json} and Podman's {@code auth.json} keep them.
 *
 * <p>Within one file the order is Docker's: a program for exactly this registry ({@code
 * credHelpers}), the program for all ({@code credsStore}), the entry under {@code auths}. Podman
 * allows a key to name a repository path; the longest wins.
 */
final class DockerConfig implements CredentialSource {
  private static final int MAX_BYTES = 4 * 1024 * 1024;
  private static final String DOCKER_HUB_KEY = "https://index.docker.io/v1/";

  private final Map<String, String> environment;
  private final Optional<Path> only;

  DockerConfig(Map<String, String> environment) {
    this(environment, Optional.empty());
  }

  /**
   * @param only the file to look at, instead of the usual ones
   */
  DockerConfig(Map<String, String> environment, Optional<Path> only) {
    this.environment = Map.copyOf(environment);
    this.only = only;
  }

  @Override
  public Optional<Credential> find(Reference repository) {
    for (Path file : files()) {
      Optional<Credential> found = read(file).flatMap(config -> find(config, file, repository));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  boolean dependsOnProcess() {
    try {
      return files().stream().anyMatch(file -> !file.isAbsolute())
          || files().stream().flatMap(file -> read(file).stream()).anyMatch(DockerConfig::programs);
    } catch (BullaException e) {
      return true;
    }
  }

  private static boolean programs(Fields config) {
    return !config.stringMap("credHelpers").isEmpty()
        || config.optionalString("credsStore").isPresent();
  }

  private List<Path> files() {
    if (only.isPresent()) {
      return List.of(only.get());
    }
    List<Path> files = new ArrayList<>();
    setting("DOCKER_CONFIG")
        .map(dir -> Path.of(dir, "config.json"))
        .or(() -> setting("HOME").map(home -> Path.of(home, ".docker", "config.json")))
        .ifPresent(files::add);
    setting("REGISTRY_AUTH_FILE").map(Path::of).ifPresent(files::add);
    setting("XDG_RUNTIME_DIR")
        .map(dir -> Path.of(dir, "containers", "auth.json"))
        .ifPresent(files::add);
    return files;
  }

  private Optional<String> setting(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  private static Optional<Fields> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      byte[] bytes;
      try (var in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MAX_BYTES + 1);
      }
      String what = file.toString();
      return Optional.of(Fields.of(Json.parse(bytes, MAX_BYTES, what), what));
    } catch (IOException e) {
      throw unreadable(file, e.getMessage(), e);
    } catch (BullaException e) {
      throw unreadable(file, e.reason(), e);
    }
  }

  private Optional<Credential> find(Fields config, Path file, Reference repository) {
    try {
      String server =
          repository.registry().equals("docker.io") ? DOCKER_HUB_KEY : repository.registry();
      Map<String, String> programs = config.stringMap("credHelpers");
      Optional<String> own =
          Optional.ofNullable(programs.get(repository.registry()))
              .or(() -> Optional.ofNullable(programs.get(server)));
      Optional<String> program =
          own.or(() -> config.optionalString("credsStore").filter(name -> !name.isEmpty()));
      Optional<Credential> fromProgram =
          program.flatMap(name -> new CredentialProgram(name, environment).get(server));
      return fromProgram.or(() -> fromAuths(config, file, repository));
    } catch (BullaException e) {
      throw e.code() == ErrorCode.CREDENTIALS_UNAVAILABLE ? e : unreadable(file, e.reason(), e);
    }
  }

  private static Optional<Credential> fromAuths(Fields config, Path file, Reference repository) {
    Optional<Fields> auths = config.optionalObject("auths");
    for (String key : keys(repository)) {
      Optional<Credential> found =
          auths
              .flatMap(all -> all.optionalObject(key))
              .flatMap(entry -> credential(entry, file, key));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** The keys that may hold the credential, most specific first. */
  static List<String> keys(Reference repository) {
    List<String> keys = new ArrayList<>();
    String path = repository.registry() + "/" + repository.repository();
    for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
      keys.add(path.substring(0, end));
    }
    List<String> hosts =
        repository.registry().equals("docker.io")
            ? List.of("index.docker.io", "registry-1.docker.io")
            : List.of(repository.registry());
    for (String host : hosts) {
      keys.add(host);
      for (String prefix : List.of("https://", "http://")) {
        keys.add(prefix + host);
        keys.add(prefix + host + "/");
        keys.add(prefix + host + "/v1/");
        keys.add(prefix + host + "/v2/");
      }
    }
    return keys.stream().distinct().toList();
  }

  private static Optional<Credential> credential(Fields entry, Path file, String key) {
    Optional<String> identity = nonEmpty(entry, "identitytoken");
    if (identity.isPresent()) {
      return identity.map(Credential.IdentityToken::new);
    }
    Optional<String> token = nonEmpty(entry, "registrytoken");
    if (token.isPresent()) {
      return token.map(Credential.RegistryToken::new);
    }
    Optional<String> pair = nonEmpty(entry, "auth");
    if (pair.isPresent()) {
      return Optional.of(basic(pair.get(), file, key));
    }
    return nonEmpty(entry, "username")
        .map(name -> new Credential.Basic(name, entry.optionalString("password").orElse("")));
  }

  private static Credential basic(String auth, Path file, String key) {
    try {
      String pair = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      if (colon > 0) {
        String password = pair.substring(colon + 1);
        // Docker pads the decoded pair with NUL on some platforms
        return new Credential.Basic(pair.substring(0, colon), password.replaceAll("\0+$", ""));
      }
    } catch (IllegalArgumentException e) {
      throw unreadable(file, "the auth of " + key + " is not base64", e);
    }
    throw unreadable(file, "the auth of " + key + " is not USER:PASSWORD in base64", null);
  }

  private static Optional<String> nonEmpty(Fields entry, String name) {
    return entry.optionalString(name).filter(value -> !value.isEmpty());
  }

  private static BullaException unreadable(
      Path file,
      @org.jspecify.annotations.Nullable String why,
      @org.jspecify.annotations.Nullable Throwable cause) {
    return new BullaException(
        ErrorCode.CREDENTIALS_UNAVAILABLE,
        "credentials in %s cannot be read: %s".formatted(file, why),
        "Repair or remove the file, or log in again with the tool that wrote it.",
        cause);
  }
}
