package dev.bulla.signing.keyless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.VerifyBlob;
import dev.bulla.signing.cosign.BundleSigner;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.http.ServiceClient;
import dev.bulla.signing.keyless.FakeSigstore.Fault;
import dev.bulla.signing.notation.NotaryCertificates;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TextPattern;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A bundle comes out only if everything that services said of it is true. */
class KeylessSigningTest {
  private static final InstantSource CLOCK = InstantSource.fixed(FakeSigstore.NOW);
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir static Path temp;
  private static Path file;
  private static ServiceClient client;

  @BeforeAll
  static void open() throws IOException {
    file = Files.writeString(temp.resolve("app.txt"), "hello");
    client = new ServiceClient(Duration.ZERO);
  }

  @AfterAll
  static void close() {
    client.close();
  }

  private static BundleSigner keyless(FakeSigstore fake, int logVersion) {
    TrustedRoot root = fake.trustedRoot();
    return BundleSigner.keyless(
        new KeylessIdentity(
            FakeSigstore.alice(),
            IdentityToken.AUDIENCE,
            fake.address(),
            root,
            client,
            CLOCK,
            RANDOM),
        new EvidenceServices(fake.services(logVersion), root, client, CLOCK, RANDOM));
  }

  private static Verification verify(byte[] bundle, FakeSigstore fake, String who) {
    SignerIdentity identity =
        new SignerIdentity(TextPattern.exactly(who), TextPattern.exactly(FakeSigstore.ISSUER));
    return new VerifyBlob()
        .verify(file, bundle, new CosignTrust(identity, fake.trustedRoot(), who));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void filesAndStatementsVerifyByIdentity(int logVersion) throws IOException {
    try (FakeSigstore fake = new FakeSigstore(Fault.NONE)) {
      BundleSigner signer = keyless(fake, logVersion);
      byte[] statement =
          Statement.about(
                  Digest.sha256(Files.readAllBytes(file)), "https://example.test/t", Json.object())
              .toJson();
      for (byte[] bundle : List.of(signer.sign(file), signer.seal(statement))) {
        assertThat(verify(bundle, fake, "alice@example.test").accepted()).isTrue();
        assertThat(verify(bundle, fake, "bob@example.test").accepted()).isFalse();
      }
      assertThat(fake.certificates()).as("one certificate for both").isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OTHER_KEY, CERTIFICATE_INVALID",
    "OTHER_IDENTITY, SIGNER_IDENTITY_MISMATCH",
    "OTHER_ISSUER, SIGNER_IDENTITY_MISMATCH",
    "OTHER_TOKEN_SUBJECT, SIGNER_IDENTITY_MISMATCH",
    "OTHER_AUTHORITY, SIGNER_NOT_TRUSTED",
    "OTHER_CERTIFICATE_LOG, CERTIFICATE_NOT_LOGGED",
    "DETACHED_PROMISE, CERTIFICATE_NOT_LOGGED",
    "EXPIRED_CERTIFICATE, CERTIFICATE_EXPIRED",
    "NO_CERTIFICATE, CERTIFICATE_INVALID",
    "ENDLESS_CERTIFICATE, INPUT_TOO_LARGE",
    "TOKEN_REFUSED, SERVICE_REFUSED",
    "AUTHORITY_MOVED, SERVICE_REFUSED",
    "STALE_STAMP, TIMESTAMP_INVALID",
    "STAMP_OF_ANOTHER_QUESTION, TIMESTAMP_INVALID",
    "OTHER_STAMPER, SIGNER_NOT_TRUSTED",
    "STAMPER_BROKEN, SERVICE_UNAVAILABLE",
    "WRONG_PROOF, LOG_ENTRY_INVALID",
    "OTHER_LOG, LOG_ENTRY_MISSING",
    "OTHER_CHECKPOINT, LOG_ENTRY_INVALID",
    "OTHER_ENTRY, LOG_ENTRY_INVALID",
    "NO_ENTRY, LOG_ENTRY_INVALID",
    "ENDLESS_ENTRY, INPUT_TOO_LARGE",
  })
  void servicesThatLieAreFoundOut(Fault fault, ErrorCode code) throws IOException {
    try (FakeSigstore fake = new FakeSigstore(fault)) {
      assertThatThrownBy(() -> keyless(fake, 2).sign(file))
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.code()).as(e.reason()).isEqualTo(code))
          .message()
          .doesNotContain(FakeSigstore.alice().secret());
    }
  }

  @Test
  void aServiceThatIsDownForAMomentIsAskedAgainAndARefusalIsNot() throws IOException {
    try (FakeSigstore fake = new FakeSigstore(Fault.AUTHORITY_BROKEN_ONCE)) {
      byte[] bundle = keyless(fake, 2).sign(file);
      assertThat(verify(bundle, fake, "alice@example.test").accepted()).isTrue();
      assertThat(fake.certificates()).isEqualTo(2);
    }
    try (FakeSigstore fake = new FakeSigstore(Fault.TOKEN_REFUSED)) {
      assertThatThrownBy(() -> keyless(fake, 2).sign(file))
          .hasMessageContaining("no such issuer")
          .hasMessageContaining("400");
      assertThat(fake.certificates()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anEntryThatTheLogHasAlreadyIsFetchedFromThere(int logVersion) throws IOException {
    try (FakeSigstore fake = new FakeSigstore(Fault.ALREADY_LOGGED)) {
      byte[] bundle = keyless(fake, logVersion).sign(file);
      assertThat(verify(bundle, fake, "alice@example.test").accepted()).isTrue();
    }
  }

  @Test
  void anotherCertificateIsAskedForWhenTheFirstNearsItsEnd() throws IOException {
    try (FakeSigstore fake = new FakeSigstore(Fault.NONE)) {
      Instant[] now = {FakeSigstore.NOW};
      KeylessIdentity identity =
          new KeylessIdentity(
              FakeSigstore.alice(),
              IdentityToken.AUDIENCE,
              fake.address(),
              fake.trustedRoot(),
              client,
              () -> now[0],
              RANDOM);
      KeylessIdentity.Certified first = identity.current();
      now[0] = FakeSigstore.NOW.plusSeconds(200);
      assertThat(identity.current()).isSameAs(first);
      now[0] = FakeSigstore.NOW.plusSeconds(550);
      assertThatThrownBy(identity::current)
          .as("the token has run out before the certificate")
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.IDENTITY_TOKEN_INVALID));
      assertThat(fake.certificates()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"EC, 256, 1", "EC, 256, 2", "RSA, 2048, 2"})
  void aKeyIsStampedAndLoggedToo(String algorithm, int bits, int logVersion) throws IOException {
    try (FakeSigstore fake = new FakeSigstore(Fault.NONE)) {
      NotaryCertificates keys =
          new NotaryCertificates(FakeSigstore.NOW, FakeSigstore.NOW.plusSeconds(60));
      var key = keys.signer(algorithm, bits);
      SigningServices services = fake.services(logVersion);
      EvidenceServices evidence =
          new EvidenceServices(
              new SigningServices(
                  Optional.empty(), services.logs(), services.timestampAuthorities()),
              fake.trustedRoot(),
              client,
              CLOCK,
              RANDOM);
      byte[] bundle = BundleSigner.withKey(key, evidence).sign(file);

      PublicKeyVerifier trusted =
          PublicKeyVerifier.ofPem(KeyFiles.publicKeyPem(key.verifier()), "key");
      CosignTrust trust = new CosignTrust(trusted, "key").withTrustedRoot(fake.trustedRoot());
      Verification verification = new VerifyBlob().verify(file, bundle, trust);
      assertThat(verification.accepted()).isTrue();
      assertThat(verification.signatures().getFirst().signedAt()).contains(FakeSigstore.NOW);
      assertThat(fake.certificates()).isZero();
    }
  }
}
