package dev.bulla.signing.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.KeyAlgorithm;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.LocalSigner;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyBlob;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.Workshop;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.cosign.DualSigner;
import dev.bulla.signing.cosign.TrustedSigner;
import dev.bulla.signing.trust.BlobSubject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ML-DSA-65 alone, and beside ECDSA in one envelope. */
class DualSignatureTest {
  private static final LocalSigner CURVE = KeyAlgorithm.ECDSA_P256.generate(new SecureRandom());
  private static final LocalSigner LATTICE = KeyAlgorithm.ML_DSA_65.generate(new SecureRandom());
  private static final DualSigner DUAL = new DualSigner(CURVE, LATTICE, Workshop.CLOCK);
  private static final String BOTH = "algorithms: [ecdsa-p256-sha256+ml-dsa-65]";

  @TempDir Path directory;
  private Repository layout;
  private Descriptor image;

  @BeforeEach
  void makeAnImage() {
    layout = Workshop.layout(directory);
    image = Workshop.image(layout, "v1");
  }

  private static String pem(LocalSigner signer) {
    return "pem: \"%s\""
        .formatted(
            new String(KeyFiles.publicKeyPem(signer.verifier()), StandardCharsets.US_ASCII)
                .replace("\n", "\\n"));
  }

  private static AuthorityPolicy policy(String key, String demands) {
    return Policies.parse(
        Policies.of(
            Stream.of("dual: {keys: [{%s}]}".formatted(key)),
            "{name: all, images: [\"**\"], blobs: [\"**\"], %s}".formatted(demands)));
  }

  private static AuthorityPolicy dual(String demands) {
    return policy("%s, second: {%s}".formatted(pem(CURVE), pem(LATTICE)), demands);
  }

  private Verification verify(AuthorityPolicy policy) {
    ImageName name = ImageName.of(Reference.parse("registry.example/app:v1"));
    return verify(new Trust.ByAuthorities(policy, name, Conditions.NONE));
  }

  private Verification verify(Trust trust) {
    return new VerifyImage(Workshop.CLOCK).verify(layout, image, trust);
  }

  private static ErrorCode refused(Verification verification) {
    return verification.failure().orElseThrow().code();
  }

  private static String signed(String more) {
    return "signatures: [{authorities: [dual]}], " + more;
  }

  @Test
  void bothSignaturesInOneEnvelopeCount() {
    DUAL.sign(layout, image, Map.of("stage", "prod"));
    Verification verified = verify(dual(signed(BOTH)));
    assertThat(verified.failure()).isEmpty();
    assertThat(verified.verified().getFirst().signedBy().orElseThrow().algorithmId())
        .isEqualTo("ecdsa-p256-sha256+ml-dsa-65");
    assertThat(
            verify(dual("signatures: [{authorities: [dual], annotations: {stage: prod}}], " + BOTH))
                .failure())
        .isEmpty();
  }

  @Test
  void theyCountOnlyWhereTheAlgorithmsAreNamed() {
    DUAL.sign(layout, image, Map.of());
    for (String algorithms :
        List.of("requireLog: false", "algorithms: [ml-dsa-65, ecdsa-p256-sha256]")) {
      assertThat(refused(verify(dual(signed(algorithms)))))
          .isEqualTo(ErrorCode.SIGNATURE_ALGORITHM);
    }
  }

  @Test
  void oneHalfIsNeverTheWhole() {
    AuthorityPolicy policy = dual(signed(BOTH));
    new CosignSigner(CURVE, Workshop.CLOCK).sign(layout, image);
    new CosignSigner(LATTICE, Workshop.CLOCK).sign(layout, image);
    assertThat(refused(verify(policy))).isEqualTo(ErrorCode.SIGNER_NOT_TRUSTED);
    Statement statement = Statement.about(image.digest(), "https://a.test/t", Json.object());
    DsseEnvelope whole = envelope(DUAL.signBlob(image.digest()));
    DsseEnvelope other = envelope(DUAL.seal(statement));
    DsseEnvelope.Signature curve = whole.signatures().getFirst();
    DsseEnvelope.Signature lattice = whole.signatures().getLast();
    for (List<DsseEnvelope.Signature> changed :
        List.of(
            List.of(curve),
            List.of(lattice),
            List.of(lattice, curve),
            List.of(curve, curve),
            List.of(lattice, lattice),
            List.of(curve, lattice, curve),
            List.of(curve, other.signatures().getLast()),
            List.of(other.signatures().getFirst(), lattice))) {
      push(new DsseEnvelope(whole.payloadType(), whole.payload(), changed));
    }
    assertThat(verify(policy).verified()).isEmpty();
    push(whole);
    assertThat(verify(policy).failure()).isEmpty();
  }

