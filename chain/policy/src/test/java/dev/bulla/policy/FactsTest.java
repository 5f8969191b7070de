package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.rules.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class FactsTest {
  @Test
  void everyDeclaredMemberIsThereWithAndWithoutEvidence() {
    SignatureRecord failed = Given.untrusted(Given.scan());
    Facts full =
        new FactsBuilder(Phase.BUILD_POST, Given.NOW)
            .template(Given.template())
            .subject(Given.SUBJECT)
            .verification(
                Given.verification(
                    Given.provenance(),
                    Given.sbom(),
                    Given.scanWith(Given.log4shell()),
                    failed,
                    imageSignature()))
            .build();
    Facts empty = new FactsBuilder(Phase.BUILD_PRE, Given.NOW).build();
    for (Facts facts : List.of(full, empty)) {
      Map<String, Shape> declared = FactShapes.environment().variables();
      ObjectNode document = facts.document();
      assertThat(names(document)).isEqualTo(withVersion(declared));
      declared.forEach((name, shape) -> {
        if (!name.equals("params")) {
          conforms(document.get(name), shape, name);
        }
      });
    }
  }

  @Test
  void provenanceSaysWhoBuiltWhatFromWhat() {
    JsonNode provenance = Given.facts(Given.provenance()).document().get("provenance");
    assertThat(provenance.get("builderId").asString())
        .isEqualTo("https://bulla.dev/builder/local/v1");
    assertThat(provenance.get("buildType").asString())
        .isEqualTo("https://bulla.dev/build/template/v1");
    assertThat(provenance.get("resolvedDependencies").asInt()).isEqualTo(2);
    assertThat(provenance.at("/materials/0/digest").asString()).startsWith("sha256:1111");
    assertThat(provenance.get("evidence").asString()).startsWith("sha256:");
    assertThat(provenance.get("authority").asString()).isEqualTo("home");
    assertThat(provenance.at("/externalParameters/template/note").isMissingNode()).isTrue();
    assertThat(provenance.at("/externalParameters/template/big").isString()).isTrue();
  }

  @Test
  void theSbomIsCountedWithNestedComponentsAndWithoutTheSystem() {
    JsonNode sbom = Given.facts(Given.sbom()).document().get("sbom");
    assertThat(sbom.get("componentCount").asInt()).isEqualTo(3);
    assertThat(sbom.get("licences"))
        .isEqualTo(Given.json("{\"MIT\": 1, \"MIT OR AGPL-3.0-only\": 1}"));
    assertThat(sbom.get("unknownLicence").asInt()).isEqualTo(1);
    assertThat(sbom.get("purlTypes")).isEqualTo(Given.json("{\"maven\": 1, \"npm\": 2}"));
    assertThat(sbom.get("packages"))
        .isEqualTo(
            Given.json(
                """
                {"pkg:maven/org.slf4j/slf4j-api": ["2.0.17"], "pkg:npm/left-pad": ["1.3.0"],
                 "pkg:npm/%40scope/inner": ["1"]}
                """));
    assertThat(sbom.at("/licenceUse/0/components/0").asString())
        .isEqualTo("org.slf4j:slf4j-api 2.0.17 in /app/lib/a.jar!b.jar");
  }

  @Test
  void spdxGivesTheSameMembers() {
    SignatureRecord spdx = Given.verified(PredicateTypes.SPDX, Given.predicate("spdx.json"));
    JsonNode sbom = Given.facts(spdx).document().get("sbom");
    assertThat(sbom.get("format").asString()).isEqualTo("spdx");
    assertThat(sbom.get("componentCount").asInt()).isEqualTo(3);
    assertThat(sbom.get("licences"))
        .isEqualTo(Given.json("{\"AGPL-3.0-only\": 1, \"MIT\": 1, \"(MIT) AND Own words $1\": 1}"));
  }

  @Test
  void findingsAreCountedByLevelAndByWhetherTheyCanBeRepaired() {
    ObjectNode unfixed = Given.log4shell().put("id", "CVE-1");
    ((ObjectNode) unfixed.at("/annotations/0")).putArray("fixedVersions");
    JsonNode vulns =
        Given.facts(Given.scanWith(Given.log4shell(), unfixed)).document().get("vulns");
    assertThat(vulns.at("/count/critical").asInt()).isEqualTo(2);
    assertThat(vulns.at("/fixable/critical").asInt()).isEqualTo(1);
    assertThat(vulns.at("/findings/0/text").asString()).endsWith("no fixed version is named");
    assertThat(vulns.at("/findings/1/locations/0/nested/0").asString())
        .isEqualTo("BOOT-INF/lib/log4j-core-2.14.1.jar");
    assertThat(vulns.get("dbDate").asString()).isEqualTo("2026-11-20T00:00:00Z");
  }

  @Test
  void ofSeveralStatementsTheNewestCounts() {
    ObjectNode older = Given.predicate("scan-clean.json");
    ((ObjectNode) older.get("metadata")).put("scanFinishedOn", "2026-11-01T00:00:00Z");
    SignatureRecord old = Given.verified(PredicateTypes.VULNERABILITIES_V02, older);
    SignatureRecord young = Given.scanWith(Given.log4shell());
    for (Facts facts : List.of(Given.facts(old, young), Given.facts(young, old))) {
      JsonNode vulns = facts.document().get("vulns");
      assertThat(vulns.at("/count/critical").asInt()).isEqualTo(1);
      assertThat(vulns.get("statements").asInt()).isEqualTo(2);
    }
  }

  @Test
  void ofTwoSbomsOfOneTimeTheOneThatKnowsPlacesCounts() {
    ObjectNode spdx = Given.predicate("spdx.json");
    ((ObjectNode) spdx.get("creationInfo")).put("created", "2026-11-21T11:59:40Z");
    SignatureRecord other = Given.verified(PredicateTypes.SPDX, spdx);
    for (Facts facts :
        List.of(Given.facts(Given.sbom(), other), Given.facts(other, Given.sbom()))) {
      assertThat(facts.document().at("/sbom/format").asString()).isEqualTo("cyclonedx");
    }
  }

  @Test
  void theOrderOfSignaturesChangesNoSection() {
    ObjectNode one = Given.facts(Given.provenance(), Given.sbom(), Given.scan()).document();
    ObjectNode two = Given.facts(Given.scan(), Given.provenance(), Given.sbom()).document();
    for (String section : List.of("provenance", "sbom", "vulns")) {
      assertThat(one.get(section)).isEqualTo(two.get(section));
    }
  }

  @Test
  void theDigestIsOfTheCanonicalDocument() {
    Facts facts = Given.facts(Given.provenance());
    assertThat(Digest.sha256(facts.canonical())).isEqualTo(facts.digest());
    assertThat(Given.facts(Given.provenance()).digest()).isEqualTo(facts.digest());
    assertThat(Given.facts(Given.sbom()).digest()).isNotEqualTo(facts.digest());
    assertThat(Json.canonical(facts.document())).isEqualTo(facts.canonical());
  }

  @Test
  void aSignatureOfTheImageIsNoAttestation() {
    ObjectNode document =
        Given.facts(imageSignature(), Given.untrusted(imageSignature())).document();
    assertThat(document.get("attestations")).isEmpty();
    assertThat(document.at("/signatures/0/verified").asBoolean()).isTrue();
    assertThat(document.at("/signatures/1/verified").asBoolean()).isFalse();
    assertThat(document.at("/signatures/1/failCode").asString()).isEqualTo("signer-not-trusted");
  }

  @Test
  void aVerificationOfSomethingElseIsRefused() {
    Verification other =
        new Verification(
            new Descriptor("m", Digest.sha256(new byte[] {9}), 1),
            true,
            Optional.empty(),
            List.of(),
            "");
    assertThatThrownBy(() ->
            new FactsBuilder(Phase.BUILD_POST, Given.NOW)
                .subject(Given.SUBJECT)
                .verification(other))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SIGNATURE_DIGEST_MISMATCH));
  }

  @Test
  void hugeTextsAndListsMakeTheirSectionAbsent() {
    ObjectNode scan = Given.log4shell();
    scan.put("id", "x").putArray("annotations").addObject().put("level", "l".repeat(5_000));
    JsonNode vulns = Given.facts(Given.scanWith(scan)).document().get("vulns");
    assertThat(vulns.get("present").asBoolean()).isFalse();
    assertThat(vulns.get("problem").asString()).contains("5000 characters");
    ObjectNode provenance = Given.predicate("provenance.json");
    ArrayNode many =
        ((ObjectNode) provenance.get("buildDefinition")).putArray("resolvedDependencies");
    for (int i = 0; i < 10_001; i++) {
      many.addObject().put("uri", "u" + i);
    }
    JsonNode section =
        Given.facts(Given.verified(PredicateTypes.SLSA_PROVENANCE_V1, provenance))
            .document()
            .get("provenance");
    assertThat(section.get("present").asBoolean()).isFalse();
  }

  private static SignatureRecord imageSignature() {
    return Given.verified(PredicateTypes.COSIGN_SIGN_V1, Json.object());
  }

  private static Set<String> names(JsonNode node) {
    return Set.copyOf(node.propertyNames());
  }

  private static Set<String> withVersion(Map<String, Shape> declared) {
    return java.util.stream.Stream.concat(
            java.util.stream.Stream.of("version"),
            declared.keySet().stream().filter(name -> !name.equals("params")))
        .collect(Collectors.toSet());
  }

  private static void conforms(JsonNode node, Shape shape, String where) {
    assertThat(node).as(where).isNotNull();
    switch (shape) {
      case Shape.Scalar scalar -> {
        boolean fits =
            switch (scalar) {
              case TEXT -> node.isString();
              case WHOLE -> node.isIntegralNumber();
              case REAL -> node.isNumber();
              case BOOL -> node.isBoolean();
              case ANY -> true;
            };
        assertThat(fits).as(where + " is " + node.getNodeType()).isTrue();
      }
      case Shape.ListOf list -> {
        assertThat(node.isArray()).as(where).isTrue();
        node.forEach(one -> conforms(one, list.element(), where + "[]"));
      }
      case Shape.MapOf map ->
          node.properties().forEach(e -> conforms(e.getValue(), map.value(), where));
      case Shape.Struct struct -> {
        assertThat(names(node)).as(where).isEqualTo(struct.fields().keySet());
        struct
            .fields()
            .forEach((name, field) -> conforms(node.get(name), field, where + "." + name));
      }
    }
  }
}
