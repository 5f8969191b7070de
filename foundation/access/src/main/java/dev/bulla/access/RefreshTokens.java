package dev.bulla.access;

import com.nimbusds.jwt.JWTClaimsSet;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Tokens that are good for nothing but getting access tokens, as Azure Container Registry gives
 * them for an identity: what a client keeps instead of the credential. Signed with the same keys;
 * the issuer tells them from access tokens. They hold the caller's grants, those of the owner as
 * grants over all repositories: a refresh token opens no guarded route. Thread-safe.
 */
final class RefreshTokens {
  /** How long a refresh token is good, as Azure has it. */
  static final Duration LIFE = Duration.ofHours(3);

  /** The user name under which registries of Azure take a refresh token as a password. */
  static final String USER = "00000000-0000-0000-0000-000000000000";

  private static final String ISSUER = "bulla-refresh";
  private static final int MAX_TOKEN = 32 * 1024;

  private final TokenKeys keys;
  private final InstantSource clock;
  private final SecureRandom random;

  RefreshTokens(TokenKeys keys, InstantSource clock, SecureRandom random) {
    this.keys = keys;
    this.clock = clock;
    this.random = random;
  }

  String issue(Principal principal) {
    Instant now = clock.instant();
    List<String> grants =
        principal.isOwner()
            ? List.of("**=Owner")
            : principal.grants().stream().map(Grant::toString).toList();
    byte[] id = new byte[16];
    random.nextBytes(id);
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .subject(principal.name())
            .audience(ISSUER)
            .claim("grant_type", "refresh_token")
            .claim("kind", kindOf(principal).name())
            .claim("grants", grants)
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now.minusSeconds(5)))
            .expirationTime(Date.from(now.plus(LIFE)))
            .jwtID(HexFormat.of().formatHex(id))
            .build();
    return keys.sign(claims);
  }

  /** No token makes an owner: it opens repositories, and no more. */
  private static Principal.Kind kindOf(Principal principal) {
    return principal.isOwner() ? Principal.Kind.ROBOT : principal.kind();
  }

  /** Whose token this is, with the grants of its time; empty if it is none of ours or too old. */
  Optional<Principal> verify(String text) {
    if (text.length() > MAX_TOKEN) {
      return Optional.empty();
    }
    try {
      Optional<JWTClaimsSet> verified = keys.verified(text);
      if (verified.isEmpty()) {
        return Optional.empty();
      }
      JWTClaimsSet claims = verified.get();
      Date from = claims.getNotBeforeTime();
      Date until = claims.getExpirationTime();
      Instant now = clock.instant();
      if (!ISSUER.equals(claims.getIssuer())
          || claims.getSubject() == null
          || from == null
          || until == null
          || now.isBefore(from.toInstant())
          || !now.isBefore(until.toInstant())) {
        return Optional.empty();
      }
      List<Grant> grants = new ArrayList<>();
      List<String> texts = claims.getStringListClaim("grants");
      if (texts != null) {
        texts.forEach(one -> grants.add(Grant.parse(one)));
      }
      Principal.Kind kind = Principal.Kind.valueOf(claims.getStringClaim("kind"));
      return kind == Principal.Kind.OWNER
          ? Optional.empty()
          : Optional.of(new Principal(kind, claims.getSubject(), grants));
    } catch (ParseException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
