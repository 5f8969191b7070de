package dev.bulla.server;

import dev.bulla.access.ServerFile;
import dev.bulla.core.BullaException;
import dev.bulla.core.Reference;
import dev.bulla.oci.Credential;
import dev.bulla.oci.CredentialSource;
import dev.bulla.store.Home;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The token of a home's own server, for the registry of that server: who can read it in the home is
 * its owner, and sees also what its content trust does not admit. Thread-safe.
 */
public final class OwnServer implements CredentialSource {
  /** How long what the file says is believed; it is asked for before every request. */
  private static final long KEPT_NANOS = Duration.ofSeconds(1).toNanos();

  private record Told(Optional<ServerFile> server, long at) {}

  private final Home home;
  private volatile @Nullable Told told;

  public OwnServer(Home home) {
    this.home = home;
  }

  @Override
  public Optional<Credential> find(Reference repository) {
    return unasked(repository).map(token -> token);
  }

  @Override
  public Optional<Credential.RegistryToken> unasked(Reference repository) {
    return repository.isLoopback()
        ? server()
            .filter(server -> repository.registry().endsWith(":" + server.address().getPort()))
            .map(server -> new Credential.RegistryToken(server.token().reveal()))
        : Optional.empty();
  }

  private Optional<ServerFile> server() {
    Told last = told;
    if (last == null || System.nanoTime() - last.at > KEPT_NANOS) {
      last = new Told(read(), System.nanoTime());
      told = last;
    }
    return last.server;
  }

  private Optional<ServerFile> read() {
    try {
      return ServerFile.read(home.serverFile());
    } catch (BullaException e) {
      return Optional.empty(); // what cannot be read helps nobody
    }
  }
}
