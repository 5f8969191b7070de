package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyBundleTest {
  static final String GOOD =
      """
      apiVersion: bulla.dev/v1
      kind: Policy
      metadata:
        name: acme
        version: 3
      spec:
        phases: [build.post, deploy]
        params:
          users: ["65532"]
        rules:
          - id: not-root
            title: The image does not run as root
            action: enforce
            code: ACME-7
            when: subject.present
            assert: subject.config.user in params.users
            message: "'runs as ' + subject.config.user"
            remediation: Set a user.
            evidence: "[subject.config.user]"
          - id: small
            assert: sbom.componentCount < 100
            action: warn
      """;

  @Test
  void readsEveryField() {
    PolicyBundle bundle = parse(GOOD);
    assertThat(bundle.name()).isEqualTo("acme");
    assertThat(bundle.version()).isEqualTo("3");
    assertThat(bundle.phases()).containsExactlyInAnyOrder(Phase.BUILD_POST, Phase.DEPLOY);
    assertThat(bundle.params()).isEqualTo(Given.json("{\"users\": [\"65532\"]}"));
    assertThat(bundle.digest()).isEqualTo(Digest.sha256(GOOD.getBytes(StandardCharsets.UTF_8)));
    PolicyRule rule = bundle.rules().getFirst();
    assertThat(rule.code()).isEqualTo("ACME-7");
    assertThat(rule.when()).contains("subject.present");
    assertThat(rule.evidence()).contains("[subject.config.user]");
    assertThat(bundle.rules().get(1).action()).isEqualTo(PolicyRule.Action.WARN);
    assertThat(bundle.rules().get(1).title()).isEqualTo("small");
  }

  @Test
  void readsJsonToo() {
    String json =
        """
        {"apiVersion": "bulla.dev/v1", "kind": "Policy", "metadata": {"name": "a", "version": "1"},
         "spec": {"phases": ["build.pre"], "rules": [{"id": "r", "assert": "template.present"}]}}
        """;
    assertThat(PolicyBundle.parse(json.getBytes(StandardCharsets.UTF_8), "a.json").rules())
        .hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "asssert: | assert: | Did you mean 'assert'?",
        "remedation: | remediation: | Did you mean 'remediation'?",
        "phase: | phases: | Did you mean 'phases'?",
        "paramz: | params: | Did you mean 'params'?",
        "metdata: | metadata: | Did you mean 'metadata'?",
        "apiVerson: | apiVersion: | Did you mean 'apiVersion'?",
      })
  void anUnknownFieldIsRefusedWithTheNearestName(String wrong, String right, String hint) {
    refused(GOOD.replaceFirst(right, wrong), ErrorCode.FIELD_UNKNOWN, hint);
  }

  @Test
  void anUnknownPhaseIsRefusedWithTheNearestName() {
    refused(
        GOOD.replace("build.post", "build.psot"),
        ErrorCode.POLICY_INVALID,
        "Did you mean 'build.post'?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bulla.dev/v1 | bulla.dev/v2",
        "kind: Policy | kind: Polity",
        "action: warn | action: maybe",
        "id: small | id: not-root",
        "id: small | id: 'not a name'",
        "code: ACME-7 | code: 'x y'",
        "name: acme | name: ''",
        "phases: [build.post, deploy] | phases: []",
        "assert: sbom.componentCount < 100 | assert: [true]",
        "assert: sbom.componentCount < 100 | assert: ' '",
        "'users: [\"65532\"]' | 'users: \"a\"\n    users: \"b\"'",
      })
  void otherMistakesAreRefused(String good, String bad) {
    assertThat(GOOD).contains(good);
    assertThatThrownBy(() -> parse(GOOD.replace(good, bad))).isInstanceOf(BullaException.class);
  }

  @Test
  void duplicateKeysAreRefused() {
    refused(
        GOOD.replace("kind: Policy", "kind: Policy\nkind: Policy"),
        ErrorCode.JSON_DUPLICATE_KEY,
        "");
    refused(
        GOOD.replace("    action: warn", "    assert: 'true'"), ErrorCode.JSON_DUPLICATE_KEY, "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "[]",
        "null",
        "true",
        "- a",
        "{",
        "a: b: c",
        "\u0000",
        "&a [*a]",
        "%YAML 9.9\n---\na: 1"
      })
  void whatIsNoPolicyIsRefused(String text) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(BullaException.class);
  }

  @Test
  void deepAndHugeDocumentsAreRefused() {
    assertThatThrownBy(() -> parse("[".repeat(10_000))).isInstanceOf(BullaException.class);
    assertThatThrownBy(() -> parse("{a: ".repeat(10_000))).isInstanceOf(BullaException.class);
    assertThatThrownBy(() -> parse("- ".repeat(10_000))).isInstanceOf(BullaException.class);
    assertThatThrownBy(() ->
            PolicyBundle.parse("{\"a\":".repeat(10_000).getBytes(StandardCharsets.UTF_8), "a.json"))
        .isInstanceOf(BullaException.class);
    refused(GOOD + "#".repeat(1024 * 1024), ErrorCode.INPUT_TOO_LARGE, "");
    StringBuilder many = new StringBuilder(GOOD);
    for (int i = 0; i < 200; i++) {
      many.append("    - id: r").append(i).append("\n      assert: 'true'\n");
    }
    assertThatThrownBy(() -> parse(many.toString())).isInstanceOf(BullaException.class);
  }

  @Test
  void anAliasBombIsRefused() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 12; i++) {
      bomb.append("a").append(i).append(": &a").append(i).append(" [");
      bomb.append(("*a" + (i - 1) + ",").repeat(9)).append("]\n");
    }
    assertThatThrownBy(() -> parse(bomb.toString())).isInstanceOf(BullaException.class);
  }

  @Test
  void parametersAreReplacedOnlyByTheirKind() {
    PolicyBundle bundle = parse(GOOD);
    assertThat(bundle.withParams(Given.json("{\"users\": [\"65532\"]}"))).isSameAs(bundle);
    assertThat(bundle.withParams(Given.json("{\"users\": [\"1\"]}")).digest())
        .isNotEqualTo(bundle.digest());
    assertThatThrownBy(() -> bundle.withParams(Given.json("{\"user\": [\"1\"]}")))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.nextStep()).isEqualTo("Did you mean 'users'?"));
    assertThatThrownBy(() -> bundle.withParams(Given.json("{\"users\": 1}")))
        .isInstanceOf(BullaException.class);
    assertThatThrownBy(() -> bundle.withParams(Given.json("{\"users\": null}")))
        .isInstanceOf(BullaException.class);
  }

  @Test
  void aBundleCannotBeChangedFromOutside() {
    PolicyBundle bundle = parse(GOOD);
    bundle.params().put("users", "everybody");
    assertThat(bundle.params()).isEqualTo(Given.json("{\"users\": [\"65532\"]}"));
  }

  @Test
  void loadsFilesAndSaysWhichIsMissing(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("acme.yaml"), GOOD);
    assertThat(PolicyBundle.load(file)).isEqualTo(parse(GOOD));
    assertThatThrownBy(() -> PolicyBundle.load(directory.resolve("none.yaml")))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
              assertThat(e.getMessage()).contains("none.yaml");
            });
    assertThatThrownBy(() -> PolicyBundle.load(directory)).isInstanceOf(BullaException.class);
  }

  @Test
  void thereIsNoBuiltInForOtherPhases() {
    assertThatThrownBy(() -> PolicyBundle.builtin("build.during"))
        .isInstanceOf(BullaException.class);
    assertThat(
            PolicyBundle.builtin("build.post")
                .withParams(Json.object().put("maxCritical", 2))
                .params()
                .get("maxCritical")
                .asInt())
        .isEqualTo(2);
  }

  static PolicyBundle parse(String text) {
    return PolicyBundle.parse(text.getBytes(StandardCharsets.UTF_8), "acme.yaml");
  }

  private static void refused(String text, ErrorCode code, String hint) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.nextStep()).isEqualTo(hint);
            });
  }
}