  private static DsseEnvelope envelope(byte[] json) {
    return DsseEnvelope.parse(Json.parse(json, "test"), "test");
  }

  private void push(DsseEnvelope envelope) {
    byte[] bytes = Json.write(envelope.toJson());
    byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
    Descriptor config = Descriptor.of(MediaTypes.OCI_EMPTY, empty);
    Descriptor layer = Descriptor.of(MediaTypes.DSSE, bytes);
    layout.pushBlob(config, BlobSource.of(empty));
    layout.pushBlob(layer, BlobSource.of(bytes));
    layout.pushManifest(
        Manifest.image(
            config,
            List.of(layer),
            Optional.of(MediaTypes.DUAL_SIGNATURE),
            Optional.of(image),
            Map.of()),
        List.of());
  }

  @Test
  void aPairIsNoSingleKeyAndTheOtherWayRound() {
    DUAL.sign(layout, image, Map.of());
    CosignTrust single = new CosignTrust(CURVE.verifier(), "curve");
    assertThat(refused(verify(new Trust.ByKey(single)))).isEqualTo(ErrorCode.SIGNER_NOT_TRUSTED);
    CosignTrust pair =
        new CosignTrust(new TrustedSigner.Pair(CURVE.verifier(), LATTICE.verifier()), "both");
    assertThat(refused(verify(new Trust.ByKey(pair)))).isEqualTo(ErrorCode.SIGNATURE_ALGORITHM);
    assertThat(verify(new Trust.ByKey(pair.withExperimental())).failure()).isEmpty();
  }

  @Test
  void mlDsaAloneCountsWhereItIsNamed() {
    new CosignSigner(LATTICE, Workshop.CLOCK).sign(layout, image);
    assertThat(refused(verify(policy(pem(LATTICE), signed("requireLog: false")))))
        .isEqualTo(ErrorCode.SIGNATURE_ALGORITHM);
    assertThat(verify(policy(pem(LATTICE), signed("algorithms: [ml-dsa-65]"))).failure()).isEmpty();
    CosignTrust key = new CosignTrust(LATTICE.verifier(), "lattice");
    assertThat(refused(verify(new Trust.ByKey(key)))).isEqualTo(ErrorCode.SIGNATURE_ALGORITHM);
    assertThat(verify(new Trust.ByKey(key.withExperimental())).failure()).isEmpty();
  }

  @Test
  void filesAndStatementsToo() throws Exception {
    Path file = Files.writeString(directory.resolve("app"), "program");
    Digest digest = BlobSubject.of(file).descriptor().digest();
    AuthorityPolicy policy =
        dual(signed("attestations: [{type: custom, authorities: [dual]}], " + BOTH));
    Statement review =
        Statement.about(digest, "https://cosign.sigstore.dev/attestation/v1", Json.object());
    List<BlobEvidence> given = new ArrayList<>();
    given.add(new BlobEvidence.SigstoreBundle(DUAL.signBlob(digest)));
    given.add(new BlobEvidence.SigstoreBundle(DUAL.seal(review)));
    assertThat(file(file, given, policy).failure()).isEmpty();
    Collections.reverse(given);
    assertThat(file(file, given.subList(0, 1), policy).accepted()).isFalse();
    byte[] lattice = new CosignSigner(LATTICE, Workshop.CLOCK).signBlob(file);
    AuthorityPolicy alone = policy(pem(LATTICE), signed("algorithms: [ml-dsa-65]"));
    assertThat(file(file, List.of(new BlobEvidence.SigstoreBundle(lattice)), alone).failure())
        .isEmpty();
  }

  private static Verification file(Path file, List<BlobEvidence> given, AuthorityPolicy policy) {
    return new VerifyBlob(Workshop.CLOCK)
        .verify(BlobSubject.of(file), given, policy, Optional.empty(), Conditions.NONE);
  }

  @Test
  void keysOfOtherKindsAreNoPair() {
    assertThatThrownBy(
            () -> policy("%s, second: {%s}".formatted(pem(LATTICE), pem(CURVE)), signed(BOTH)))
        .hasMessageContaining("by an ECDSA key and an ML-DSA-65 key");
    assertThatThrownBy(
            () -> policy("%s, hash: sha256, second: {%s}".formatted(pem(CURVE), pem(LATTICE)), ""))
        .hasMessageContaining("given beside hash");
    assertThatThrownBy(() ->
            Policies.parse(
                Policies.of(
                    Stream.of(
                        "a: {keys: [{%s, second: {%s}}]}".formatted(pem(CURVE), pem(LATTICE)),
                        "b: {keys: [{%s}]}".formatted(pem(LATTICE))),
                    "{name: x, images: [\"**\"], signatures: [{authorities: [a, b]}]}")))
        .hasMessageContaining("share the key");
  }
}
