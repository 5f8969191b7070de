package dev.bulla.signing.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.TrustDecision.Satisfied;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.KeyAlgorithm;
import dev.bulla.keys.LocalSigner;
import dev.bulla.signing.VerifyBlob;
import dev.bulla.signing.Workshop;
import dev.bulla.signing.authority.BlobEvidence.NotationSignature;
import dev.bulla.signing.authority.BlobEvidence.SigstoreBundle;
import dev.bulla.signing.cosign.BundleSigner;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.EnvelopeFormat;
import dev.bulla.signing.notation.NotationSigner;
import dev.bulla.signing.trust.BlobSubject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files under a Bulla trust policy. */
class BlobTrustTest {
  @TempDir static Path temp;
  private static Path file;
  private static Team dev;
  private static Team sec;
  private static BlobEvidence byDev;
  private static BlobEvidence notationByDev;
  private static BlobEvidence notationBySec;

  @BeforeAll
  static void sign() throws Exception {
    file = Files.writeString(temp.resolve("app.tar"), "the program");
    dev = Team.of(temp.resolve("dev"), "dev");
    sec = Team.of(temp.resolve("sec"), "sec");
    byDev = new SigstoreBundle(cosign(dev).signBlob(file));
    notationByDev = notation(dev, Map.of());
    notationBySec = notation(sec, Map.of("stage", "prod"));
  }

  private static CosignSigner cosign(Team team) {
    return new CosignSigner(team.identity().signer(), Workshop.CLOCK);
  }

  private static BlobEvidence notation(Team team, Map<String, String> pairs) {
    byte[] made =
        new NotationSigner(team.identity().signer(), Workshop.CLOCK)
            .signBlob(file, NotationSigner.ANY_FILE, pairs, Optional.empty());
    return new NotationSignature(made, EnvelopeFormat.JWS);
  }

  private static BlobEvidence attested(Team team, String type, Path about) throws Exception {
    Statement statement =
        Statement.about(Digest.sha256(Files.readAllBytes(about)), type, Json.object());
    return new SigstoreBundle(cosign(team).attestBlob(statement));
  }

  private static AuthorityPolicy policy(String... scopes) {
    return Policies.parse(
        Policies.of(
            Stream.of(dev, sec)
                .map(one ->
                    "%s: {keys: [%s], notation: [%s]}"
                        .formatted(one.name(), one.key(), one.root("\"*\""))),
            scopes));
  }

  private static Verification verify(String demands, BlobEvidence... evidence) {
    return verify(
        BlobSubject.of(file),
        policy("{name: files, blobs: [\"**\"], %s}".formatted(demands)),
        "",
        Conditions.NONE,
        evidence);
  }

  private static Verification verify(
      BlobSubject subject,
      AuthorityPolicy policy,
      String name,
      Conditions conditions,
      BlobEvidence... evidence) {
    return new VerifyBlob(Workshop.CLOCK)
        .verify(
            subject,
            List.of(evidence),
            policy,
            Optional.of(name).filter(one -> !one.isEmpty()).map(BlobName::new),
            conditions);
  }

  private static ErrorCode refused(Verification verification) {
    return verification.failure().orElseThrow().code();
  }

  @Test
  void authoritiesAreCountedOverTheSignaturesOfBothFamilies() {
    String two = "signatures: [{authorities: [dev, sec], threshold: 2}]";
    assertThat(refused(verify(two))).isEqualTo(ErrorCode.SIGNATURE_MISSING);
    Verification one = verify(two, byDev, byDev, notationByDev);
    assertThat(refused(one)).isEqualTo(ErrorCode.SIGNATURE_THRESHOLD);
    assertThat(one.failure().orElseThrow().reason())
        .contains("no signature of the file by sec beside dev");
    Verification both = verify(two, byDev, notationBySec);
    assertThat(both.failure()).isEmpty();
    assertThat(both.decision().orElseThrow().clauses().getFirst().satisfied())
        .extracting(Satisfied::authority)
        .containsExactly("dev", "sec");
  }

  @Test
  void whatIsAboutAnotherFileCountsForNothing() throws Exception {
    Path other = Files.writeString(temp.resolve("other.tar"), "the other program");
    AuthorityPolicy policy =
        policy("{name: f, blobs: [\"**\"], signatures: [{authorities: [dev, sec]}]}");
    Verification refused =
        verify(BlobSubject.of(other), policy, "", Conditions.NONE, byDev, notationBySec);
    assertThat(refused(refused)).isEqualTo(ErrorCode.SIGNATURE_DIGEST_MISMATCH);
    assertThat(refused.verified()).isEmpty();
  }

  @Test
  void anAttestationIsNoSignatureAndNeedsItsOwnAuthority() throws Exception {
    String demands =
        "signatures: [{authorities: [dev]}], attestations: [{type: cyclonedx, authorities: [sec]}]";
    BlobEvidence bySec = attested(sec, "https://cyclonedx.org/bom", file);
    BlobEvidence inventoryByDev = attested(dev, "https://cyclonedx.org/bom", file);
    assertThat(verify(demands, byDev, bySec).failure()).isEmpty();
    assertThat(refused(verify(demands, inventoryByDev, bySec)))
        .isEqualTo(ErrorCode.SIGNATURE_MISSING);
    assertThat(refused(verify(demands, byDev, inventoryByDev)))
        .isEqualTo(ErrorCode.SIGNER_NOT_TRUSTED);
    Path other = Files.writeString(temp.resolve("third.tar"), "a third program");
    assertThat(refused(verify(demands, byDev, attested(sec, "https://cyclonedx.org/bom", other))))
        .isEqualTo(ErrorCode.SIGNATURE_DIGEST_MISMATCH);
  }

