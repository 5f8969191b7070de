package dev.bulla.signing.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrustPolicyTest {
  private static final String STATEMENT =
      """
      {"name":"n","registryScopes":["r.example/a"],"signatureVerification":{"level":"strict"},
       "trustStores":["ca:x"],"trustedIdentities":["*"]}\
      """;

  @Test
  void theExactRepositoryGoesBeforeTheWildcard() {
    TrustPolicy policy =
        parse(STATEMENT + "," + STATEMENT.replace("\"n\"", "\"all\"").replace("r.example/a", "*"));
    assertThat(policy.forScope("r.example/a").orElseThrow().name()).isEqualTo("n");
    assertThat(policy.forScope("r.example/a/b").orElseThrow().name()).isEqualTo("all");
    assertThat(parse(STATEMENT).forScope("r.example/a/b")).isEmpty();
  }

  @Test
  void overridesChangeSingleActions() {
    TrustStatement statement =
        parse(
                STATEMENT.replace(
                    "\"strict\"",
                    "\"permissive\",\"override\":{\"expiry\":\"enforce\",\"revocation\":\"skip\"}"))
            .statements()
            .getFirst();
    VerificationLevel level = statement.level();
    assertThat(level.action(VerificationLevel.Aspect.EXPIRY))
        .isEqualTo(VerificationLevel.Action.ENFORCE);
    assertThat(level.action(VerificationLevel.Aspect.REVOCATION))
        .isEqualTo(VerificationLevel.Action.SKIP);
    assertThat(level.action(VerificationLevel.Aspect.AUTHENTIC_TIMESTAMP))
        .isEqualTo(VerificationLevel.Action.LOG);
    assertThat(level.action(VerificationLevel.Aspect.AUTHENTICITY))
        .isEqualTo(VerificationLevel.Action.ENFORCE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"name\":\"n\" -> \"name\":\"\"",
        "\"name\":\"n\" -> \"nam\":\"n\"",
        "[\"r.example/a\"] -> []",
        "[\"r.example/a\"] -> [\"r.example\"]",
        "[\"r.example/a\"] -> [\"r.example/*\"]",
        "[\"r.example/a\"] -> [\"*\",\"r.example/a\"]",
        "[\"r.example/a\"] -> [\"r.example/a@sha256:00\"]",
        "\"strict\" -> \"stern\"",
        "\"strict\" -> \"skip\"",
        "\"strict\" -> \"strict\",\"override\":{\"integrity\":\"log\"}",
        "\"strict\" -> \"strict\",\"override\":{\"authenticity\":\"skip\"}",
        "\"strict\" -> \"strict\",\"override\":{\"taste\":\"log\"}",
        "\"strict\" -> \"strict\",\"verifyTimestamp\":\"never\"",
        "[\"ca:x\"] -> []",
        "[\"ca:x\"] -> [\"x\"]",
        "[\"ca:x\"] -> [\"ca:..\"]",
        "[\"ca:x\"] -> [\"ca:a/b\"]",
        "[\"ca:x\"] -> [\"root:x\"]",
        "[\"*\"] -> []",
        "[\"*\"] -> [\"*\",\"x509.subject: C=A, ST=B, O=C\"]",
        "[\"*\"] -> [\"x509.subject: C=A, O=C\"]",
        "[\"*\"] -> [\"x509.subject: C=A, ST=B, O=C, O=D\"]",
        "[\"*\"] -> [\"x509.subject: C=A, ST=B, O=#0401\"]",
        "[\"*\"] -> [\"x509.subject: C=A+ST=B, O=C\"]",
        "[\"*\"] -> [\"x509.subject: C=A, ST=B, O=C\",\"x509.subject: C=A, ST=B, O=C, CN=D\"]",
        "[\"*\"] -> [\"nonsense\"]"
      })
  void whatTheSpecificationForbidsIsRefused(String change) {
    String[] parts = change.split(" -> ", 2);
    assertThat(STATEMENT).contains(parts[0]);
    invalid(STATEMENT.replace(parts[0], parts[1]));
  }

  @Test
  void statementsMayNotOverlap() {
    invalid(STATEMENT + "," + STATEMENT.replace("\"n\"", "\"m\""));
    invalid(STATEMENT + "," + STATEMENT.replace("r.example/a", "r.example/b"));
    invalid("");
  }

  @Test
  void otherVersionsAndBrokenJsonAreRefused() {
    for (String json :
        new String[] {"{\"version\":\"2.0\",\"trustPolicies\":[]}", "{", "[]", "{\"version\":1}"}) {
      assertThatThrownBy(() -> TrustPolicy.parse(json.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.TRUST_POLICY_INVALID));
    }
  }

  private static TrustPolicy parse(String statements) {
    String json = "{\"version\":\"1.0\",\"trustPolicies\":[" + statements + "]}";
    return TrustPolicy.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  private static void invalid(String statements) {
    assertThatThrownBy(() -> parse(statements))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TRUST_POLICY_INVALID));
  }
}
