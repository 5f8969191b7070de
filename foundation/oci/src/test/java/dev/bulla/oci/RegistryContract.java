package dev.bulla.oci;

import dev.bulla.core.Reference;
import dev.bulla.testkit.FaultyRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class RegistryContract extends RepositoryContract {
  FaultyRegistry registry = FaultyRegistry.start();
  private RegistryClient client;
  private Repository repository;

  @BeforeEach
  void connect() {
    configure();
    client = RegistryClient.builder().build();
    repository = client.repository(Reference.parse(registry.host() + "/team/app"));
  }

  void configure() {}

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  @Override
  Repository repository() {
    return repository;
  }
}
