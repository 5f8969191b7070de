package dev.bulla.signing.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.bulla.core.BullaException;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Json;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.AuthorityPolicy.Applied;
import dev.bulla.signing.authority.DefaultRoot;
import dev.bulla.signing.authority.ImageName;
import dev.bulla.signing.authority.PolicyFiles;
import dev.bulla.signing.authority.Requirement;
import dev.bulla.signing.authority.ScopeRule;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Policies in the words of the peers' own documentation, with keys of this test. */
class ImportPoliciesTest {
  private static final String KEY =
      """
      -----BEGIN PUBLIC KEY-----
      MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6QsNef3SKYhJVYSVj+ZfbPwJd0pv
      DLYNHXITZkhIzfE+apcxDjCCkDPcJ3A3zvhPATYOIsCxYPch7Q2JdJLsDQ==
      -----END PUBLIC KEY-----
      """;

  private static final String CERTIFICATE =
      """
      -----BEGIN CERTIFICATE-----
      MIIB3TCCAYOgAwIBAgIUXYKS4dVeRCfI1dsKdZUBf/7AECQwCgYIKoZIzj0EAwIw
      OzELMAkGA1UEBhMCWloxDjAMBgNVBAgMBUxvY2FsMQ0wCwYDVQQKDARUZXN0MQ0w
      CwYDVQQDDARyb290MCAXDTI2MTEyMjAwMjAxM1oYDzIxMjYxMDI5MDAyMDEzWjA7
      MQswCQYDVQQGEwJaWjEOMAwGA1UECAwFTG9jYWwxDTALBgNVBAoMBFRlc3QxDTAL
      BgNVBAMMBHJvb3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQseGx3JThdx3qx
      3JUH0TI6o/Oo8n9IXxOCHoVZu1xSoipoUhrFsS8N8NhtEeD/HV0Ad6OqtcQVKLLv
      IFxT4pcmo2MwYTAdBgNVHQ4EFgQUnqC28Gieg1+TgdYX9ljS7VnPupwwHwYDVR0j
      BBgwFoAUnqC28Gieg1+TgdYX9ljS7VnPupwwDwYDVR0TAQH/BAUwAwEB/zAOBgNV
      HQ8BAf8EBAMCAgQwCgYIKoZIzj0EAwIDSAAwRQIgPdRRrMD/mGOJE+cmAmbxG7ob
      Ci8REkQ1wZjso7vM70sCIQDnfKmiQDl0UnkFY06ppQNNqFtzIOJG/qaavFKX2u25
      cg==
      -----END CERTIFICATE-----
      """;

  private static Imported imported(ImportPolicies.Source source, String... files) {
    ImportPolicies imports = new ImportPolicies(source, "truststore", Optional.empty());
    int number = 0;
    for (String file : files) {
      imports.add(
          file.getBytes(StandardCharsets.UTF_8),
          "file" + number++ + (file.startsWith("{") ? ".json" : ".yaml"));
    }
    return imports.finish("imported");
  }

  private static Applied applied(Imported imported, String image) {
    JsonNode document = imported.document();
    return AuthorityPolicy.parse(
            Json.write(document), "imported.json", PolicyFiles.none(), DefaultRoot.none())
        .forImage(ImageName.of(Reference.parse(image)))
        .orElseThrow();
  }

  private static String clusterPolicy(String name, String glob, String rest) {
    return """
    apiVersion: policy.sigstore.dev/v1beta1
    kind: ClusterImagePolicy
    metadata: {name: %s}
    spec:
      images: [{glob: "%s"}]
      authorities:
      - name: release
        key: {data: "%s"}
    %s
    """
        .formatted(name, glob, KEY.replace("\n", "\\n"), rest);
  }

  @Test
  void aClusterImagePolicyBecomesAScope() {
    Imported one =
        imported(
            ImportPolicies.Source.CLUSTERIMAGEPOLICY,
            clusterPolicy("acme", "index.docker.io/acme/**", ""));
    assertThat(one.lost()).isEmpty();
    Applied applied = applied(one, "acme/app:1.0");
    assertThat(applied.pattern().text()).isEqualTo("docker.io/acme/**");
    assertThat(applied.rule().action()).isEqualTo(ScopeRule.Action.ENFORCE);
    assertThat(applied.rule().requirements())
        .extracting(Requirement::authorities)
        .containsExactly(List.of("acme-release"));
    assertThat(new String(ImportPolicies.yaml(one), StandardCharsets.UTF_8))
        .contains("apiVersion: bulla.dev/v1", "-----BEGIN PUBLIC KEY-----\n");
  }

