package dev.bulla.signing;

import static dev.bulla.signing.Workshop.CLOCK;
import static dev.bulla.signing.Workshop.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.signing.notation.NotationSigner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignAndVerifyTest {
  @TempDir static Path identities;
  @TempDir Path directory;

  private static SigningIdentity ours;
  private static SigningIdentity stranger;
  private Repository layout;
  private Descriptor image;

  @BeforeAll
  static void makeTwoIdentities() {
    ours = Workshop.identity(identities, "ours");
    stranger = Workshop.identity(identities, "stranger");
  }

  @BeforeEach
  void makeAnImage() {
    layout = Workshop.layout(directory);
    image = Workshop.image(layout, "v1");
  }

  @Test
  void whatWeSignIsAcceptedInBothFormats() {
    SignImage.Signatures made =
        new SignImage(ours.signer(), CLOCK).sign(layout, image, Map.of("stage", "prod"));

    Verification notation = byPolicy(image);
    assertThat(notation.failure()).isEmpty();
    SignatureRecord record = notation.verified().getFirst();
    assertThat(record.evidence()).isEqualTo(made.notation().digest());
    assertThat(record.format()).isEqualTo("notation-jws");
    assertThat(record.authority()).isEqualTo("own");
    assertThat(record.identity()).isEqualTo("CN=ours,O=Bulla,ST=Local,C=ZZ");
    assertThat(record.signedAt()).contains(NOW);
    assertThat(record.checks())
        .extracting(Check::name)
        .containsExactly(
            "evidence",
            "integrity",
            "certificates",
            "critical-attributes",
            "authenticity",
            "expiry",
            "timestamp",
            "revocation",
            "digest");

    Verification cosign = byKey(image);
    assertThat(cosign.failure()).isEmpty();
    assertThat(cosign.verified().getFirst().evidence()).isEqualTo(made.cosign().digest());
    assertThat(cosign.verified().getFirst().statement().orElseThrow().predicateType())
        .isEqualTo(PredicateTypes.COSIGN_SIGN_V1);
  }

  @Test
  void theManifestsHaveTheFormThatThePeersLookFor() {
    SignImage.Signatures made = new SignImage(ours.signer(), CLOCK).sign(layout, image, Map.of());
    Manifest notation = layout.manifest(made.notation());
    assertThat(notation.artifactType()).isEmpty();
    assertThat(notation.config().orElseThrow().mediaType())
        .isEqualTo("application/vnd.cncf.notary.signature");
    assertThat(notation.layers())
        .extracting(Descriptor::mediaType)
        .containsExactly("application/jose+json");
    assertThat(notation.annotations())
        .containsKey("io.cncf.notary.x509chain.thumbprint#S256")
        .containsEntry("org.opencontainers.image.created", "2026-11-21T12:00:00Z");

    Manifest cosign = layout.manifest(made.cosign());
    assertThat(cosign.artifactType()).contains("application/vnd.dev.sigstore.bundle.v0.3+json");
    assertThat(cosign.config().orElseThrow().artifactType())
        .contains("application/vnd.dev.sigstore.bundle.v0.3+json");
    assertThat(cosign.annotations())
        .containsEntry("dev.sigstore.bundle.content", "dsse-envelope")
        .containsEntry("dev.sigstore.bundle.predicateType", "https://sigstore.dev/cosign/sign/v1");
    assertThat(cosign.subject().orElseThrow()).isEqualTo(image.bare());
  }

  @Test
  void aSignatureByAnotherKeyIsRefusedAsSuch() {
    new SignImage(stranger.signer(), CLOCK).sign(layout, image, Map.of());
    refused(byPolicy(image), ErrorCode.SIGNER_NOT_TRUSTED);
    refused(byKey(image), ErrorCode.SIGNER_NOT_TRUSTED);
  }

  @Test
  void anotherIdentityUnderTheSameRootIsRefusedAsSuch() {
    new SignImage(ours.signer(), CLOCK).sign(layout, image, Map.of());
    Trust wrong =
        new Trust.ByPolicy(
            Workshop.policy(
                ours, "strict", "x509.subject: C=ZZ, ST=Local, O=Bulla, CN=somebody else"));
    refused(
        new VerifyImage(CLOCK).verify(layout, image, wrong), ErrorCode.SIGNER_IDENTITY_MISMATCH);
    Trust right =
        new Trust.ByPolicy(
            Workshop.policy(ours, "strict", "x509.subject: CN=ours,O=Bulla,S=Local,C=ZZ"));
    assertThat(new VerifyImage(CLOCK).verify(layout, image, right).accepted()).isTrue();
  }

  @Test
  void aSignatureOverAnotherDigestIsRefusedAsSuch() {
    Descriptor other = Workshop.image(layout, "v2");
    SignImage.Signatures made = new SignImage(ours.signer(), CLOCK).sign(layout, other, Map.of());
    moveTo(image, made.notation());
    moveTo(image, made.cosign());
    refused(byPolicy(image), ErrorCode.SIGNATURE_DIGEST_MISMATCH);
    refused(byKey(image), ErrorCode.SIGNATURE_DIGEST_MISMATCH);
  }

  @Test
  void aTamperedPayloadIsRefusedAsSuch() {
    SignImage.Signatures made =
        new SignImage(ours.signer(), CLOCK).sign(layout, image, Map.of("stage", "prod"));
    Descriptor other = Workshop.image(layout, "v2");
    String otherDigest = other.digest().hex();
    change(
        other,
        made.notation(),
        text -> replaceInBase64(text, "payload", image.digest().hex(), otherDigest));
    change(
        other,
        made.cosign(),
        text -> replaceInBase64(text, "payload", image.digest().hex(), otherDigest));
    refused(byPolicy(other), ErrorCode.SIGNATURE_INVALID);
    refused(byKey(other), ErrorCode.SIGNATURE_INVALID);
  }

  @Test
  void anExpiredCertificateIsRefusedAsSuch() {
    new SignImage(ours.signer(), CLOCK).sign(layout, image, Map.of());
    InstantSource later = InstantSource.fixed(NOW.plus(Duration.ofDays(4000)));
    Verification verification =
        new VerifyImage(later).verify(layout, image, new Trust.ByPolicy(Workshop.strict(ours)));
    refused(verification, ErrorCode.CERTIFICATE_EXPIRED);
    assertThatThrownBy(() -> new NotationSigner(ours.signer(), later).sign(layout, image))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED));
  }

  @Test
  void anExpiredSignatureIsRefusedAsSuch() {
    new NotationSigner(ours.signer(), CLOCK)
        .sign(layout, image, Map.of(), Optional.of(Duration.ofMinutes(10)));
    assertThat(byPolicy(image).accepted()).isTrue();
    InstantSource later = InstantSource.fixed(NOW.plus(Duration.ofMinutes(10)));
    refused(
        new VerifyImage(later).verify(layout, image, new Trust.ByPolicy(Workshop.strict(ours))),
        ErrorCode.SIGNATURE_EXPIRED);
    Verification permissive =
        new VerifyImage(later)
            .verify(layout, image, new Trust.ByPolicy(Workshop.policy(ours, "permissive", "*")));
    assertThat(permissive.accepted()).isTrue();
    assertThat(permissive.verified().getFirst().checks())
        .filteredOn(check -> check.outcome() == Check.Outcome.LOGGED)
        .extracting(Check::name)
        .containsExactly("expiry");
  }

  @Test
  void anImageWithoutSignaturesIsRefusedAsSuch() {
    refused(byPolicy(image), ErrorCode.SIGNATURE_MISSING);
    refused(byKey(image), ErrorCode.SIGNATURE_MISSING);
  }

  @Test
  void demandedPairsMustBeSigned() {
    new SignImage(ours.signer(), CLOCK).sign(layout, image, Map.of("stage", "prod"));
    for (Map<String, String> wanted : List.of(Map.of("stage", "test"), Map.of("absent", "x"))) {
      refused(
          new VerifyImage(CLOCK)
              .verify(
                  layout, image, new Trust.ByPolicy(Workshop.strict(ours).withMetadata(wanted))),
          ErrorCode.SIGNATURE_METADATA);
      refused(
          new VerifyImage(CLOCK)
              .verify(layout, image, new Trust.ByKey(Workshop.key(ours).withAnnotations(wanted))),
          ErrorCode.SIGNATURE_METADATA);
    }
  }

  @Test
  void oneGoodSignatureAmongStrangersIsEnough() {
    new SignImage(stranger.signer(), CLOCK).sign(layout, image, Map.of());
    new SignImage(ours.signer(), CLOCK).sign(layout, image, Map.of());
    assertThat(byPolicy(image).accepted()).isTrue();
    assertThat(byPolicy(image).signatures()).hasSize(2);
    assertThat(byKey(image).accepted()).isTrue();
  }

  @Test
  void moreSignaturesThanTheLimitIsAnErrorOfItsOwn() {
    for (int i = 0; i < 3; i++) {
      new SignImage(stranger.signer(), InstantSource.fixed(NOW.plusSeconds(i)))
          .sign(layout, image, Map.of());
    }
    refused(
        new VerifyImage(CLOCK)
            .verify(layout, image, new Trust.ByPolicy(Workshop.strict(ours).withMaxSignatures(2))),
        ErrorCode.SIGNATURE_TOO_MANY);
    refused(
        new VerifyImage(CLOCK)
            .verify(layout, image, new Trust.ByKey(Workshop.key(ours).withMaxSignatures(2))),
        ErrorCode.SIGNATURE_TOO_MANY);
    assertThatThrownBy(() ->
            new VerifyStatements().all(layout, image, Workshop.key(ours).withMaxSignatures(2)))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SIGNATURE_TOO_MANY));
  }

  @Test
  void anAttestationIsNoSignatureOfTheImageUnlessAskedFor() {
    seal(PredicateTypes.SPDX);
    refused(byKey(image), ErrorCode.SIGNATURE_MISSING);
    Trust likeCosign = new Trust.ByKey(Workshop.key(ours).withAnyStatement());
    assertThat(new VerifyImage(CLOCK).verify(layout, image, likeCosign).accepted()).isTrue();
  }

  @Test
  void sealedStatementsComeBackVerifiedAndInAStableOrder() {
    SignImage.Sealed spdx = seal(PredicateTypes.SPDX);
    seal(PredicateTypes.CYCLONEDX);
    new CosignSigner(stranger.signer(), CLOCK)
        .attest(
            layout,
            image,
            Statement.about(image.digest(), PredicateTypes.SLSA_PROVENANCE_V1, Json.object()));
    VerifyStatements verifier = new VerifyStatements();
    assertThat(verifier.verified(layout, image, Workshop.key(ours)))
        .extracting(record -> record.statement().orElseThrow().predicateType())
        .containsExactly(PredicateTypes.CYCLONEDX, PredicateTypes.SPDX);
    assertThat(verifier.all(layout, image, Workshop.key(ours))).hasSize(3);
    assertThat(verifier.require(layout, image, PredicateTypes.SPDX, Workshop.key(ours)).accepted())
        .isTrue();
    refused(
        verifier.require(layout, image, PredicateTypes.VERIFICATION_SUMMARY_V1, Workshop.key(ours)),
        ErrorCode.SIGNER_NOT_TRUSTED);
    assertThat(byPolicy(spdx.bundle()).accepted())
        .as("the bundle's manifest is signed with Notation")
        .isTrue();
  }

  @Test
  void aStatementAboutSomethingElseIsNotSealed() {
    Descriptor other = Workshop.image(layout, "v2");
    Statement statement = Statement.about(other.digest(), PredicateTypes.SPDX, Json.object());
    assertThatThrownBy(
            () -> new CosignSigner(ours.signer(), CLOCK).attest(layout, image, statement))
        .hasMessageContaining("about something else");
  }

  private SignImage.Sealed seal(String predicateType) {
    Statement statement = Statement.about(image.digest(), predicateType, Json.object());
    return new SignImage(ours.signer(), CLOCK).seal(layout, image, statement);
  }

  private Verification byPolicy(Descriptor subject) {
    return new VerifyImage(CLOCK)
        .verify(layout, subject, new Trust.ByPolicy(Workshop.strict(ours)));
  }

  private Verification byKey(Descriptor subject) {
    return new VerifyImage(CLOCK).verify(layout, subject, new Trust.ByKey(Workshop.key(ours)));
  }

  private static void refused(Verification verification, ErrorCode code) {
    assertThat(verification.accepted()).isFalse();
    assertThat(verification.failure().orElseThrow().code())
        .as(verification.failure().orElseThrow().reason())
        .isEqualTo(code);
    assertThat(verification.verified())
        .filteredOn(record -> record.statement().isEmpty())
        .isEmpty();
  }

  /** Attaches the envelope of a signature to another subject. */
  private void moveTo(Descriptor subject, Descriptor signature) {
    change(subject, signature, text -> text);
  }

  private void change(
      Descriptor subject, Descriptor signature, java.util.function.UnaryOperator<String> edit) {
    Manifest manifest = layout.manifest(signature);
    Descriptor layer = manifest.layers().getFirst();
    String text = new String(layout.blobBytes(layer, 1 << 20), StandardCharsets.UTF_8);
    byte[] changed = edit.apply(text).getBytes(StandardCharsets.UTF_8);
    Descriptor blob = Descriptor.of(layer.mediaType(), changed);
    layout.pushBlob(blob, BlobSource.of(changed));
    layout.pushManifest(
        Manifest.image(
            manifest.config().orElseThrow(),
            List.of(blob),
            manifest.artifactType(),
            Optional.of(subject),
            manifest.annotations()),
        List.of());
  }

  private static String replaceInBase64(String json, String member, String from, String to) {
    int start = json.indexOf('"' + member + "\":\"") + member.length() + 4;
    String encoded = json.substring(start, json.indexOf('"', start));
    String padded = encoded.replace('-', '+').replace('_', '/');
    String payload = new String(Base64.getDecoder().decode(padded), StandardCharsets.UTF_8);
    byte[] changed = payload.replace(from, to).getBytes(StandardCharsets.UTF_8);
    boolean url = !json.contains(MediaTypes.SIGSTORE_BUNDLE);
    Base64.Encoder encoder = url ? Base64.getUrlEncoder().withoutPadding() : Base64.getEncoder();
    return json.replace(encoded, encoder.encodeToString(changed));
  }
}
