package dev.bulla.signing.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.signing.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustStoreTest {
  private static final TrustStore.Name NAME = new TrustStore.Name("ca", "own");

  @TempDir Path directory;
  private SigningIdentity identity;
  private Path store;

  @BeforeEach
  void makeAStore() throws IOException {
    identity = Workshop.identity(directory, "ours");
    store = Files.createDirectories(directory.resolve("stores/x509/ca/own"));
    Files.write(store.resolve("root.crt"), Certificates.pem(List.of(identity.root())));
  }

  @Test
  void readsPemAndDer() throws IOException {
    Files.write(store.resolve("root.cer"), Certificates.encoded(identity.root()));
    assertThat(certificates()).containsExactly(identity.root(), identity.root());
  }

  @Test
  void anythingElseInAStoreIsRefused() throws IOException {
    Files.createSymbolicLink(store.resolve("link.crt"), store.resolve("root.crt"));
    refused("not a regular file");
    Files.delete(store.resolve("link.crt"));
    Files.createDirectory(store.resolve("sub"));
    refused("not a regular file");
    Files.delete(store.resolve("sub"));
    Files.writeString(store.resolve("note.txt"), "hello");
    refused("no certificate in it");
    Files.delete(store.resolve("note.txt"));
    assertThat(certificates()).hasSize(1);
  }

  @Test
  void aSignersCertificateIsNoRoot() throws IOException {
    Files.write(
        store.resolve("leaf.crt"),
        Certificates.pem(identity.signer().certificateChain().subList(0, 1)));
    refused("neither an authority nor self-signed");
  }

  @Test
  void anEmptyOrAbsentOrLinkedStoreIsRefused() throws IOException {
    Files.delete(store.resolve("root.crt"));
    refused("holds no certificate");
    Files.delete(store);
    refused("there is no directory");
    Files.createSymbolicLink(store, directory.resolve("stores"));
    refused("there is no directory");
  }

  private List<java.security.cert.X509Certificate> certificates() {
    return TrustStore.directory(directory.resolve("stores")).certificates(NAME);
  }

  private void refused(String why) {
    assertThatThrownBy(this::certificates)
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TRUST_STORE_INVALID))
        .hasMessageContaining(why);
  }
}