  @Test
  void everyMatchingPolicyCountsAndWhatIsLostIsListed() {
    Imported both =
        imported(
            ImportPolicies.Source.CLUSTERIMAGEPOLICY,
            clusterPolicy("wide", "ghcr.io/**", "    ctlog: {url: https://rekor.example}"),
            clusterPolicy(
                "narrow",
                "ghcr.io/acme/*",
                "    attestations:\n"
                    + "    - {name: p, predicateType: slsaprovenance1, policy: {type: cue, data:"
                    + " x}}"));
    assertThat(both.lost())
        .extracting(Imported.Lost::path)
        .containsExactly(
            "file0.yaml ClusterImagePolicy/wide /spec/authorities/0/ctlog",
            "file1.yaml ClusterImagePolicy/narrow /spec/authorities/0/attestations");
    assertThat(both.lost()).allMatch(Imported.Lost::weaker);
    assertThat(applied(both, "ghcr.io/acme/app").rule().requirements())
        .extracting(one -> one.predicateType().orElse("signature"))
        .containsExactly("signature", "https://slsa.dev/provenance/v1");
    assertThat(applied(both, "ghcr.io/other/x").rule().requirements()).hasSize(1);
  }

  @Test
  void patternsThatCannotBeOrderedAreNamed() {
    Imported both =
        imported(
            ImportPolicies.Source.CLUSTERIMAGEPOLICY,
            clusterPolicy("one", "ghcr.io/*/app", ""),
            clusterPolicy(
                "two", "ghcr.io/acme/*", "    attestations: [{name: v, predicateType: vuln}]"));
    assertThat(both.lost()).hasSize(1).allMatch(Imported.Lost::weaker);
    assertThat(both.lost().getFirst().reason()).contains("neither covers the other");
  }

  @Test
  void staticAuthoritiesPassOrRefuse() {
    String policy =
        """
        kind: ClusterImagePolicy
        metadata: {name: %1$s}
        spec: {images: [{glob: "ghcr.io/%1$s/**"}], authorities: [{static: {action: %1$s}}]}
        """;
    Imported both =
        imported(
            ImportPolicies.Source.CLUSTERIMAGEPOLICY,
            policy.formatted("pass") + "---\n" + policy.formatted("fail"));
    assertThat(applied(both, "ghcr.io/pass/x").rule().action()).isEqualTo(ScopeRule.Action.AUDIT);
    assertThat(applied(both, "ghcr.io/fail/x").rule().action()).isEqualTo(ScopeRule.Action.REFUSE);
  }

  private static String rule(String attestors) {
    return """
    apiVersion: kyverno.io/v1
    kind: ClusterPolicy
    metadata: {name: check}
    spec:
      validationFailureAction: Enforce
      rules:
      - name: signed
        match: {any: [{resources: {kinds: [Pod]}}]}
        verifyImages:
        - imageReferences: ["ghcr.io/acme/*"]
          attestors:
    %s
    """
        .formatted(attestors.indent(6));
  }

  @Test
  void kyvernoCountsEntriesOfASet() {
    Imported two =
        imported(
            ImportPolicies.Source.KYVERNO,
            rule(
                """
                - count: 2
                  entries:
                  - keys: {publicKeys: "%s", rekor: {ignoreTlog: true}}
                  - keyless: {subject: "https://github.com/acme/*", issuer: "https://i.example"}
                  - keys: {publicKeys: "k8s://ns/secret", rekor: {ignoreTlog: true}}
                """
                    .formatted(KEY.replace("\n", "\\n"))));
    assertThat(two.lost()).hasSize(1).noneMatch(Imported.Lost::weaker);
    assertThat(two.document().at("/spec/scopes/0/images/0").asString())
        .isEqualTo("ghcr.io/acme/**");
    assertThat(two.document().at("/spec/scopes/0/signatures/0/threshold").asInt()).isEqualTo(2);
    assertThat(
            two.document()
                .at("/spec/authorities/check-signed-2/identities/0/subjectPattern")
                .asString())
        .isEqualTo("https://github\\.com/acme/.*");
  }

