package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.LocalSigner;
import dev.bulla.oci.Repository;
import dev.bulla.policy.VerificationSummary;
import dev.bulla.signing.VerifyStatements;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.NotationSigner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Bindings of a whole server: policy bundles, ages. */
class BindingPolicyTest {
  private static final String BUNDLE =
      """
      apiVersion: bulla.dev/v1
      kind: Policy
      metadata: {name: gate, version: "1"}
      spec:
        phases: [deploy]
        params: {maxDays: 7}
        rules:
          - id: scanned
            title: The image was scanned
            assert: "vulns.present"
            message: "'nobody has scanned it'"
          - id: scan-is-young
            title: Its scan is young
            when: "vulns.present"
            assert: "vulns.dbDate != '' && daysBetween(vulns.dbDate, now) <= params.maxDays"
            message: "'the scan is too old'"
      """;

  @TempDir static Path directory;
  private static TrustTrial trial;

  @BeforeAll
  static void start() {
    trial = new TrustTrial(directory);
  }

  @AfterAll
  static void stop() {
    trial.close();
  }

  @Test
  void aPolicyBundleRefusesByTheRuleThatFailsAndItsAnswerEndsWhenItCanChange() {
    trial.bind("gated/*", "enforce", trial.policy("alice"), BUNDLE, Map.of());
    Descriptor image = trial.image("gated/app", "v1");
    trial.sign("gated/app", image, "alice");

    Client.Answer refused = trial.reader().get("/v2/gated/app/manifests/v1");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.body()).contains("policy/scanned: nobody has scanned it");

    trial.attest("gated/app", image, "mallory", scan(image));
    assertThat(trial.pull("gated/app", "v1")).as("a stranger's word").isEqualTo(403);
    trial.attest("gated/app", image, "alice", scan(image));
    assertThat(trial.pull("gated/app", "v1")).isEqualTo(200);
    JsonNode trust = trial.trust("gated/app", image);
    assertThat(trust.path("clauses").size()).isEqualTo(3);