  @Test
  void pairsCanBeDemandedAndABundleOverTheFileHasNone() {
    AuthorityPolicy policy =
        policy("{name: f, blobs: [\"**\"], signatures: [{authorities: [dev, sec]}]}");
    Conditions prod = Conditions.NONE.withAnnotations(Map.of("stage", "prod"));
    assertThat(verify(BlobSubject.of(file), policy, "", prod, notationBySec).failure()).isEmpty();
    assertThat(refused(verify(BlobSubject.of(file), policy, "", prod, byDev)))
        .isEqualTo(ErrorCode.SIGNATURE_METADATA);
  }

  @Test
  void aDigestIsEnoughForABundleAndTheLimitIsNoVerdict() throws Exception {
    BlobSubject digest = BlobSubject.of(Digest.sha256(Files.readAllBytes(file)));
    AuthorityPolicy policy =
        policy("{name: f, blobs: [\"**\"], signatures: [{authorities: [dev, sec], threshold: 2}]}");
    assertThat(refused(verify(digest, policy, "", Conditions.NONE, byDev, notationBySec)))
        .isEqualTo(ErrorCode.SIGNATURE_THRESHOLD);
    assertThat(
            refused(
                verify(
                    BlobSubject.of(file),
                    policy,
                    "",
                    Conditions.NONE.withMaxSignatures(1),
                    byDev,
                    notationBySec)))
        .isEqualTo(ErrorCode.SIGNATURE_TOO_MANY);
  }

  @ParameterizedTest
  @CsvSource({
    "releases/app, app",
    "releases/lib, releases",
    "releases/a/b, everything",
    "other, everything",
    "'', everything"
  })
  void theNameSelectsTheScopeAndTheFilesOwnNameDoesNot(String name, String scope) {
    AuthorityPolicy policy =
        policy(
            "{name: everything, blobs: [\"**\"], action: audit}",
            "{name: releases, blobs: [\"releases/*\"], action: audit}",
            "{name: app, blobs: [\"releases/app\"], images: [\"a.b/**\"], action: audit}",
            "{name: tar, blobs: [\"app.tar\"], action: refuse}");
    Verification found = verify(BlobSubject.of(file), policy, name, Conditions.NONE);
    assertThat(found.decision().orElseThrow().scope()).isEqualTo(scope);
  }

  @Test
  void withoutAScopeForEveryFileANameIsNeeded() {
    AuthorityPolicy policy = policy("{name: r, blobs: [\"releases/**\", \"*\"], action: audit}");
    assertThat(refused(verify(BlobSubject.of(file), policy, "", Conditions.NONE)))
        .isEqualTo(ErrorCode.TRUST_POLICY_NO_SCOPE);
    assertThat(refused(verify(BlobSubject.of(file), policy, "a/b", Conditions.NONE)))
        .isEqualTo(ErrorCode.TRUST_POLICY_NO_SCOPE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{name: f, blobs: [], action: audit} | /blobs is a list of 0",
        "{name: f, action: audit} | images",
        "{name: f, blobs: [\"a//b\"], action: audit} | is no name of files",
        "{name: f, blobs: [\"a/b**\"], action: audit} | ** inside a component",
        "{name: f, blobs: [\"a b\"], action: audit} | is no name of files",
      })
  void aMistakeIsRefused(String scope, String message) {
    assertThatThrownBy(() -> policy(scope))
        .isInstanceOf(BullaException.class)
        .hasMessageContaining(message);
  }

  @Test
  void twoScopesMayNotShareANameWithoutOneBeingMoreSpecific() {
    assertThatThrownBy(() ->
            policy(
                "{name: one, blobs: [\"a/*b\"], action: audit}",
                "{name: two, blobs: [\"a/*c*\", \"a/b*\", \"a/*b\"], action: audit}"))
        .hasMessageContaining("'one' and 'two' are ambiguous");
  }

  @Test
  void anEd25519KeySignsTheFileOrItsHash() {
    LocalSigner key = KeyAlgorithm.ED25519.generate(new SecureRandom());
    BundleSigner signer = BundleSigner.withKey(key);
    CosignTrust trust = new CosignTrust(key.verifier(), "key");
    for (BundleSigner one : List.of(signer, signer.withPrehash())) {
      Verification verified = new VerifyBlob().verify(file, one.sign(file), trust);
      assertThat(verified.failure()).isEmpty();
      assertThat(verified.verified().getFirst().signedBy().orElseThrow().algorithmId())
          .isEqualTo(one == signer ? "ed25519" : "ed25519ph");
    }
    BundleSigner curve = BundleSigner.withKey(dev.identity().signer());
    assertThatThrownBy(curve::withPrehash).hasMessageContaining("only an Ed25519 key");
  }
}