  @Test
  void kyvernosPairsNestedSetsAndExceptionsAreCarriedOver() {
    Imported policy =
        imported(
            ImportPolicies.Source.KYVERNO,
            rule("""
            - entries:
              - attestor:
                  count: 1
                  entries:
                  - keyless: {subject: a@example, issuer: "https://i.example"}
                  - keyless: {subject: b@example, issuer: "https://i.example"}
              - keyless: {subject: c@example, issuer: "https://i.example"}
                annotations: {tier: gold}
              - keyless: {subject: d@example, issuer: "https://i.example"}
            """)
                .replace(
                    "      attestors:",
                    "      annotations: {stage: prod}\n"
                        + "      skipImageReferences: [\"ghcr.io/acme/scratch*\","
                        + " \"docker.io/*\"]\n"
                        + "      attestors:"));
    assertThat(policy.lost())
        .extracting(Imported.Lost::path, Imported.Lost::weaker)
        .containsOnly(
            tuple(
                "file0.yaml ClusterPolicy/check"
                    + " /spec/rules/0/verifyImages/0/skipImageReferences",
                false));
    JsonNode scope = policy.document().at("/spec/scopes/0");
    assertThat(scope.path("signatures"))
        .extracting(
            one -> one.path("authorities").size() + " " + one.path("annotations").toString())
        .containsExactly(
            "2 {\"stage\":\"prod\"}", "1 {\"tier\":\"gold\"}", "1 {\"stage\":\"prod\"}");
    assertThat(policy.document().at("/spec/scopes"))
        .extracting(one -> one.path("name").asString() + one.path("images") + one.path("action"))
        .contains(
            "check-signed-skipped[\"ghcr.io/acme/scratch*\",\"ghcr.io/acme/scratch*/**\"]\"audit\"");
  }

  @Test
  void notaryAttestationsAreDemandedByWhatTheSignedDocumentIs() {
    Imported policy =
        imported(
            ImportPolicies.Source.KYVERNO,
            rule("  []")
                .replace(
                    "      attestors:",
                    "      type: Notary\n      attestations:\n"
                        + "      - {type: sbom/cyclone-dx, attestors: &signers [{entries:"
                        + " [{certificates: {certChain: \"%s\"}}]}]}\n"
                            .formatted(CERTIFICATE.replace("\n", "\\n"))
                        + "      - {type: example/notes, attestors: [{entries: [{certificates:"
                        + " {cert: x}}]}]}\n"
                        + "      attestors:")
                .replace("&signers ", ""));
    assertThat(policy.lost()).extracting(Imported.Lost::weaker).containsExactly(false, true);
    assertThat(policy.document().at("/spec/scopes/0/attestations"))
        .extracting(one -> one.path("type").asString())
        .containsExactly("https://cyclonedx.org/bom");
  }

  @Test
  void aLogEntryThatKyvernoDemandsByDefaultIsListed() {
    assertThat(
            imported(
                    ImportPolicies.Source.KYVERNO,
                    rule(
                        "- entries: [{keys: {publicKeys: \"%s\"}}]"
                            .formatted(KEY.replace("\n", "\\n"))))
                .lost())
        .extracting(Imported.Lost::reason)
        .containsExactly("a log entry is demanded; name the log's trusted root (--trusted-root)");
  }

  @Test
  void aDemandThatNobodyIsLeftForIsWeakerAndAnEmptyScopeRefuses() {
    Imported none =
        imported(
            ImportPolicies.Source.KYVERNO,
            rule("- entries: [{keys: {kms: 'awskms:///x', rekor: {ignoreTlog: true}}}]"),
            "kind: ConfigMap\nmetadata: {name: keys}\n");
    assertThat(none.lost())
        .extracting(Imported.Lost::path, Imported.Lost::weaker)
        .containsExactly(
            tuple(
                "file0.yaml ClusterPolicy/check"
                    + " /spec/rules/0/verifyImages/0/attestors/0/entries/0/keys",
                false),
            tuple("file0.yaml ClusterPolicy/check /spec/rules/0/verifyImages/0/attestors/0", true),
            tuple("file1.yaml ConfigMap/keys", true));
    assertThat(applied(none, "ghcr.io/acme/x/y").rule().action())
        .isEqualTo(ScopeRule.Action.REFUSE);
  }

