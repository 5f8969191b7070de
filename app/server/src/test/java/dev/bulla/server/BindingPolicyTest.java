package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import java.nio.file.Path;
import java.time.Duration;
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
