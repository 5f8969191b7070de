package dev.bulla.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.NameConstraintValidatorException;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PKIXNameConstraintValidator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalTlsTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path directory;

  @Test
  void aClientThatTrustsTheAuthorityTalksToTheServer() throws Exception {
    assertThat(LocalTls.client(directory)).isEmpty();
    SSLContext server = LocalTls.server(directory, InstantSource.system(), RANDOM);

    for (String name : List.of("localhost", "127.0.0.1")) {
      assertThat(handshake(server, LocalTls.client(directory).orElseThrow(), name)).isEqualTo('x');
    }
    SSLContext stranger = SSLContext.getDefault();
    assertThatThrownBy(() -> handshake(server, stranger, "localhost"))
        .isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void theSameCertificateServesUntilAMonthBeforeItsEnd() throws Exception {
    Instant now = Instant.parse("2026-03-01T00:00:00Z");
    LocalTls.server(directory, InstantSource.fixed(now), RANDOM);
    byte[] first = Files.readAllBytes(directory.resolve("server.crt"));
    byte[] authority = Files.readAllBytes(LocalTls.authority(directory));

    LocalTls.server(directory, InstantSource.fixed(now.plus(Duration.ofDays(366))), RANDOM);
    assertThat(directory.resolve("server.crt")).hasBinaryContent(first);
    LocalTls.server(directory, InstantSource.fixed(now.plus(Duration.ofDays(368))), RANDOM);
    assertThat(Files.readAllBytes(directory.resolve("server.crt"))).isNotEqualTo(first);
    assertThat(LocalTls.authority(directory)).hasBinaryContent(authority);
  }

  /** By another implementation: Java does not apply the name constraints of a root, Go does. */
  @Test
  void theAuthorityCannotCertifyAnyOtherName() throws Exception {
    X509Certificate authority =
        new CertificateMaker(Instant.now(), RANDOM).tlsAuthority(SigningIdentity.newKey(RANDOM));
    assertThat(authority.getCriticalExtensionOIDs()).contains("2.5.29.30");
    ASN1OctetString wrapped = ASN1OctetString.getInstance(authority.getExtensionValue("2.5.29.30"));
    PKIXNameConstraintValidator names = new PKIXNameConstraintValidator();
    names.intersectPermittedSubtree(
        NameConstraints.getInstance(wrapped.getOctets()).getPermittedSubtrees());

    names.checkPermitted(new GeneralName(GeneralName.dNSName, "localhost"));
    names.checkPermitted(new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
    names.checkPermitted(new GeneralName(GeneralName.iPAddress, "::1"));
    for (String other : List.of("registry.example.com", "localhost.example.com")) {
      assertThatThrownBy(() -> names.checkPermitted(new GeneralName(GeneralName.dNSName, other)))
          .isInstanceOf(NameConstraintValidatorException.class);
    }
    assertThatThrownBy(
            () -> names.checkPermitted(new GeneralName(GeneralName.iPAddress, "192.0.2.1")))
        .isInstanceOf(NameConstraintValidatorException.class);
  }

  static int handshake(SSLContext server, SSLContext client, String name) throws Exception {
    try (SSLServerSocket listening =
            (SSLServerSocket)
                server
                    .getServerSocketFactory()
                    .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SSLSocket socket =
            (SSLSocket) client.getSocketFactory().createSocket(name, listening.getLocalPort())) {
      CompletableFuture<Void> answer =
          CompletableFuture.runAsync(() -> {
            try (var accepted = listening.accept()) {
              accepted.getOutputStream().write('x');
            } catch (java.io.IOException e) {
              // the client refused us, which is its right
            }
          });
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      int read = socket.getInputStream().read();
      answer.join();
      return read;
    }
  }
}
