package dev.bulla.keys;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFilesTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path temp;
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

  @Test
  void aRenewedPairIsUsedWithoutARestartAndHalfOfOneIsNot() throws Exception {
    Path first = made("first");
    Path second = made("second");
    Path certificate = temp.resolve("tls.crt");
    Path key = temp.resolve("tls.key");
    Files.copy(first.resolve("server.crt"), certificate);
    Files.copy(first.resolve("server.key"), key);
    TlsFiles files = TlsFiles.open(certificate, key, now::get);
    SSLContext server = files.server(Optional.empty(), RANDOM);
    assertThat(files.names()).contains("localhost", "127.0.0.1");
    SSLContext old = LocalTls.client(first).orElseThrow();
    assertThat(LocalTlsTest.handshake(server, old, "localhost")).isEqualTo('x');

    replace(second.resolve("server.crt"), certificate);
    assertThat(LocalTlsTest.handshake(server, old, "localhost")).isEqualTo('x');
    replace(second.resolve("server.key"), key);

    SSLContext renewed = LocalTls.client(second).orElseThrow();
    assertThat(LocalTlsTest.handshake(server, renewed, "localhost")).isEqualTo('x');
    assertThatThrownBy(
            () -> LocalTlsTest.handshake(server, LocalTls.client(first).orElseThrow(), "localhost"))
        .isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void filesThatDoNotBelongTogetherAreRefusedAtTheStart() {
    Path certificate = made("first").resolve("server.crt");
    Path key = made("second").resolve("server.key");

    assertThatThrownBy(() -> TlsFiles.open(certificate, key, now::get))
        .isInstanceOf(BullaException.class);
  }

  private Path made(String name) {
    Path directory = temp.resolve(name);
    LocalTls.server(directory, InstantSource.system(), RANDOM);
    return directory;
  }

  private void replace(Path from, Path to) throws Exception {
    Files.copy(from, to, REPLACE_EXISTING);
    now.set(now.get().plusSeconds(2));
    Files.setLastModifiedTime(to, FileTime.from(now.get()));
  }
}
