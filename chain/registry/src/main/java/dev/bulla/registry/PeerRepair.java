package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** Another registry that has repositories of the same names. Does not own the client. */
public final class PeerRepair implements RepairSource {
  private final RegistryClient client;
  private final String registry;

  /**
   * @param registry host and port
   * @throws BullaException {@link ErrorCode#REFERENCE_INVALID} if it is not the name of a registry
   */
  public PeerRepair(RegistryClient client, String registry) {
    this.client = client;
    this.registry = Reference.parseName(registry + "/any").registry();
  }

  @Override
  public Optional<InputStream> find(Digest digest, long size, List<String> repositories)
      throws IOException {
    for (String name : repositories) {
      Repository repository = client.repository(Reference.parseName(registry + "/" + name));
      try {
        return Optional.of(
            repository.blob(new Descriptor(MediaTypes.OCI_LAYER_GZIP, digest, size)));
      } catch (BullaException e) {
        if (e.code() != ErrorCode.BLOB_NOT_FOUND) {
          throw e;
        }
      }
    }
    return Optional.empty();
  }
}
