package dev.bulla.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.store.Records;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Identity tokens and rules; the issuer's keys are supplied. */
class WorkloadsTest {
  private static final String ISSUER = "https://issuer.example";
  private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
  private static ECKey key;
  private static ECKey other;

  @TempDir static Path directory;
  private static Records records;
  private Workloads workloads;

  @BeforeAll
  static void keys() throws Exception {
    records = Records.open(directory.resolve("records.db"), List.of(Robots.SCHEMA));
    key = new ECKeyGenerator(Curve.P_256).keyID("a").keyUse(KeyUse.SIGNATURE).generate();
    other = new ECKeyGenerator(Curve.P_256).keyID("a").generate();
  }

  @BeforeEach
  void open() {
    workloads = new Workloads(records, () -> NOW);
    workloads.trust(
        new Issuer(
            ISSUER,
            "bulla",
            Optional.of(new JWKSet(key.toPublicJWK()).toString()),
            Optional.empty()));
    workloads.add(
        new Rule(
            "ci",
            ISSUER,
            Map.of("repository", "acme/*", "/kubernetes.io/namespace", "prod"),
            List.of(Grant.parse("acme/*=AcrPush"))));
  }

  @AfterAll
  static void close() {
    records.close();
  }

  @Test
  void aRightTokenGivesWhatTheRulesSay() throws Exception {
    Principal principal = workloads.byToken(token(claims -> claims));

    assertThat(principal.kind()).isEqualTo(Principal.Kind.WORKLOAD);
    assertThat(principal.name()).isEqualTo(ISSUER + " repo:acme/app");
    assertThat(principal.may(Permission.PUSH, "acme/app")).isTrue();
    assertThat(principal.may(Permission.PUSH, "acme/app/x")).isFalse();
    assertThat(principal.may(Permission.DELETE, "acme/app")).isFalse();
    assertThatThrownBy(() -> principal.requireOwner("x"))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ACCESS_DENIED));
  }

  @Test
  void wrongClaimsAreRefusedWithTheirReason() throws Exception {
    refused("ran out", claims -> claims.expirationTime(at(-61)));
    refused("no end", claims -> claims.expirationTime(null));
    refused("begins", claims -> claims.notBeforeTime(at(61)));
    refused("begins", claims -> claims.issueTime(at(61)));
    refused("is for", claims -> claims.audience("bulla2"));
    refused("is for", claims -> claims.audience(List.of()));
    refused("not trusted", claims -> claims.issuer(ISSUER + "/"));
    refused("'iss'", claims -> claims.issuer(null));
    refused("'sub'", claims -> claims.subject(null));
    refused("'sub'", claims -> claims.subject("x".repeat(1025)));
    workloads.byToken(token(claims -> claims.expirationTime(at(-59))));
    workloads.byToken(token(claims -> claims.audience(List.of("x", "bulla"))));
  }

  @Test
  void noAlgorithmButThoseOfPublicKeysAndNoKeyButTheIssuersCounts() throws Exception {
    JWTClaimsSet claims = claims(c -> c).build();
    SignedJWT shared = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    shared.sign(new MACSigner(key.toECPublicKey().getEncoded()));
    SignedJWT embedded =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).jwk(other.toPublicJWK()).build(), claims);
    embedded.sign(new ECDSASigner(other));
    List<String> wrong = new ArrayList<>();
    wrong.add(shared.serialize());
    wrong.add(embedded.serialize());
    wrong.add(signed(other, new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("a").build(), claims));
    wrong.add(signed(key, new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("b").build(), claims));
    wrong.add(
        signed(key, new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("' OR 1").build(), claims));
    wrong.add(new PlainJWT(claims).serialize());
    String right = token(c -> c);
    wrong.add(right.substring(0, right.lastIndexOf('.') + 1));
    wrong.add(right.substring(0, right.lastIndexOf('.')) + ".AAAA");
    wrong.add(withHead(right, "{\"alg\":\"ES256\",\"alg\":\"none\"}"));
    wrong.add(withHead(right, "{\"alg\":\"ES256\",\"crit\":[\"x\"],\"x\":1}"));
    wrong.add(withHead(right, "{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}"));
    for (String token : wrong) {
      assertThatThrownBy(() -> workloads.byToken(token))
          .as(token)
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.ACCESS_UNAUTHENTICATED));
    }
    workloads.byToken(signed(key, new JWSHeader(JWSAlgorithm.ES256), claims));
  }

  @Test
  void aTokenOfWhomNoRuleSpeaksIsRefusedAsIsOneOfAnIssuerThatIsTrustedNoLonger() throws Exception {
    String stranger = token(claims -> claims.claim("repository", "evil/app"));
    assertThatThrownBy(() -> workloads.byToken(stranger))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ACCESS_DENIED));

    assertThat(workloads.distrust(ISSUER)).isTrue();
    refused("not trusted", claims -> claims);
  }

  @ParameterizedTest
  @CsvSource({
    "a, a, true",
    "a, b, false",
    "*, abc, true",
    "*, a/b, false",
    "**, a/b, true",
    "repo:acme/*:ref:refs/heads/*, repo:acme/app:ref:refs/heads/main, true",
    "repo:acme/*:ref:refs/heads/*, repo:acme/app:ref:refs/heads/a/b, false",
    "repo:acme/*, repo:acme-evil/app, false",
    "*.nodes.example, a.nodes.example, true",
    "*.nodes.example, .nodes.example, true",
    "*.nodes.example, nodes.example, false",
    "a**, a, true",
    "**a*b, xxayyb, true",
    "**a*b, xxayy/b, false",
    "'', x, false",
  })
  void patternsFit(String pattern, String text, boolean fits) {
    assertThat(Glob.matches(pattern, text)).isEqualTo(fits);
  }

  @Test
  void manyStarsTakeNoLongerThanTheyMust() {
    assertThat(Glob.matches("**a".repeat(50) + "b", "a".repeat(4_000))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":\"all\",\"source\":\"https://issuer.example\",\"conditions\":{},\"grants\":[\"**=Owner\"]}",
        "{\"name\":\"all\",\"source\":\"x\",\"conditions\":{\"sub\":\"**\"},\"grants\":[\"**=Owner\"]}",
        "{\"name\":\"none\",\"source\":\"x\",\"conditions\":{\"sub\":\"a\"},\"grants\":[]}",
        "{\"name\":\"UP\",\"source\":\"x\",\"conditions\":{\"sub\":\"a\"},\"grants\":[\"**=pull\"]}",
      })
  void aRuleWithoutAConditionGrantOrNameIsRefused(String rule) {
    assertThatThrownBy(() ->
            WorkloadRoutes.add(
                workloads, Json.parse(rule.getBytes(StandardCharsets.UTF_8), "rule")))
        .isInstanceOf(BullaException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://issuer.example", "issuer", "https://a@b", "https://a?b", "https://"})
  void anIssuerIsAnHttpsAddress(String url) {
    assertThatThrownBy(() -> new Issuer(url, "bulla", Optional.empty(), Optional.empty()))
        .isInstanceOf(BullaException.class);
  }

  @Test
  void keySetsThatAreHugePrivateOrNoneAreRefused() {
    for (String keys :
        List.of(
            "{}",
            "{\"keys\":[]}",
            "[]",
            new JWKSet(key).toString(false),
            "{\"keys\":[" + "{\"kty\":\"x\"},".repeat(50_000) + "{}]}")) {
      assertThatThrownBy(() -> IssuerKeys.parse(keys.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(BullaException.class);
    }
  }

  private void refused(String why, UnaryOperator<JWTClaimsSet.Builder> change) throws Exception {
    String token = token(change);
    assertThatThrownBy(() -> workloads.byToken(token))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.ACCESS_UNAUTHENTICATED))
        .hasMessageContaining(why);
  }

  private static String token(UnaryOperator<JWTClaimsSet.Builder> change) throws Exception {
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("a").build();
    return signed(key, header, claims(change).build());
  }

  private static String signed(ECKey by, JWSHeader header, JWTClaimsSet claims) throws Exception {
    SignedJWT token = new SignedJWT(header, claims);
    token.sign(new ECDSASigner(by));
    return token.serialize();
  }

  private static JWTClaimsSet.Builder claims(UnaryOperator<JWTClaimsSet.Builder> change) {
    return change.apply(
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .subject("repo:acme/app")
            .audience("bulla")
            .issueTime(at(0))
            .expirationTime(at(600))
            .claim("repository", "acme/app")
            .claim("kubernetes.io", Map.of("namespace", "prod")));
  }

  private static Date at(int seconds) {
    return Date.from(NOW.plusSeconds(seconds));
  }

  private static String withHead(String token, String head) {
    return Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(head.getBytes(StandardCharsets.UTF_8))
        + token.substring(token.indexOf('.'));
  }
}
