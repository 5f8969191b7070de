package dev.bulla.signing.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.Workshop;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.signing.cosign.PredicateNames;
import dev.bulla.signing.notation.NotationSigner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attestations in the way of Notation's users, and demanded pairs, under a trust policy. */
class AttachedStatementTest {
  private static final String INVENTORY = "attestations: [{type: spdxjson, authorities: [sec]}]";

  @TempDir static Path identities;
  @TempDir Path directory;
  private static Team dev;
  private static Team sec;

  private Repository layout;
  private Descriptor image;

  @BeforeAll
  static void makeTeams() {
    dev = Team.of(identities, "dev");
    sec = Team.of(identities, "sec");
  }

  @BeforeEach
  void makeAnImage() {
    layout = Workshop.layout(directory);
    image = Workshop.image(layout, "v1");
  }

  private Verification verify(String demands) {
    return verify(demands, Conditions.NONE);
  }

  private Verification verify(String demands, Conditions conditions) {
    AuthorityPolicy policy =
        Policies.everywhere(
            Stream.of(
                "dev: {keys: [%s], notation: [%s]}".formatted(dev.key(), dev.root("\"*\"")),
                "sec: {notation: [%s]}".formatted(sec.root("\"*\""))),
            demands);
    ImageName name = ImageName.of(Reference.parse("registry.example/app:v1"));
    return new VerifyImage(Workshop.CLOCK)
        .verify(layout, image, new Trust.ByAuthorities(policy, name, conditions));
  }

  private Statement about(Descriptor subject, String type) {
    return Statement.about(subject.digest(), type, Json.object().put("name", "app"));
  }

  private static ErrorCode refused(Verification verification) {
    return verification.failure().orElseThrow().code();
  }

  @ParameterizedTest
  @CsvSource({"spdxjson", "cyclonedx", "slsaprovenance1", "https://example.test/custom/v1"})
  void whatIsAttachedAndSignedIsAttested(String type) {
    String demand = "attestations: [{type: '%s', authorities: [sec]}]".formatted(type);
    assertThat(refused(verify(demand))).isEqualTo(ErrorCode.STATEMENT_MISSING);
    String uri = PredicateNames.toUri(type);
    List<Descriptor> made = sec.attach(layout, image, about(image, uri), Map.of());
    Verification verified = verify(demand);
    assertThat(verified.failure()).isEmpty();
    SignatureRecord record = verified.verified().getFirst();
    assertThat(record.evidence()).isEqualTo(made.getLast().digest());
    assertThat(record.statement().orElseThrow().predicateType()).isEqualTo(uri);
    assertThat(record.statement().orElseThrow().predicate().path("name").asString())
        .isEqualTo("app");
  }

  @Test
  void itIsNoSignatureOfTheImageAndOthersMayNotAttest() {
    dev.attach(layout, image, about(image, PredicateTypes.SPDX), Map.of());
    Verification byOther = verify(INVENTORY);
    assertThat(refused(byOther)).isEqualTo(ErrorCode.SIGNER_NOT_TRUSTED);
    assertThat(refused(verify("signatures: [{authorities: [dev]}]")))
        .isEqualTo(ErrorCode.SIGNATURE_MISSING);
    assertThat(refused(verify("signatures: [{authorities: [dev]}], " + INVENTORY)))
        .isEqualTo(ErrorCode.SIGNATURE_MISSING);
  }

  @Test
  void withoutItsSignatureWhatIsAttachedSaysNothing() {
    attach("application/spdx+json", "application/spdx+json", "{}", image);
    assertThat(refused(verify(INVENTORY))).isEqualTo(ErrorCode.STATEMENT_MISSING);
  }

