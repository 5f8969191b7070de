package dev.bulla.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningIdentityTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir Path home;

  @Test
  void isMadeOnceAndOpenedAfterwards() {
    Path keys = home.resolve("keys");
    SigningIdentity made = create(keys);
    SigningIdentity opened =
        SigningIdentity.openOrCreate(keys, InstantSource.fixed(NOW), new SecureRandom(), "X");
    assertThat(opened.signer().verifier()).isEqualTo(made.signer().verifier());
    assertThat(opened.root()).isEqualTo(made.root());
    assertThat(KeyFiles.verifier(SigningIdentity.publicKeyFile(keys)))
        .isEqualTo(made.signer().verifier());
    assertThatThrownBy(() -> create(keys))
        .hasMessageContaining("there is a signing identity already");
  }

  @Test
  void onlyTheOwnerCanReadItsKeys() throws IOException {
    Path keys = home.resolve("keys");
    create(keys);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)))
        .isEqualTo("rwx------");
    for (String name : List.of("signing.key", "root.key")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys.resolve(name))))
          .isEqualTo("rw-------");
    }
    try (var files = Files.list(keys)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "signing.key", "signing.crt", "signing.pub", "root.crt", "root.key");
    }
  }

  @Test
  void itsCertificatesKeepTheRulesForCodeSigning() throws CertificateParsingException {
    SigningIdentity identity = create(home.resolve("keys"));
    X509Certificate leaf = identity.signer().certificateChain().getFirst();
    assertThat(leaf.getSubjectX500Principal().getName())
        .isEqualTo("CN=Ada\\, Countess,O=Bulla,ST=Local,C=ZZ");
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getKeyUsage()[0]).isTrue();
    assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.3");
    assertThat(leaf.getCriticalExtensionOIDs()).contains("2.5.29.15");
    assertThat(leaf.getNotBefore().toInstant()).isBefore(NOW);
    assertThat(identity.root().getBasicConstraints()).isZero();
    assertThat(Certificates.isIssuedBy(leaf, identity.root())).isTrue();
    assertThat(Certificates.isIssuedBy(identity.root(), identity.root())).isTrue();
    assertThat(Certificates.isIssuedBy(identity.root(), leaf)).isFalse();
  }

  @Test
  void filesOfTwoIdentitiesAreNotMixed() throws IOException {
    create(home.resolve("a"));
    create(home.resolve("b"));
    for (String name : List.of("signing.key", "signing.crt", "signing.pub", "root.crt")) {
      Path mixed = home.resolve("mixed-" + name);
      Files.createDirectory(mixed);
      for (String file : List.of("signing.key", "signing.crt", "signing.pub", "root.crt")) {
        Path from = home.resolve(file.equals(name) ? "b" : "a").resolve(file);
        Files.copy(from, mixed.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
      }
      assertThatThrownBy(() -> SigningIdentity.open(mixed))
          .as(name)
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_INVALID));
    }
  }

  @Test
  void printsWhoItIsAndNotItsKey() {
    SigningIdentity identity = create(home.resolve("keys"));
    assertThat(identity.toString())
        .contains("Ada")
        .contains(identity.signer().verifier().fingerprint());
  }

  private static SigningIdentity create(Path keys) {
    return SigningIdentity.create(
        keys, InstantSource.fixed(NOW), new SecureRandom(), "Ada, Countess");
  }
}
