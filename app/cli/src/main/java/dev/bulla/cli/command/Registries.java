package dev.bulla.cli.command;

import dev.bulla.keys.LocalTls;
import dev.bulla.oci.CredentialSource;
import dev.bulla.oci.RegistryClient;
import dev.bulla.server.OwnServer;

/**
 * The registry client of a command: the token of the home's own server, docker's credentials
 * elsewhere, plain HTTP for loopback, and for HTTPS the usual roots and the authority of this home.
 */
public final class Registries {
  private Registries() {}

  public static RegistryClient client(Session session) {
    RegistryClient.Builder builder =
        RegistryClient.builder()
            .credentials(
                new OwnServer(session.home())
                    .orElse(CredentialSource.docker(session.invocation().environment())))
            .userAgent("bulla");
    LocalTls.client(session.home().tls()).ifPresent(builder::trust);
    return builder.build();
  }
}
