package dev.bulla.cli.command;

import dev.bulla.oci.CredentialSource;
import dev.bulla.oci.RegistryClient;

/** The registry client of a command: docker's credentials, plain HTTP for loopback. */
final class Registries {
  private Registries() {}

  static RegistryClient client(Session session) {
    return RegistryClient.builder()
        .credentials(CredentialSource.docker(session.invocation().environment()))
        .userAgent("bulla")
        .build();
  }
}
