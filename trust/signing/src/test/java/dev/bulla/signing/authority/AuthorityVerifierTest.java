package dev.bulla.signing.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.TimeSource;
import dev.bulla.core.claim.TrustDecision.Satisfied;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.claim.Verification.Failure;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.oci.Repository;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.VerifyStatements;
import dev.bulla.signing.Workshop;
import dev.bulla.signing.cosign.CosignSigner;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorityVerifierTest {
  private static final String NAME = "registry.example/team/app:v1";
  private static final String PROVENANCE = PredicateTypes.SLSA_PROVENANCE_V1;

  @TempDir static Path identities;
  @TempDir Path directory;
  private static Team dev;
  private static Team sec;
  private static Team ops;

  private Repository layout;
  private Descriptor image;

  @BeforeAll
  static void makeTeams() {
    dev = Team.of(identities, "dev");
    sec = Team.of(identities, "sec");
    ops = Team.of(identities, "ops");
  }

  @BeforeEach
  void makeAnImage() {
    layout = Workshop.layout(directory);
    image = Workshop.image(layout, "v1");
  }

  private static Stream<String> teams() {
    return Stream.of(dev, sec, ops).map(AuthorityVerifierTest::both);
  }

  /** An authority that is known by its key and by its certificate. */
  private static String both(Team team) {
    return "%s: {keys: [%s], notation: [%s]}"
        .formatted(team.name(), team.key(), team.root("\"*\""));
  }

  private Verification verify(String demands) {
    return verify(Policies.everywhere(teams(), demands), NAME, Conditions.NONE);
  }

  private Verification verify(AuthorityPolicy policy, String name, Conditions conditions) {
    ImageName asked = ImageName.of(Reference.parse(name));
    return new VerifyImage(Workshop.CLOCK)
        .verify(layout, image, new Trust.ByAuthorities(policy, asked, conditions));
  }

  private static Failure failure(Verification verification) {
    return verification.failure().orElseThrow();
  }

  @Test
  void eitherFormatOfAnAuthorityIsEnough() {
    String one = "signatures: [{authorities: [dev]}]";
    assertThat(failure(verify(one)).code()).isEqualTo(ErrorCode.SIGNATURE_MISSING);
    Descriptor notation = dev.notation(layout, image);
    Verification verified = verify(one);
    assertThat(verified.failure()).isEmpty();
    assertThat(verified.decision().orElseThrow().clauses().getFirst().satisfied())
        .extracting(Satisfied::authority, Satisfied::evidence)
        .containsExactly(tuple("dev", notation.digest()));
    SignatureRecord record = verified.verified().getFirst();
    assertThat(record.authority()).isEqualTo("dev");
    assertThat(record.timeSource()).isEqualTo(TimeSource.SIGNER);
    assertThat(record.signedBy().orElseThrow().certificate().orElseThrow().subject())
        .isEqualTo("CN=dev,O=Bulla,ST=Local,C=ZZ");
    layout = Workshop.layout(directory.resolve("other"));
    image = Workshop.image(layout, "v1");
    dev.cosign(layout, image);
    assertThat(verify(one).failure()).isEmpty();
  }

  @Test
  void theThresholdCountsAuthoritiesAndNotSignatures() {
    String two = "signatures: [{authorities: [dev, sec, ops], threshold: 2}]";
    dev.cosign(layout, image);
    dev.cosign(layout, image);
    dev.notation(layout, image);
    Verification once = verify(two);
    assertThat(failure(once).code()).isEqualTo(ErrorCode.SIGNATURE_THRESHOLD);
    assertThat(failure(once).reason())
        .contains("the demand 'signatures' of the scope 'all'", "1 of 2 needed", "sec or ops");
    assertThat(once.decision().orElseThrow().clauses().getFirst().missing())
        .isEqualTo("1 of 2 needed: no signature of the image by sec or ops beside dev");
    sec.notation(layout, image);
    assertThat(verify(two).failure()).isEmpty();
  }

  @Test
  void aKeyBehindTwoCertificatesAndNamesCountsOnce() {
    AuthorityPolicy policy =
        Policies.everywhere(
            Stream.of(
                "one: {keys: [%s]}".formatted(dev.key()),
                "two: {notation: [%s]}".formatted(dev.root("\"*\"")),
                both(sec)),
            "signatures: [{authorities: [one, two, sec], threshold: 2}]");
    dev.cosign(layout, image);
    dev.notation(layout, image);
    assertThat(failure(verify(policy, NAME, Conditions.NONE)).code())
        .isEqualTo(ErrorCode.SIGNATURE_THRESHOLD);
    sec.cosign(layout, image);
    assertThat(verify(policy, NAME, Conditions.NONE).failure()).isEmpty();
  }

  @Test
  void anAttestationIsNeededFromItsOwnAuthorities() {
    String demands =
        "signatures: [{authorities: [dev]}],"
            + " attestations: [{type: slsaprovenance1, authorities: [sec]}]";
    dev.cosign(layout, image);
    assertThat(failure(verify(demands)).code()).isEqualTo(ErrorCode.STATEMENT_MISSING);
    dev.attest(layout, image, PROVENANCE);
    Verification other = verify(demands);
    assertThat(failure(other).code()).isEqualTo(ErrorCode.SIGNER_NOT_TRUSTED);
    assertThat(failure(other).reason())
        .contains("attestation slsaprovenance1", "failed authority: dev");
    assertThat(other.verified()).extracting(SignatureRecord::authority).containsExactly("dev");
    sec.attest(layout, image, PROVENANCE);
    assertThat(verify(demands).failure()).isEmpty();
    sec.attest(layout, image, "https://example.test/other/v1");
    assertThat(
            new VerifyStatements()
                .verified(
                    layout,
                    image,
                    new Trust.ByAuthorities(
                        Policies.everywhere(teams(), demands),
                        ImageName.of(Reference.parse(NAME)),
                        Conditions.NONE),
                    Workshop.CLOCK))
        .extracting(one -> one.statement().orElseThrow().predicateType())
        .containsExactly(PredicateTypes.COSIGN_SIGN_V1, PROVENANCE);
  }

  @Test
  void anAttestationIsNoSignature() {
    dev.attest(layout, image, PROVENANCE);
    assertThat(failure(verify("signatures: [{authorities: [dev]}]")).code())
        .isEqualTo(ErrorCode.SIGNATURE_MISSING);
  }

  @Test
  void whatTheScopeDemandsOfASignatureIsCheckedAndNamed() {
    dev.cosign(layout, image);
    dev.notation(layout, image);
    String one = "signatures: [{authorities: [dev]}]";
    Map<String, ErrorCode> demands =
        Map.of(
            "requireTimestamp: true", ErrorCode.TIMESTAMP_MISSING,
            "algorithms: [ed25519]", ErrorCode.SIGNATURE_ALGORITHM);
    demands.forEach((demand, code) ->
        assertThat(failure(verify(one + ", " + demand)).code()).as(demand).isEqualTo(code));
    assertThat(verify(one + ", minimumRsaBits: 4096, algorithms: [ecdsa-p256-sha256]").failure())
        .isEmpty();
    assertThat(verify("signatures: [{authorities: [dev], maximumAge: 1d}]").failure()).isEmpty();
  }

  @Test
  void ageIsCountedFromTheEarliestThatIsSaid() {
    String demand =
        "attestations: [{type: vulns, authorities: [dev], maximumAge: 7d}]"
            .replace("vulns", PredicateTypes.VULNERABILITIES_V02);
    dev.attest(layout, image, PredicateTypes.VULNERABILITIES_V02, scan("2026-11-13T12:00:00Z"));
    assertThat(failure(verify(demand)).code()).isEqualTo(ErrorCode.SIGNATURE_EXPIRED);
    dev.attest(layout, image, PredicateTypes.VULNERABILITIES_V02, "{}");
    assertThat(verify(demand).accepted()).isFalse();
    dev.attest(layout, image, PredicateTypes.VULNERABILITIES_V02, scan("2026-11-22T12:00:00Z"));
    assertThat(verify(demand).accepted()).isFalse();
    dev.attest(layout, image, PredicateTypes.VULNERABILITIES_V02, scan("2026-11-15T12:00:00Z"));
    assertThat(verify(demand).failure()).isEmpty();
  }

  private static String scan(String finished) {
    return "{\"metadata\": {\"scanFinishedOn\": \"%s\"}}".formatted(finished);
  }

  @Test
  void auditAcceptsWithTheFindingsAndRefuseRefusesTheSigned() {
    Verification audited = verify("action: audit, signatures: [{authorities: [dev]}]");
    assertThat(audited.accepted()).isTrue();
    assertThat(audited.note()).contains("audit: accepted although", "[signature-missing]");
    assertThat(audited.decision().orElseThrow().clauses().getFirst().met()).isFalse();
    assertThat(verify("action: audit").note()).contains("nothing was verified");
    dev.cosign(layout, image);
    assertThat(failure(verify("action: refuse")).code()).isEqualTo(ErrorCode.POLICY_REFUSED);
    assertThat(verify("action: audit, signatures: [{authorities: [dev]}]").note()).isEmpty();
  }

  @Test
  void anImageOfNoScopeIsRefused() {
    AuthorityPolicy policy =
        Policies.parse(
            Policies.of(
                teams(),
                "{name: prod, images: [registry.example/prod/**], action: refuse}",
                "{name: team, images: [\"registry.example/team/*:v*\"], action: audit}"));
    assertThat(failure(verify(policy, "registry.example/x", Conditions.NONE)).code())
        .isEqualTo(ErrorCode.TRUST_POLICY_NO_SCOPE);
    assertThat(verify(policy, NAME, Conditions.NONE).accepted()).isTrue();
    String byDigest = NAME + "@" + image.digest();
    assertThat(verify(policy, byDigest, Conditions.NONE).accepted()).isFalse();
  }

  @Test
  void whatTheCallerDemandsIsAdded() {
    AuthorityPolicy policy = Policies.everywhere(teams(), "signatures: [{authorities: [dev]}]");
    dev.cosign(layout, image);
    Conditions pairs = Conditions.NONE.withAnnotations(Map.of("stage", "prod"));
    assertThat(failure(verify(policy, NAME, pairs)).code()).isEqualTo(ErrorCode.SIGNATURE_METADATA);
    new CosignSigner(dev.identity().signer(), Workshop.CLOCK)
        .sign(layout, image, Map.of("stage", "prod"));
    assertThat(verify(policy, NAME, pairs).failure()).isEmpty();
    Verification limited =
        verify(
            Policies.everywhere(teams(), "signatures: [{authorities: [dev, sec], threshold: 2}]"),
            NAME,
            Conditions.NONE.withMaxSignatures(1));
    assertThat(failure(limited).code()).isEqualTo(ErrorCode.SIGNATURE_TOO_MANY);
    Conditions early =
        new Conditions(
            Map.of(),
            false,
            false,
            Optional.of(Workshop.NOW.minusSeconds(1)),
            false,
            100,
            Conditions.NONE.revocation(),
            Optional.empty());
    Verification before = verify(policy, NAME, early);
    assertThat(before.accepted()).isFalse();
    assertThat(before.signatures().getFirst().checks()).extracting(Check::name).contains("at");
    assertThat(failure(before).code()).isEqualTo(ErrorCode.TIMESTAMP_MISSING);
  }
}
