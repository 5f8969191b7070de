package dev.bulla.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Client certificates that are taken back. */
class ClientAuthoritiesTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final BigInteger SERIAL = BigInteger.valueOf(7);

  @TempDir Path temp;
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final KeyPair authority = pair();
  private final List<X509Certificate> chain = List.of(leaf());
  private Path authorities;
  private Path lists;

  @BeforeEach
  void files() throws Exception {
    authorities = temp.resolve("ca.crt");
    lists = temp.resolve("ca.crl");
    Files.writeString(authorities, pem("CERTIFICATE", root().getEncoded()));
  }

  @Test
  void aNewListCountsWithoutARestartAndWhatCannotBeReadChangesNothing() throws Exception {
    write(list("Clients", Instant.now().plus(DAY), false));
    ClientAuthorities clients = open();
    assertThat(clients.isTrusted(chain)).isTrue();
    write(list("Clients", Instant.now().plus(DAY), true));
    assertThat(clients.isTrusted(chain)).isFalse();
    write("nonsense".getBytes(StandardCharsets.UTF_8));
    assertThat(clients.isTrusted(chain)).as("the last good list").isFalse();
    write(
        pem("X509 CRL", list("Clients", Instant.now().plus(DAY), false))
            .getBytes(StandardCharsets.UTF_8));
    assertThat(clients.isTrusted(chain)).as("PEM, too").isTrue();
  }

  @Test
  void withoutACurrentListOfItsIssuerACertificateIsNotBelieved() throws Exception {
    write(list("Clients", Instant.now().minus(DAY), false));
    assertThat(open().isTrusted(chain)).as("too old").isFalse();
    write(list("Others", Instant.now().plus(DAY), false));
    assertThat(open().isTrusted(chain)).as("of another issuer").isFalse();
    assertThat(ClientAuthorities.open(authorities, Optional.empty(), now::get).isTrusted(chain))
        .as("if lists are asked for at all")
        .isTrue();
  }

  @Test
  void aFileWithoutListsIsRefusedAtTheStart() throws Exception {
    assertThatThrownBy(this::open).isInstanceOf(BullaException.class);
    write(new byte[0]);
    assertThatThrownBy(this::open).isInstanceOf(BullaException.class);
  }

  private ClientAuthorities open() {
    return ClientAuthorities.open(authorities, Optional.of(lists), now::get);
  }

  private void write(byte[] bytes) throws Exception {
    Files.write(lists, bytes);
    now.set(now.get().plusSeconds(2));
    Files.setLastModifiedTime(lists, FileTime.from(now.get()));
  }

  private X509Certificate root() throws Exception {
    X509v3CertificateBuilder builder = builder("Clients", "Clients", BigInteger.ONE, authority);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
    return sign(builder);
  }

  private X509Certificate leaf() {
    try {
      X509v3CertificateBuilder builder = builder("Clients", "node", SERIAL, pair());
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
      return sign(builder);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509v3CertificateBuilder builder(
      String issuer, String subject, BigInteger serial, KeyPair key) {
    return new X509v3CertificateBuilder(
        new X500Name("CN=" + issuer),
        serial,
        Date.from(Instant.now().minus(DAY)),
        Date.from(Instant.now().plus(DAY)),
        new X500Name("CN=" + subject),
        SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()));
  }

  private X509Certificate sign(X509v3CertificateBuilder builder) throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(authority.getPrivate())));
  }

  private byte[] list(String issuer, Instant until, boolean revoked) throws Exception {
    X509v2CRLBuilder builder =
        new X509v2CRLBuilder(new X500Name("CN=" + issuer), Date.from(until.minus(DAY).minus(DAY)));
    builder.setNextUpdate(Date.from(until));
    if (revoked) {
      builder.addCRLEntry(SERIAL, new Date(), CRLReason.keyCompromise);
    }
    return builder
        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(authority.getPrivate()))
        .getEncoded();
  }

  private static String pem(String type, byte[] bytes) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(type, Base64.getMimeEncoder().encodeToString(bytes), type);
  }

  private static KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