  private Descriptor attach(String artifact, String layer, String content, Descriptor subject) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    Descriptor config = Descriptor.of(MediaTypes.OCI_EMPTY, "{}".getBytes(StandardCharsets.UTF_8));
    Descriptor document = Descriptor.of(layer, bytes);
    layout.pushBlob(config, BlobSource.of("{}".getBytes(StandardCharsets.UTF_8)));
    layout.pushBlob(document, BlobSource.of(bytes));
    Manifest manifest =
        Manifest.image(
            config, List.of(document), Optional.of(artifact), Optional.of(subject), Map.of());
    layout.pushManifest(manifest, List.of());
    return manifest.descriptor();
  }

  /** The artifact is signed; what it says decides. THIS and OTHER are digests. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "application/spdx+json | application/spdx+json | {} |",
        "application/spdx+json | application/json | {} |",
        "application/vnd.in-toto+json | application/vnd.in-toto+json | STATEMENT |",
        "application/vnd.in-toto+json | application/vnd.dsse.envelope.v1+json | ENVELOPE |",
        "application/vnd.in-toto+json | application/spdx+json | {} |",
        "application/spdx+json | application/spdx+json | [] | statement-invalid",
        "application/spdx+json | application/spdx+json | {\"a\":1,\"a\":2} | statement-invalid",
        "application/vnd.in-toto+json | application/vnd.in-toto+json | {} | statement-invalid",
        "application/vnd.in-toto+json | application/vnd.in-toto+json | ELSEWHERE |"
            + " signature-digest-mismatch",
        "application/vnd.in-toto+json | application/vnd.in-toto+json | SIGNATURE |"
            + " statement-invalid",
        "application/vnd.cyclonedx+json | application/spdx+json | {} | statement-missing",
        "application/sarif+json | application/json | {} | statement-missing",
      })
  void theDocumentMustBeWhatItSays(String artifact, String layer, String content, String code) {
    String spdx = text(about(image, PredicateTypes.SPDX).toJson());
    String written =
        switch (content) {
          case "STATEMENT" -> spdx;
          case "ENVELOPE" ->
              "{\"payloadType\":\"application/vnd.in-toto+json\",\"payload\":\"%s\","
                      .formatted(
                          Base64.getEncoder().encodeToString(spdx.getBytes(StandardCharsets.UTF_8)))
                  + "\"signatures\":[{\"sig\":\"AAAA\"}]}";
          case "ELSEWHERE" -> spdx.replace(image.digest().hex(), "0".repeat(64));
          case "SIGNATURE" -> text(about(image, PredicateTypes.COSIGN_SIGN_V1).toJson());
          default -> content;
        };
    Descriptor made = attach(artifact, layer, written, image);
    sec.notation(layout, made);
    Verification found = verify(INVENTORY);
    assertThat(found.failure().map(why -> why.code().id()).orElse(null)).isEqualTo(code);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void anArtifactOfAnotherImageSaysNothingOfThisOne() {
    Descriptor other = Workshop.image(layout, "v2");
    sec.attach(layout, other, about(image, PredicateTypes.SPDX), Map.of());
    assertThat(refused(verify(INVENTORY))).isEqualTo(ErrorCode.STATEMENT_MISSING);
  }

  @Test
  void pairsAreDemandedPerDemandInEveryFormat() {
    String prod = "signatures: [{authorities: [dev], annotations: {stage: prod}}]";
    new NotationSigner(dev.identity().signer(), Workshop.CLOCK)
        .sign(layout, image, Map.of("stage", "test"), Optional.empty());
    Verification wrong = verify(prod);
    assertThat(refused(wrong)).isEqualTo(ErrorCode.SIGNATURE_METADATA);
    assertThat(wrong.failure().orElseThrow().reason())
        .contains("no signature of the image with stage=prod by dev", "stage=test");
    assertThat(wrong.signatures().getFirst().annotations()).containsEntry("stage", "test");
    new CosignSigner(dev.identity().signer(), Workshop.CLOCK)
        .sign(layout, image, Map.of("stage", "prod", "more", "x"));
    Verification right = verify(prod);
    assertThat(right.failure()).isEmpty();
    assertThat(right.decision().orElseThrow().clauses().getFirst().annotations())
        .containsEntry("stage", "prod");
    assertThat(refused(verify("signatures: [{authorities: [dev, sec], threshold: 2}]")))
        .isEqualTo(ErrorCode.SIGNATURE_THRESHOLD);
  }

  @Test
  void pairsOfAnAttachedStatementAreThoseOfItsSignature() {
    String checked =
        "attestations: [{type: spdxjson, authorities: [sec], annotations: {by: hand}}]";
    sec.attach(layout, image, about(image, PredicateTypes.SPDX), Map.of());
    assertThat(refused(verify(checked))).isEqualTo(ErrorCode.SIGNATURE_METADATA);
    sec.attach(layout, image, about(image, PredicateTypes.SPDX), Map.of("by", "hand"));
    assertThat(verify(checked, Conditions.NONE.withAnnotations(Map.of("stage", "prod"))).failure())
        .isEmpty();
  }

  @Test
  void theLimitHoldsForArtifactsToo() {
    for (String one : List.of("1", "2", "3")) {
      attach("application/spdx+json", "application/spdx+json", "{\"n\":%s}".formatted(one), image);
    }
    assertThat(refused(verify(INVENTORY, Conditions.NONE.withMaxSignatures(2))))
        .isEqualTo(ErrorCode.SIGNATURE_TOO_MANY);
  }
}
