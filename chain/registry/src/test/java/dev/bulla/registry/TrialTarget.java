package dev.bulla.registry;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The registry that the conformance checks are put to: a new one of ours, or any other by {@code
 * -Dbulla.test.registry=http://HOST:PORT}, whose repositories must be empty and open.
 */
record TrialTarget(URI address, Optional<TrialServer> server) implements AutoCloseable {
  private static final String OTHER = System.getProperty("bulla.test.registry", "");

  static TrialTarget start(Path home) {
    if (!OTHER.isEmpty()) {
      return new TrialTarget(URI.create(OTHER), Optional.empty());
    }
    TrialServer server = TrialServer.start(home);
    return new TrialTarget(server.address(), Optional.of(server));
  }

  @Override
  public void close() {
    server.ifPresent(TrialServer::close);
  }
}
