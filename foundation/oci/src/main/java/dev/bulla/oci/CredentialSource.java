package dev.bulla.oci;

import dev.bulla.core.Reference;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where credentials for a registry come from. Thread-safe. */
@FunctionalInterface
public interface CredentialSource {

  /**
   * The credential for a repository; empty means anonymous.
   *
   * @param repository registry and path; the tag and the digest do not matter
   * @throws dev.bulla.core.BullaException {@code CREDENTIALS_UNAVAILABLE} if there should be one
   *     but it cannot be read
   */
  Optional<Credential> find(Reference repository);

  /**
   * A token to be sent before the registry has asked who is calling: a registry that serves
   * everybody never asks, and may still show more to some. Empty unless said otherwise; must be
   * quick and start no program.
   */
  default Optional<Credential.RegistryToken> unasked(Reference repository) {
    return Optional.empty();
  }

  /** Always anonymous. */
  static CredentialSource anonymous() {
    return repository -> Optional.empty();
  }

  /** One credential for one registry (host and port as in references), anonymous elsewhere. */
  static CredentialSource of(String registry, Credential credential) {
    return repository ->
        repository.registry().equals(registry) ? Optional.of(credential) : Optional.empty();
  }

  /**
   * What {@code docker login} and {@code podman login} have stored: {@code
   * $DOCKER_CONFIG/config.json} or {@code ~/.docker/config.json}, {@code $REGISTRY_AUTH_FILE},
   * {@code $XDG_RUNTIME_DIR/containers/auth.json}, and the credential programs that those files
   * name.
   *
   * @param environment of the process: {@code DOCKER_CONFIG}, {@code REGISTRY_AUTH_FILE}, {@code
   *     XDG_RUNTIME_DIR}, {@code HOME} and {@code PATH} are read
   */
  static CredentialSource docker(Map<String, String> environment) {
    return new DockerConfig(environment);
  }

  /**
   * What one file says that has docker's members {@code auths}, {@code credsStore} and {@code
   * credHelpers}.
   *
   * @param environment of the programs that it names; their place is looked for in {@code PATH}
   */
  static CredentialSource file(Path file, Map<String, String> environment) {
    return new DockerConfig(environment, Optional.of(file));
  }

  /**
   * Whether what {@link #docker} finds depends on more than the environment that it is given: it
   * would start programs, looks for files where the process is, or cannot tell.
   */
  static boolean dependsOnProcess(Map<String, String> environment) {
    return new DockerConfig(environment).dependsOnProcess();
  }

  /** This source, and {@code next} where this one knows nothing. */
  default CredentialSource orElse(CredentialSource next) {
    CredentialSource first = this;
    return new CredentialSource() {
      @Override
      public Optional<Credential> find(Reference repository) {
        return first.find(repository).or(() -> next.find(repository));
      }

      @Override
      public Optional<Credential.RegistryToken> unasked(Reference repository) {
        return first.unasked(repository).or(() -> next.unasked(repository));
      }
    };
  }
}
