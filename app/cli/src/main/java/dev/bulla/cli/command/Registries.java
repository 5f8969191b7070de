package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.keys.LocalTls;
import dev.bulla.oci.CredentialSource;
import dev.bulla.oci.EvidenceElsewhere;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.server.OwnServer;
import dev.bulla.signing.trust.NotationSettings;
import java.util.Map;
import java.util.Optional;

/**
 * The registry client of a command: the token of the home's own server, docker's credentials
 * elsewhere, plain HTTP for loopback, and for HTTPS the usual roots and the authority of this home.
 */
public final class Registries {
  private Registries() {}

  public static RegistryClient client(Session session) {
    return client(session, Optional.empty());
  }

  /**
   * @param settings of notation, where they say something: which registries are spoken to without
   *     TLS, and where credentials are
   */
  static RegistryClient client(Session session, Optional<NotationSettings> settings) {
    Map<String, String> environment = session.invocation().environment();
    CredentialSource stored =
        settings
            .filter(NotationSettings::credentials)
            .map(own -> CredentialSource.file(own.file(), environment))
            .orElseGet(() -> CredentialSource.docker(environment));
    RegistryClient.Builder builder =
        RegistryClient.builder()
            .credentials(new OwnServer(session.home()).orElse(stored))
            .userAgent("bulla");
    settings.ifPresent(own -> own.insecureRegistries().forEach(builder::plainHttp));
    LocalTls.client(session.home().tls()).ifPresent(builder::trust);
    return builder.build();
  }

  /**
   * Finds an image, to be read with all evidence: also that which cosign keeps elsewhere.
   *
   * @throws BullaException as {@link ImageLocation#open} and {@link #cosignRepository}
   */
  static ImageLocation.Opened open(Session session, RegistryClient client, ImageLocation location) {
    ImageLocation.Opened opened = location.open(client);
    return new ImageLocation.Opened(
        withCosign(session, client, location, opened.repository()), opened.descriptor());
  }

  /**
   * The repository in which an image was found, with what cosign keeps elsewhere.
   *
   * @throws BullaException as {@link #cosignRepository}
   */
  static Repository withCosign(
      Session session, RegistryClient client, ImageLocation location, Repository found) {
    return location instanceof ImageLocation.InRegistry
        ? cosignRepository(session, client)
            .<Repository>map(one -> new EvidenceElsewhere(found, one))
            .orElse(found)
        : found;
  }

  /**
   * Where cosign keeps signatures instead of beside the image, if {@code COSIGN_REPOSITORY} says
   * so; for images of registries.
   *
   * @throws BullaException {@link ErrorCode#USAGE} if it names no repository
   */
  static Optional<Repository> cosignRepository(Session session, RegistryClient client) {
    String named = session.invocation().environment().getOrDefault("COSIGN_REPOSITORY", "");
    if (named.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(client.repository(Reference.parseName(named)));
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.USAGE,
          "COSIGN_REPOSITORY names no repository: " + e.reason(),
          "Write REGISTRY/REPOSITORY, without a tag.",
          e);
    }
  }
}