    trial.pass(Duration.ofDays(8).minusHours(3));
    assertThat(trial.pull("gated/app", "v1")).isEqualTo(200);
    Duration left =
        Duration.between(
            trial.clock().instant(),
            java.time.Instant.parse(trial.trust("gated/app", image).path("validUntil").asString()));
    assertThat(left).isLessThan(Duration.ofHours(24));
    trial.pass(Duration.ofHours(5));
    assertThat(trial.pull("gated/app", "v1")).isEqualTo(403);
    assertThat(trial.state("gated/app", image)).isEqualTo("REVOKED");
  }

  @Test
  void aMaximumAgeEndsADecisionToTheSecond() {
    Descriptor image = trial.image("young/app", "v1");
    Statement statement = provenance(image);
    String attested =
        trial.policy(
            "alice",
            "      attestations: [{type: slsaprovenance1, authorities: [release], maximumAge:"
                + " 2h}]\n");
    trial.bind("young/*", "enforce", attested);
    trial.sign("young/app", image, "alice");
    trial.attest("young/app", image, "alice", statement);

    assertThat(trial.pull("young/app", "v1")).isEqualTo(200);
    trial.pass(Duration.ofMinutes(119));
    assertThat(trial.pull("young/app", "v1")).isEqualTo(200);
    trial.pass(Duration.ofMinutes(2));
    assertThat(trial.pull("young/app", "v1")).isEqualTo(403);
  }

  @Test
  void anExceptionCountsOnceTwoOthersAgreedAndUntilItEnds() {
    trial.bind("waived/*", "enforce", trial.policy("alice"));
    Descriptor image = trial.image("waived/app", "v1");
    Client ci = trial.robot("ci", "waived/*=push");
    Client anna = trial.robot("anna", "waived/*=waive");
    Client bert = trial.robot("bert", "waived/*=waive");
    Client judge = trial.robot("judge", "waived/*=admit");
    String about = "/v2/waived/app/_trust/" + image.digest();
    String until = trial.clock().instant().plus(Duration.ofHours(2)).toString();

    String request =
        """
        {"reason": "rollback", "clauses": ["signatures"], "until": "%s"}\
        """
            .formatted(until);
    assertThat(trial.reader().post(about + "/waive", request).status()).isEqualTo(401);
    JsonNode waiver = ci.post(about + "/waive", request).json();
    String path = "/v2/waived/app/_waivers/" + waiver.path("id").asLong();
    assertThat(ci.post(path + "/approve", "{}").status()).as("no permission").isEqualTo(403);
    assertThat(anna.post(path + "/approve", "{}").status()).isEqualTo(200);
    assertThat(anna.post(path + "/approve", "{}").status()).as("twice").isEqualTo(409);
    assertThat(trial.pull("waived/app", "v1")).isEqualTo(403);
    assertThat(judge.post(about + "/evaluate", "{}").json().path("admitted").asBoolean())
        .as("admit overrides nothing")
        .isFalse();
    assertThat(
            trial.owner().post(path.replace("waived/app", "other/app") + "/approve", "{}").status())
        .isEqualTo(404);
    JsonNode agreed = bert.post(path + "/approve", "{}").json();
    assertThat(agreed.path("status").asString()).isEqualTo("EFFECTIVE");

    assertThat(trial.pull("waived/app", "v1")).isEqualTo(200);
    JsonNode trust = trial.trust("waived/app", image);
    assertThat(trust.path("waivers").path(0).asLong()).isEqualTo(waiver.path("id").asLong());
    trial.restart();
    assertThat(trial.pull("waived/app", "v1")).isEqualTo(200);
    trial.pass(Duration.ofMinutes(121));
    assertThat(trial.pull("waived/app", "v1")).isEqualTo(403);
    assertThat(trial.state("waived/app", image)).isEqualTo("REVOKED");
  }

  @Test
  void whoAskedDoesNotAgreeAndAnExceptionIsTakenBack() {
    trial.bind("own/*", "enforce", trial.policy("alice"));
    Descriptor image = trial.image("own/app", "v1");
    Client carl = trial.robot("carl", "own/*=waive");
    Client dora = trial.robot("dora", "own/*=waive");
    String about = "/v2/own/app/_trust/" + image.digest();
    String request =
        """
        {"reason": "x", "all": true, "until": "%s"}\
        """
            .formatted(trial.clock().instant().plus(Duration.ofDays(1)));
    String path =
        "/v2/own/app/_waivers/" + carl.post(about + "/waive", request).json().path("id").asLong();

    Client.Answer self = carl.post(path + "/approve", "{}");
    assertThat(self.status()).isEqualTo(409);
    assertThat(self.body()).contains("asked for waiver");
    dora.post(path + "/approve", "{}");
    trial.owner().post(path + "/approve", "{}");
    assertThat(trial.pull("own/app", "v1")).isEqualTo(200);
    assertThat(carl.send("DELETE", path, "", new byte[0]).status()).isEqualTo(200);
    assertThat(trial.pull("own/app", "v1")).isEqualTo(403);
    assertThat(dora.get("/v2/own/app/_waivers").json().path("waivers").size()).isEqualTo(1);
  }

  @Test
  void anImageCanBeTakenBackWhateverItsEvidenceSays() {
    trial.bind("back/*", "enforce", trial.policy("alice"));
    Descriptor image = trial.image("back/app", "v1");
    trial.sign("back/app", image, "alice");
    String about = "/v2/back/app/_trust/" + image.digest();
    Client judge = trial.robot("judge2", "back/*=admit,quarantine-read");
    assertThat(trial.pull("back/app", "v1")).isEqualTo(200);

    judge.post(about + "/revoke", "{\"reason\": \"leaked\"}");
    Client.Answer refused = trial.reader().get("/v2/back/app/manifests/v1");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.body()).contains("REVOKED", "taken back by judge2: leaked");
    assertThat(judge.get("/v2/back/app/_trust?state=REVOKED").json().path("decisions").size())
        .isEqualTo(1);
    judge.send("DELETE", about + "/revoke", "", new byte[0]);
    assertThat(trial.pull("back/app", "v1")).isEqualTo(200);
  }

  @Test
  void anAdmissionIsSignedOnceByAKeyOfTheRegistrysOwn() {
    trial.bind("signed/*", "enforce", trial.policy("alice"));
    Descriptor image = trial.image("signed/app", "v1");
    Client ci = trial.robot("ci2", "signed/*=push");
    String about = "/v2/signed/app/_trust/" + image.digest();
    String refusal = ci.post(about + "/receipt", "{}").json().path("receipt").asString();
    assertThat(summary(image, refusal).passed()).isFalse();
    trial.sign("signed/app", image, "alice");
    String receipt = trial.trust("signed/app", image).path("receipt").asString();

    VerificationSummary summary = summary(image, receipt);
    assertThat(summary.passed()).isTrue();
    assertThat(summary.verifier()).isEqualTo("https://bulla.dev/registry");
    assertThat(summary.inputs()).hasSize(1);
    assertThat(trial.pull("signed/app", receipt)).as("evidence").isEqualTo(200);
    trial.restart();
    trial.pass(Duration.ofHours(25));
    assertThat(trial.pull("signed/app", "v1")).isEqualTo(200);
    assertThat(trial.trust("signed/app", image).path("receipt").asString()).isEqualTo(receipt);
    assertThat(
            trial
                .reader()
                .get("/v2/signed/app/referrers/" + image.digest())
                .json()
                .path("manifests")
                .size())
        .as("signature, refusal, admission")
        .isEqualTo(3);
  }

  @Test
  void aRevokedCertificateHidesWhatItHadAdmitted() {
    RevocableAuthority authority = new RevocableAuthority(trial.clock().instant());
    LocalSigner signer = authority.certified(trial.signer("erin"));
    Descriptor image = trial.image("crl/app", "v1");
    try (Repository into = trial.repository("crl/app")) {
      new NotationSigner(signer, trial.clock()).sign(into, image);
    }

    bindNotation(authority, BindingRevocation.NONE);
    assertThat(trial.pull("crl/app", "v1")).as("nobody says that it is good").isEqualTo(403);
    bindNotation(authority, supplied(authority.list(false)));
    assertThat(trial.pull("crl/app", "v1")).isEqualTo(200);
    bindNotation(authority, supplied(authority.list(true)));
    Client.Answer refused = trial.reader().get("/v2/crl/app/manifests/v1");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.body()).contains("REVOKED");
  }

  private static BindingRevocation supplied(byte[] list) {
    return new BindingRevocation(
        List.of(Base64.getEncoder().encodeToString(list)), List.of(), false);
  }

  private static void bindNotation(RevocableAuthority authority, BindingRevocation revocation) {
    String policy =
        """
        {"apiVersion": "bulla.dev/v1", "kind": "TrustPolicy",
         "metadata": {"name": "by-certificate", "version": "1"},
         "spec": {
           "authorities": {"release": {"notation": [
             {"certificates": [{"pem": %s}], "identities": ["*"]}]}},
           "scopes": [{"name": "all", "images": ["**"],
             "signatures": [{"authorities": ["release"]}]}]}}
        """
            .formatted(
                new String(
                    Json.write(Json.object().stringNode(authority.rootPem())),
                    StandardCharsets.UTF_8));
    Path file = trial.write("by-certificate.json", policy);
    ObjectNode request = Json.object().put("glob", "crl/*").put("mode", "enforce");
    request.put(
        "trust",
        new String(TrustDocument.collect(file, revocation).bytes(), StandardCharsets.UTF_8));
    trial.ask("/v1/registry/bind", request);
  }

  private static VerificationSummary summary(Descriptor image, String receipt) {
    CosignTrust key =
        new CosignTrust(
            KeyFiles.verifier(trial.home().resolve("keys/registry/signing.pub")), "registry");
    try (Repository repository = trial.repository("signed/app")) {
      return new VerifyStatements()
          .verified(repository, image, key).stream()
              .filter(one -> one.evidence().toString().equals(receipt))
              .map(one -> VerificationSummary.parse(one.statement().orElseThrow()))
              .findFirst()
              .orElseThrow();
    }
  }

  private static Statement scan(Descriptor image) {
    String now = trial.clock().instant().toString();
    ObjectNode predicate = Json.object();
    ObjectNode scanner = predicate.putObject("scanner");
    scanner.put("uri", "https://scanner.example").put("version", "1");
    scanner
        .putObject("db")
        .put("uri", "https://db.example")
        .put("version", "1")
        .put("lastUpdate", now);
    scanner.putArray("result");
    predicate.putObject("metadata").put("scanStartedOn", now).put("scanFinishedOn", now);
    return Statement.about(image.digest(), PredicateTypes.VULNERABILITIES_V02, predicate);
  }

  private static Statement provenance(Descriptor image) {
    ObjectNode predicate = Json.object();
    predicate.putObject("buildDefinition").put("buildType", "https://build.example");
    ObjectNode run = predicate.putObject("runDetails");
    run.putObject("builder").put("id", "https://builder.example");
    run.putObject("metadata").put("finishedOn", trial.clock().instant().toString());
    return Statement.about(image.digest(), PredicateTypes.SLSA_PROVENANCE_V1, predicate);
  }
}
