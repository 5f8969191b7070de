package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Yaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** {@code bulla verify --trust}, {@code trust check} and {@code trust import}. */
class TrustTest {
  private static final String IMAGE =
      "oci/app@sha256:dc1426baf301016ad5ad623d32b8e59f10984ea499a28f903534cd2761d0578f";
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Path EXAMPLES = ROOT.resolve("examples/trust");
  private static final Path SCHEMAS = ROOT.resolve("docs/schemas");

  @TempDir static Path temp;
  private static Caller caller;
  private static JsonSchema policies;
  private static JsonSchema answers;

  @BeforeAll
  static void unpack() throws Exception {
    Evidence.unpack(temp);
    caller = new Caller(temp.resolve("home"), temp);
    policies = new JsonSchema(SCHEMAS.resolve("trust-policy-v1.json"));
    answers = new JsonSchema(SCHEMAS.resolve("verification-v1.json"));
    Files.writeString(
        temp.resolve("trust.yaml"),
        """
        apiVersion: bulla.dev/v1
        kind: TrustPolicy
        metadata: {name: peers, version: "1"}
        spec:
          authorities:
            attester: {keys: [{file: cosign/keys/ecdsa-p256.pub}]}
            key: {keys: [{file: keys/k256.pub}]}
            workflow:
              identities:
                - subjectPattern: https://github\\.com/acme/app/.*/release\\.yml@refs/heads/main
                  issuer: http://127.0.0.1:8901
                  trustedRoot: roots/trusted_root.json
            notation:
              notation: [{trustStore: notation/truststore, stores: ["ca:roots"], identities: ["*"]}]
          scopes:
            - name: files
              blobs: ["**"]
              signatures: [{authorities: [key, workflow], threshold: 1}]
            - name: two-files
              blobs: ["releases/*"]
              signatures: [{authorities: [key, workflow], threshold: 2}]
            - name: attested
              images: ["registry.example/attested"]
              attestations: [{type: slsaprovenance1, authorities: [attester]}]
            - name: apps
              images: ["registry.example/**"]
              signatures: [{authorities: [key, workflow, notation]}]
            - name: two
              images: ["registry.example/two/**"]
              signatures: [{authorities: [key, workflow], threshold: 2}]
            - name: both
              images: ["registry.example/both/**"]
              signatures: [{authorities: [workflow, notation], threshold: 2}]
        """);
  }

  private static void loose() throws Exception {
    String strict = Files.readString(temp.resolve("notation/policies/strict.json"));
    Files.writeString(
        temp.resolve("notation/policies/loose.json"), strict.replace("strict", "audit"));
  }

  static List<Path> examples() throws Exception {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void examplesAreValidByTheRulesAndByTheSchema(Path example) throws Exception {
    JsonNode document = Yaml.parse(Files.readAllBytes(example), example.toString());
    assertThat(policies.faults(document)).isEmpty();
    caller
        .run("trust", "check", example.toString(), "--trusted-root", "roots/trusted_root.json")
        .ok();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kind: TrustPolicy | kind: Policy",
        "release: | re lease:",
        "keys: | key:",
        "- file: keys/release.pub | - {}",
        "images: | image:",
        "- authorities: [release] | - {authorities: [release], threshold: 0}",
        "signatures: | action: enforce #",
        "spec: | extra: 1\\nspec:"
      })
  void theSchemaRefusesWhatTheRulesRefuse(String from, String to) throws Exception {
    String text =
        Files.readString(EXAMPLES.resolve("one-key.yaml")).replace(from, to.replace("\\n", "\n"));
    Path file = EXAMPLES.resolve("../../examples/trust/one-key.yaml");
    Path wrong = Files.createDirectories(temp.resolve("wrong/keys")).resolveSibling("wrong.yaml");
    Files.copy(
        file.resolveSibling("keys/release.pub"),
        wrong.resolveSibling("keys/release.pub"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(wrong, text.replaceAll("#\n\\s+- authorities.*", "\n"));
    assertThat(policies.faults(Yaml.parse(Files.readAllBytes(wrong), "wrong"))).isNotEmpty();
    caller.run("trust", "check", wrong.toString()).failed(ErrorCode.TRUST_POLICY_INVALID);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "app IMAGE | 0 |",
        "two/x IMAGE | 0 |",
        "two/x --require-log IMAGE | 3 | signature-threshold",
        "app --require-log --require-timestamp IMAGE | 0 |",
        "both/x IMAGE | 3 | signature-threshold",
        "app notation/layouts/metadata-jws:v1 -m io.example.build=4711 | 0 |",
        "app notation/layouts/metadata-jws:v1 -m io.example.build=1 | 3 | signature-metadata",
        "app --require-timestamp notation/layouts/metadata-jws:v1 | 3 | timestamp-missing",
        "app --at 2020-01-01 notation/layouts/metadata-jws:v1 | 3 |",
        "app notation/layouts/expired-jws:v1 | 3 | signature-expired",
        "attested cosign/layouts/att-slsaprovenance1:v1 | 0 |",
        "attested IMAGE | 3 |",
        "app cosign/layouts/att-slsaprovenance1:v1 | 3 |",
        "app --key k IMAGE | 2 | usage",
        "app --type vuln IMAGE | 2 | usage",
      })
  void imagesOfThePeersAreJudgedByTheTrustPolicy(String words, int code, String id) {
    String line =
        "verify --output json --trust trust.yaml --oci-layout --scope registry.example/"
            + words.replace("IMAGE", IMAGE);
    Ran ran = caller.run(line.split(" +")).ended(code);
    JsonNode document = ran.json();
    if (code == 2) {
      assertThat(document.at("/error/code").asString()).isEqualTo(id);
      return;
    }
    assertThat(answers.faults(document)).isEmpty();
    if (id != null) {
      assertThat(document.at("/failure/code").asString()).isEqualTo(id);
    }
    assertThat(document.at("/trust/policy").asString()).isEqualTo("peers");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BUNDLE artifacts/doc.txt | 0 |",
        "--scope other BUNDLE artifacts/doc.txt | 0 |",
        "--scope releases/doc BUNDLE artifacts/doc.txt | 3 | signature-threshold",
        "BUNDLE --at 2020-01-01 artifacts/doc.txt | 3 | timestamp-missing",
        "BUNDLE artifacts/other.txt | 3 | signature-digest-mismatch",
        "artifacts/doc.txt | 3 | signature-missing",
        "BUNDLE --policy POLICY artifacts/doc.txt | 3 | policy-refused",
        "BUNDLE --scope a//b artifacts/doc.txt | 2 | usage",
        "BUNDLE --key keys/k256.pub artifacts/doc.txt | 2 | usage",
        "BUNDLE --policy-name x artifacts/doc.txt | 2 | usage",
        "BUNDLE --max-signatures 0 artifacts/doc.txt | 2 | usage",
        "--signature a.jws.sig"
            + " sha256:4443be544ec4feb689f10a34c47f0134dd193507cf3d19d5946b3871dde23626 | 2 |"
            + " usage",
      })
  void filesAreJudgedByTheTrustPolicy(String words, int code, String id) {
    String line =
        "verify-blob --output json --trust trust.yaml "
            + words
                .replace("BUNDLE", "--bundle bundles/key-p256.sigstore.json")
                .replace("POLICY", ROOT.resolve("examples/policies/no-root.yaml").toString());
    JsonNode document = caller.run(line.split(" +")).ended(code).json();
    if (code == 2) {
      assertThat(document.at("/error/code").asString()).isEqualTo(id);
      return;
    }
    assertThat(answers.faults(document)).isEmpty();
    assertThat(document.at("/failure/code").asString("")).isEqualTo(id == null ? "" : id);
    assertThat(document.at("/trust/policy").asString()).isEqualTo("peers");
  }

