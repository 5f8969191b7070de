package dev.bulla.server;

import dev.bulla.access.ServerFile;
import dev.bulla.core.BullaException;
import dev.bulla.core.Reference;
import dev.bulla.oci.Credential;
import dev.bulla.oci.CredentialSource;
import dev.bulla.store.Home;
import java.util.Optional;

/**
 * The token of a home's own server, for the registry of that server: who can read it in the home is
 * its owner, and sees also what its content trust does not admit.
 */
public record OwnServer(Home home) implements CredentialSource {
  @Override
  public Optional<Credential> find(Reference repository) {
    return unasked(repository).map(token -> token);
  }

  @Override
  public Optional<Credential.RegistryToken> unasked(Reference repository) {
    if (!repository.isLoopback()) {
      return Optional.empty();
    }
    try {
      return ServerFile.read(home.serverFile())
          .filter(server -> repository.registry().endsWith(":" + server.address().getPort()))
          .map(server -> new Credential.RegistryToken(server.token().reveal()));
    } catch (BullaException e) {
      return Optional.empty(); // what cannot be read helps nobody
    }
  }
}
