package dev.bulla.registry.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteSourceTest {
  @ParameterizedTest
  @CsvSource({
    "https://east.example, east.example",
    "https://east.example:5000/, east.example:5000",
    "http://127.0.0.1:7470, 127.0.0.1:7470",
    "http://localhost, localhost",
    "https://harbor, harbor:443",
    "http://harbor, harbor:80",
    "east, east:443",
  })
  void anAddressIsThatOfTheRegistryItNames(String address, String registry) {
    assertThat(RemoteSource.registryOf(address)).isEqualTo(registry);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ftp://x", "https://x/team", "https://u:p@x.example", "a b", "https://"})
  void othersAreRefused(String address) {
    assertThatThrownBy(() -> RemoteSource.registryOf(address)).isInstanceOf(BullaException.class);
  }
}
