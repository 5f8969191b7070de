package dev.bulla.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Records;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Grants, robots, tokens and the brake on guessing. */
class AccessTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path directory;
  private final Map<String, Records> open = new HashMap<>();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2027-01-01T00:00:00Z"));

  @ParameterizedTest
  @CsvSource({
    "team/*=AcrPush, team/app, PUSH, true",
    "team/*=AcrPush, team/app, PULL, true",
    "team/*=AcrPush, team/app, DELETE, false",
    "team/*=AcrPush, team/a/b, PUSH, false",
    "team/**=acrpull, team/a/b, PULL, true",
    "team/*=AcrPull, teams/app, PULL, false",
    "**=sign, any/thing, SIGN, true",
    "**=sign, any/thing, PULL, false",
    "a.b/c=Owner, a.b/c, WAIVE, true",
    "a.b/c=Owner, axb/c, WAIVE, false",
    "**=AcrImageSigner, x, QUARANTINE_READ, false",
  })
  void grantsSayWhoMayDoWhatWhere(String grant, String repository, Permission what, boolean may) {
    Principal robot = new Principal(Principal.Kind.ROBOT, "r", List.of(Grant.parse(grant)));

    assertThat(robot.may(what, repository)).isEqualTo(may);
    assertThat(Grant.parse(Grant.parse(grant).toString())).isEqualTo(Grant.parse(grant));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "team/*", "team/*=", "team/*=AcrPusher", "=AcrPush", "UP=AcrPush", "a b=pull"})
  void whatIsNoGrantIsRefused(String text) {
    assertThatThrownBy(() -> Grant.parse(text))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
  }

  @Test
  void aTokenHoldsItsRightsForFiveMinutesAndIsTheRegistrysOwn() {
    AccessTokens tokens = tokens("records.db");
    Principal robot =
        new Principal(Principal.Kind.ROBOT, "ci", List.of(Grant.parse("team/*=AcrPush")));
    String token = tokens.issue(robot, Map.of("team/app", List.of(Permission.PULL)));

    Principal holder = tokens.verify(token).orElseThrow();
    assertThat(holder.name()).isEqualTo("ci");
    assertThat(holder.grants()).containsExactly(new Grant("team/app", Set.of(Permission.PULL)));
    assertThat(tokens("records.db").verify(token))
        .as("after a restart, or at another replica")
        .isPresent();
    assertThat(tokens("other.db").verify(token)).as("another registry").isEmpty();
    assertThat(tokens.verify(token.substring(0, token.lastIndexOf('.') + 1))).isEmpty();
    String none =
        "eyJhbGciOiJub25lIn0" + token.substring(token.indexOf('.'), token.lastIndexOf('.') + 1);
    assertThat(tokens.verify(none)).as("no algorithm").isEmpty();
    now.set(now.get().plus(AccessTokens.LIFE).minusSeconds(1));
    assertThat(tokens.verify(token)).isPresent();
    now.set(now.get().plusSeconds(1));
    assertThat(tokens.verify(token)).isEmpty();
    now.set(now.get().minus(Duration.ofHours(1)));
    assertThat(tokens.verify(token)).as("a clock put back").isEmpty();
  }

  @Test
  void keysChangeEveryDayAndAreForgottenWithTheirLastToken() throws Exception {
    AccessTokens tokens = tokens("records.db");
    Principal robot = new Principal(Principal.Kind.ROBOT, "ci", List.of(Grant.parse("**=pull")));
    String first = keyOf(tokens.refresh().issue(robot));
    now.set(now.get().plus(TokenKeys.SIGNS).minusSeconds(1));
    String late = tokens.refresh().issue(robot);
    assertThat(keyOf(late)).isEqualTo(first);
    now.set(now.get().plusSeconds(1));
    AccessTokens other = tokens("records.db");
    String second = other.refresh().issue(robot);
    assertThat(keyOf(second)).isNotEqualTo(first);
    now.set(now.get().plus(RefreshTokens.LIFE).minusSeconds(2));
    assertThat(other.refresh().verify(late)).as("a token of the day before").isPresent();
    now.set(now.get().plus(TokenKeys.KNOWN));
    assertThat(keyOf(other.refresh().issue(robot))).isNotEqualTo(second);
    assertThat(
            records("records.db")
                .<Long>read(
                    h -> h.select("SELECT count(*) FROM token_key").mapTo(Long.class).one()))
        .isEqualTo(1);

    String token = other.issue(robot, Map.of("a", List.of(Permission.PULL)));
    assertThat(other.verify(token)).isPresent();
    new Robots(records("records.db"), now::get).endTokens();
    assertThat(other.verify(token)).as("ended by the owner").isEmpty();
    assertThat(other.verify(other.issue(robot, Map.of("a", List.of(Permission.PULL))))).isPresent();
  }

  @Test
  void theKeyThatAHomeHadInAFileIsGoodUntilItsTokensEnd() throws Exception {
    byte[] secret = new byte[32];
    RANDOM.nextBytes(secret);
    Path file = Files.write(directory.resolve("tokens.key"), secret);
    JWTClaimsSet claims = new JWTClaimsSet.Builder().subject("ci").build();
    SignedJWT old = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    old.sign(new MACSigner(secret));
    TokenKeys keys = new TokenKeys(records("records.db"), now::get, RANDOM);
    assertThat(keys.verified(old.serialize())).isEmpty();

    keys.adopt(file).adopt(file);
    assertThat(file).doesNotExist();
    assertThat(keys.verified(old.serialize())).isPresent();
    assertThat(keyOf(keys.sign(claims))).as("it signs nothing more").doesNotStartWith("file-");
    now.set(now.get().plus(TokenKeys.KNOWN).minus(TokenKeys.SIGNS));
    assertThat(keys.verified(old.serialize())).isEmpty();
  }

  @Test
  void theOwnersTokenForTheRegistryDoesNotMakeAnOwner() {
    AccessTokens tokens = tokens("records.db");
    String token = tokens.issue(Principal.OWNER, Map.of("a", List.of(Permission.PULL)));

    assertThat(tokens.verify(token).orElseThrow().isOwner()).isFalse();
  }

  @Test
  void robotsAreKnownByTheirSecretUntilTheyAreRemoved() {
    try (Records records = Records.open(directory.resolve("records.db"), List.of(Robots.SCHEMA))) {
      Robots robots = new Robots(records, now::get);
      assertThat(robots.any()).isFalse();
      String secret = robots.add("ci", List.of(Grant.parse("team/*=AcrPush")), RANDOM);

      assertThat(robots.find("ci", secret)).isPresent();
      assertThat(robots.find("ci", secret + "x")).isEmpty();
      assertThat(robots.find("cd", secret)).isEmpty();
      assertThat(new Robots(records, now::get).any()).isTrue();
      assertThat(robots.add("ci", List.of(), RANDOM)).isNotEqualTo(secret);
      assertThat(robots.find("ci", secret)).as("replaced").isEmpty();
      assertThat(robots.remove("ci")).isTrue();
      assertThat(robots.remove("ci")).isFalse();
      assertThatThrownBy(() -> robots.add("owner", List.of(), RANDOM))
          .isInstanceOf(BullaException.class);
    }
  }

  @Test
  void whoGuessesIsHeldBackForAMinuteAndOthersAreNot() {
    Attempts attempts = new Attempts(now::get);
    for (int i = 0; i < 20; i++) {
      attempts.check("10.0.0.1");
      attempts.wrong("10.0.0.1");
    }

    assertThatThrownBy(() -> attempts.check("10.0.0.1"))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RATE_LIMITED));
    attempts.check("10.0.0.2");
    now.set(now.get().plusSeconds(60));
    attempts.check("10.0.0.1");
  }

  private AccessTokens tokens(String file) {
    return new AccessTokens(new TokenKeys(records(file), now::get, RANDOM), now::get, RANDOM);
  }

  private Records records(String file) {
    return open.computeIfAbsent(
        file, name -> Records.open(directory.resolve(name), List.of(Robots.SCHEMA)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "repository:a/b:pull | pull,sign,push-unasked,delete-unasked",
        "repository:a/b:pull,push | pull,push,delete,sign",
        "repository:a/b:push,push | pull,push,delete,sign",
        "repository:a/b:pull,delete | pull,delete,sign,push-unasked",
        "repository:a/b:* | pull,push,delete,sign",
        "repository:a/b:metadata_write | pull,sign,metadata-write,push-unasked,delete-unasked",
        "repository:a/b:fly | pull,sign,push-unasked,delete-unasked",
        "repository:b/b:pull,push | ''",
        "repository(plugin):a/b:pull | ''",
        "repository:a/*:pull | ''",
      })
  void pushingAndDeletingMustBeAskedFor(String scope, String expected) {
    Grant grant = Grant.parse("a/*=AcrPush,delete,sign");
    Principal robot = new Principal(Principal.Kind.ROBOT, "ci", List.of(grant));

    assertThat(words(TokenRoutes.granted(robot, List.of(scope)).getOrDefault("a/b", List.of())))
        .isEqualTo(expected);
    assertThat(TokenRoutes.granted(Principal.OWNER, List.of("repository:a/b:*")).get("a/b"))
        .containsExactlyElementsOf(Permission.grantable());
    assertThatThrownBy(() -> Grant.parse("a/*=push-unasked")).isInstanceOf(BullaException.class);
  }

  private static String words(List<Permission> permissions) {
    return permissions.stream().map(Permission::id).collect(Collectors.joining(","));
  }

  private static String keyOf(String token) throws ParseException {
    return SignedJWT.parse(token).getHeader().getKeyID();
  }

  @AfterEach
  void close() {
    open.values().forEach(Records::close);
  }
}