  @Test
  void imageValidatingPoliciesAreReadByTheirExpressions() {
    Imported policy =
        imported(
            ImportPolicies.Source.KYVERNO,
            """
            apiVersion: policies.kyverno.io/v1
            kind: ImageValidatingPolicy
            metadata: {name: images}
            spec:
              validationActions: [Audit]
              matchImageReferences: [{glob: "ghcr.io/acme/app*"}]
              attestors:
              - name: team
                cosign: {ctlog: {insecureIgnoreTlog: true}, key: {data: "%s"}}
              attestations:
              - {name: scan, intoto: {type: cosign.sigstore.dev/attestation/vuln/v1}}
              validations:
              - expression: >-
                  images.containers.map(image, verifyImageSignatures(image, [attestors.team])).all(e, e > 0)
              - expression: >-
                  images.containers.map(image,
                    verifyAttestationSignatures(image, attestations.scan, [attestors.team])).all(e, e >= 1)
              - expression: images.containers.map(i, extractPayload(i, attestations.scan).x).all(e, e)
            """
                .formatted(KEY.replace("\n", "\\n")));
    assertThat(policy.lost())
        .extracting(Imported.Lost::path)
        .containsExactly("file0.yaml ImageValidatingPolicy/images /spec/validations/2");
    ScopeRule rule = applied(policy, "ghcr.io/acme/app-x/y").rule();
    assertThat(rule.action()).isEqualTo(ScopeRule.Action.AUDIT);
    assertThat(rule.requirements())
        .extracting(one -> one.predicateType().orElse("signature"))
        .containsExactly("signature", "https://cosign.sigstore.dev/attestation/vuln/v1");
  }

  @Test
  void notationStatementsKeepTheirLevelsAndOverrides() {
    Imported policy =
        imported(
            ImportPolicies.Source.NOTATION,
            """
            {"version": "1.0", "trustPolicies": [
              {"name": "acme", "registryScopes": ["ghcr.io/acme/app"],
               "signatureVerification": {"level": "permissive", "override": {"expiry": "enforce"},
                 "verifyTimestamp": "afterCertExpiry"},
               "trustStores": ["ca:acme", "tsa:acme"], "trustedIdentities": ["x509.subject: C=DE, ST=BW, O=Acme"]},
              {"name": "rest", "registryScopes": ["*"], "signatureVerification": {"level": "skip"}},
              {"name": "loose", "registryScopes": ["ghcr.io/loose/app"], "signatureVerification": {"level": "audit"},
               "trustStores": ["ca:acme"], "trustedIdentities": ["*"]}]}
            """);
    assertThat(policy.lost())
        .extracting(Imported.Lost::path)
        .containsExactly("file0.json /trustPolicies/2");
    JsonNode acme = policy.document().at("/spec/authorities/acme/notation/0");
    assertThat(acme.path("level").asString()).isEqualTo("permissive");
    assertThat(acme.path("override").toString()).isEqualTo("{\"expiry\":\"enforce\"}");
    assertThat(acme.path("verifyTimestamp").asString()).isEqualTo("afterCertExpiry");
    assertThat(policy.document().at("/spec/scopes").toString())
        .contains("\"ghcr.io/acme/app\"", "\"**\"", "\"audit\"");
  }

  @ParameterizedTest
  @CsvSource({
    "KYVERNO, '*', **",
    "KYVERNO, nginx*, docker.io/library/nginx* docker.io/library/nginx*/**",
    "KYVERNO, 'ghcr.io/acme/app:*', ghcr.io/acme/app",
    "KYVERNO, 'ghcr.io/*/app:v*', ghcr.io/**/app:v*",
    "CLUSTERIMAGEPOLICY, **, **",
    "CLUSTERIMAGEPOLICY, '*', docker.io/library/*",
    "CLUSTERIMAGEPOLICY, 'index.docker.io/acme/app:**', docker.io/acme/app",
    "CLUSTERIMAGEPOLICY, gcr.io/acme/app**, gcr.io/acme/app* gcr.io/acme/app*/**",
    "CLUSTERIMAGEPOLICY, 'gcr.io/acme/*:prod-*', gcr.io/acme/*:prod-*",
  })
  void patternsOfThePeersAreWidenedNeverNarrowed(
      ImportPolicies.Source source, String glob, String expected) {
    Draft draft = new Draft(Optional.empty());
    ForeignGlob globs = new ForeignGlob(draft, "path");
    assertThat(
            source == ImportPolicies.Source.KYVERNO
                ? globs.kyverno(glob)
                : globs.policyController(glob))
        .hasToString("[" + expected.replace(" ", ", ") + "]");
    assertThat(draft.finish("x", false).lost()).isEmpty();
  }

  @Test
  void filesWithoutPoliciesAreRefused() {
    assertThatThrownBy(() -> imported(ImportPolicies.Source.KYVERNO, "kind: Pod\n"))
        .isInstanceOf(BullaException.class)
        .hasMessage("there is no policy of kyverno in it");
    assertThatThrownBy(() -> imported(ImportPolicies.Source.NOTATION, "{}"))
        .isInstanceOf(BullaException.class);
    assertThatThrownBy(() -> imported(ImportPolicies.Source.KYVERNO, "a: [\n"))
        .isInstanceOf(BullaException.class);
  }
}
