package dev.bulla.signing.notation;

import static dev.bulla.signing.Workshop.CLOCK;
import static dev.bulla.signing.Workshop.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Verification;
import dev.bulla.signing.VerifyBlob;
import dev.bulla.signing.trust.BlobTrustPolicy;
import dev.bulla.signing.trust.TrustStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signatures of files, by a trust policy for files. */
class NotationBlobVerifierTest {
  private static final NotaryCertificates CERTIFICATES =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(1)));

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void makeAFile() throws IOException {
    file = Files.writeString(directory.resolve("app.txt"), "hello");
  }

  static Verification verify(
      Path file, byte[] envelope, EnvelopeFormat format, NotaryCertificates certificates) {
    return new VerifyBlob(CLOCK).verify(file, envelope, format, trust(certificates, "strict"));
  }

  /** A global statement that believes the root, of certificate and signing authorities. */
  static NotationBlobTrust trust(NotaryCertificates certificates, String level) {
    List<X509Certificate> roots = List.of(certificates.root());
    return new NotationBlobTrust(
        BlobTrustPolicy.parse(policy(level).getBytes(StandardCharsets.UTF_8)),
        TrustStore.of(
            Map.of(
                new TrustStore.Name("ca", "own"), roots,
                new TrustStore.Name("signingAuthority", "own"), roots)));
  }

  /** The same, but that it believes an identity that none of the signers here has. */
  static NotationBlobTrust narrow(NotaryCertificates certificates, String level) {
    NotationBlobTrust wide = trust(certificates, level);
    String policy =
        policy(level).replaceFirst("\\[\"\\*\"]", "[\"x509.subject: C=ZZ, ST=Local, O=Other\"]");
    return new NotationBlobTrust(
        BlobTrustPolicy.parse(policy.getBytes(StandardCharsets.UTF_8)), wide.stores());
  }

  private static String policy(String level) {
    return """
    {"version":"1.0","trustPolicies":[
      {"name":"all","globalPolicy":true,"signatureVerification":%s,
       "trustStores":["ca:own","signingAuthority:own"],"trustedIdentities":["*"]},
      {"name":"narrow","signatureVerification":{"level":"strict"},
       "trustStores":["ca:own"],"trustedIdentities":["x509.subject: C=ZZ, ST=Local, O=Other"]},
      {"name":"none","signatureVerification":{"level":"skip"}}]}\
    """
        .formatted(level.startsWith("{") ? level : "{\"level\":\"" + level + "\"}");
  }

  @ParameterizedTest
  @CsvSource({"EC,256", "EC,384", "EC,521", "RSA,2048"})
  void fileIsNamedByTheHashOfTheKey(String algorithm, int bits) throws IOException {
    NotationSigner signer = new NotationSigner(CERTIFICATES.signer(algorithm, bits), CLOCK);
    for (EnvelopeFormat format : EnvelopeFormat.values()) {
      byte[] envelope =
          (format == EnvelopeFormat.COSE ? signer.withCose() : signer)
              .signBlob(file, "text/plain", Map.of("stage", "prod"), Optional.empty());

      Verification good = verify(file, envelope, format, CERTIFICATES);
      assertThat(good.failure()).isEmpty();
      assertThat(good.subject().digest()).isEqualTo(Digest.sha256(Files.readAllBytes(file)));
      Path other = Files.writeString(directory.resolve("other.txt"), "hell0");
      assertThat(verify(other, envelope, format, CERTIFICATES).failure().orElseThrow().code())
          .isEqualTo(ErrorCode.SIGNATURE_DIGEST_MISMATCH);
    }
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, -, stage=prod, -",
        "-, -, -, -",
        "none, -, stage=test, -",
        "-, text/plain, -, -",
        "-, text/html, -, signature-digest-mismatch",
        "-, -, stage=test, signature-metadata",
        "-, -, other=prod, signature-metadata",
        "narrow, -, -, signer-identity-mismatch",
        "absent, -, -, trust-policy-no-scope",
        "NARROW, -, -, trust-policy-no-scope",
      })
  void statementTypeAndPairsDecide(String name, String type, String pair, String code) {
    byte[] envelope =
        new NotationSigner(CERTIFICATES.signer("EC", 256), CLOCK)
            .signBlob(file, "text/plain", Map.of("stage", "prod"), Optional.empty());
    NotationBlobTrust trust = trust(CERTIFICATES, "strict");
    trust = name == null ? trust : trust.withPolicyName(name);
    trust = type == null ? trust : trust.withMediaType(type);
    if (pair != null) {
      String[] parts = pair.split("=");
      trust = trust.withRules(trust.rules().withMetadata(Map.of(parts[0], parts[1])));
    }

    Verification found = new VerifyBlob(CLOCK).verify(file, envelope, EnvelopeFormat.JWS, trust);

    assertThat(found.failure().map(failure -> failure.code().id()))
        .isEqualTo(Optional.ofNullable(code));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "strict     | 0  | -",
        "strict     | 2  | signature-expired",
        "permissive | 2  | -",
        "audit      | 2  | -",
        "strict     | 48 | signature-expired",
        "{\"level\":\"strict\",\"override\":{\"expiry\":\"log\"}} | 2 | -",
        "{\"level\":\"strict\",\"override\":{\"expiry\":\"log\"}} | 48 | certificate-expired",
        "{\"level\":\"audit\",\"override\":{\"expiry\":\"enforce\"}} | 2 | signature-expired",
        "{\"level\":\"permissive\",\"override\":{\"authenticTimestamp\":\"enforce\"}} | 48"
            + " | certificate-expired",
      })
  void levelsAndOverridesDecideAboutTheEnd(String level, int hours, String code) {
    byte[] envelope =
        new NotationSigner(CERTIFICATES.signer("EC", 256), CLOCK)
            .signBlob(file, NotationSigner.ANY_FILE, Map.of(), Optional.of(Duration.ofHours(1)));

    Verification found =
        new VerifyBlob(InstantSource.fixed(NOW.plus(Duration.ofHours(hours))))
            .verify(file, envelope, EnvelopeFormat.JWS, trust(CERTIFICATES, level));

    assertThat(found.failure().map(failure -> failure.code().id()))
        .isEqualTo(Optional.ofNullable(code));
  }

  @Test
  void schemeOfASigningAuthorityNeedsAStoreOfThatType() {
    byte[] payload =
        TargetArtifact.write(
            BlobDescriptor.hash(file, java.util.Set.of(Digest.Algorithm.SHA256))
                .descriptor(Digest.Algorithm.SHA256, NotationSigner.ANY_FILE),
            Map.of());
    byte[] envelope =
        CraftedJws.sign(CERTIFICATES.signer("EC", 256), CraftedJws.authorityHeader(NOW), payload);
    NotationBlobTrust trust = trust(CERTIFICATES, "strict");
    InstantSource later = InstantSource.fixed(NOW.plus(Duration.ofDays(5)));

    assertThat(new VerifyBlob(later).verify(file, envelope, EnvelopeFormat.JWS, trust).failure())
        .isEmpty();
    assertThat(
            new VerifyBlob(later)
                .verify(file, envelope, EnvelopeFormat.JWS, trust.withPolicyName("narrow"))
                .failure()
                .orElseThrow()
                .code())
        .isEqualTo(ErrorCode.SIGNER_NOT_TRUSTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"globalPolicy\":true -> \"globalPolicy\":\"yes\"",
        "\"globalPolicy\":true -> \"registryScopes\":[\"*\"]",
        "\"name\":\"narrow\", -> \"name\":\"all\",",
        "\"name\":\"narrow\", -> \"name\":\"\",",
        "\"name\":\"narrow\", -> \"name\":\"narrow\",\"globalPolicy\":true,",
        "\"name\":\"none\", -> \"name\":\"none\",\"globalPolicy\":true,",
        "{\"level\":\"skip\"} -> {\"level\":\"skip\",\"override\":{\"expiry\":\"log\"}}",
        "\"version\":\"1.0\" -> \"version\":\"1.1\"",
      })
  void policyThatTheSpecificationForbidsIsRefused(String change) {
    String[] parts = change.split(" -> ");
    String policy =
        policy("strict")
            .replace(
                "\"globalPolicy\":true",
                parts[0].contains("none") ? "\"globalPolicy\":false" : "\"globalPolicy\":true");
    assertThat(policy).contains(parts[0]);

    assertThatThrownBy(() ->
            BlobTrustPolicy.parse(
                policy.replace(parts[0], parts[1]).getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TRUST_POLICY_INVALID));
  }

  @Test
  void nameOfASignatureFileSaysItsKind() {
    assertThat(EnvelopeFormat.ofSignatureFile("a.jws.sig")).isEqualTo(EnvelopeFormat.JWS);
    assertThat(EnvelopeFormat.ofSignatureFile("a.b.COSE.SIG")).isEqualTo(EnvelopeFormat.COSE);
    for (String name : List.of("a.sig", ".jws.sig", "a.jws", "a.cbor.sig", "jws.sig")) {
      assertThatThrownBy(() -> EnvelopeFormat.ofSignatureFile(name))
          .hasMessageContaining("does not say what kind");
    }
  }
}