  @Test
  void theAnswersOfOtherTrustAreOfTheSameSchema() {
    for (String line :
        List.of(
            "--key cosign/keys/ecdsa-p256.pub cosign/layouts/att-slsaprovenance1:v1",
            "--key keys/other.pub " + IMAGE,
            "--trust-policy notation/policies/strict.json --trust-store notation/truststore"
                + " --scope registry.example/team/app notation/layouts/expired-jws:v1")) {
      Ran ran = caller.run(("verify --output json --oci-layout " + line).split(" +"));
      assertThat(answers.faults(ran.json())).as(line).isEmpty();
    }
  }

  @Test
  void checkExplainsAndSaysWhichScopeIsForAnImage() {
    String teams = EXAMPLES.resolve("two-of-three.yaml").toString();
    assertThat(caller.run("trust", "check", teams).ok().out())
        .contains("signed by 2 of 3", "everything else is refused");
    assertThat(caller.run("trust", "check", teams, "registry.example/prod/app:1").ok().out())
        .contains("scope 'production' by registry.example/prod/**", "less specific");
    assertThat(caller.run("trust", "check", teams, "elsewhere.example/app").ended(3).out())
        .contains("no scope is for it");
    JsonNode json =
        caller.run("trust", "check", "--output", "json", teams, "registry.example/x").ok().json();
    assertThat(json.path("scope").asString()).isEqualTo("trial");
    assertThat(caller.run("trust", "check", "trust.yaml", "--blob", "releases/a").ok().out())
        .contains("scope 'two-files' by releases/*", "less specific: **");
    caller.run("trust", "check", "trust.yaml", "--blob", "a", "b.c/d").failed(ErrorCode.USAGE);
    caller.run("trust", "check", teams, "--blob", "a").ended(3);
  }

  @Test
  void whatIsImportedIsValidAndWhatIsLostIsSaid() throws Exception {
    Ran whole =
        caller.run(
            "trust",
            "import",
            "--from",
            "notation",
            "notation/policies/strict.json",
            "--trust-store",
            "notation/truststore",
            "--out",
            "imported.yaml");
    assertThat(whole.ok().out()).contains("wrote imported.yaml");
    caller.run("trust", "check", "imported.yaml").ok();
    caller
        .run(
            "verify",
            "--trust",
            "imported.yaml",
            "--oci-layout",
            "--scope",
            "registry.example/team/app",
            "notation/layouts/metadata-jws:v1")
        .ok();
    JsonNode imported = Yaml.parse(Files.readAllBytes(temp.resolve("imported.yaml")), "imported");
    assertThat(policies.faults(imported)).isEmpty();
    loose();
    caller
        .run(
            "trust",
            "import",
            "--from",
            "notation",
            "notation/policies/loose.json",
            "--out",
            "audit.yaml")
        .ended(3);
    assertThat(temp.resolve("audit.yaml")).doesNotExist();
    Ran partial =
        caller
            .run(
                "trust",
                "import",
                "--from",
                "notation",
                "notation/policies/loose.json",
                "--trust-store",
                "notation/truststore",
                "--allow-partial")
            .ok();
    assertThat(partial.err()).contains("WEAKER", "/trustPolicies/0");
    assertThat(partial.out()).startsWith("apiVersion: bulla.dev/v1");
    caller.run("trust", "import", "--from", "x", "trust.yaml").failed(ErrorCode.USAGE);
  }
}
