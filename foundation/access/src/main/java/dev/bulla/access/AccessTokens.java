package dev.bulla.access;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Short-lived bearer tokens of the registry (distribution token specification, claims of the
 * reference scheme): signed with the {@link TokenKeys} of the registry. Thread-safe.
 */
public final class AccessTokens {
  /** How long a token is good; clients ask for the next one by themselves. */
  public static final Duration LIFE = Duration.ofMinutes(5);

  private static final String ISSUER = "bulla";
  private static final int MAX_TOKEN = 16 * 1024;

  private final TokenKeys keys;
  private final InstantSource clock;
  private final SecureRandom random;
  private final RefreshTokens refresh;

  public AccessTokens(TokenKeys keys, InstantSource clock, SecureRandom random) {
    this.keys = keys;
    this.clock = clock;
    this.random = random;
    this.refresh = new RefreshTokens(keys, clock, random);
  }

  /** The tokens for which access tokens are given again. */
  RefreshTokens refresh() {
    return refresh;
  }

  /**
   * A token for who is calling, limited to some repositories.
   *
   * @param granted by the name of the repository; empty sets need not be named
   */
  String issue(Principal principal, Map<String, List<Permission>> granted) {
    Instant now = clock.instant();
    List<Map<String, Object>> access = new ArrayList<>();
    granted.forEach((name, permissions) -> {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("type", "repository");
      one.put("name", name);
      one.put("actions", permissions.stream().map(Permission::id).toList());
      access.add(one);
    });
    byte[] id = new byte[16];
    random.nextBytes(id);
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .subject(principal.name())
            .audience(ISSUER)
            .claim("kind", kindOf(principal).name())
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now.minusSeconds(5)))
            .expirationTime(Date.from(now.plus(LIFE)))
            .jwtID(HexFormat.of().formatHex(id))
            .claim("access", access)
            .build();
    return keys.sign(claims);
  }

  /** Nobody becomes the owner by a token of the registry. */
  private static Principal.Kind kindOf(Principal principal) {
    return principal.isOwner() ? Principal.Kind.ROBOT : principal.kind();
  }

  /** Who holds a token, with the rights of the token; empty if it is none of ours or too old. */
  Optional<Principal> verify(String text) {
    if (text.length() > MAX_TOKEN || text.indexOf('.') < 0) {
      return Optional.empty();
    }
    try {
      Optional<JWTClaimsSet> claims = keys.verified(text);
      return claims.isEmpty() ? Optional.empty() : principal(claims.get());
    } catch (ParseException | IllegalArgumentException | ClassCastException e) {
      return Optional.empty();
    }
  }

  /** Whether a text could be a token of a server like this: no issuer signs with a secret. */
  static boolean looksLikeOurs(String text) {
    try {
      return text.length() <= MAX_TOKEN
          && SignedJWT.parse(text).getHeader().getAlgorithm().equals(JWSAlgorithm.HS256);
    } catch (ParseException | IllegalArgumentException e) {
      return false;
    }
  }

  private Optional<Principal> principal(JWTClaimsSet claims) throws ParseException {
    Date from = claims.getNotBeforeTime();
    Date until = claims.getExpirationTime();
    Instant now = clock.instant();
    boolean current =
        from != null
            && until != null
            && !now.isBefore(from.toInstant())
            && now.isBefore(until.toInstant());
    if (!current
        || !ISSUER.equals(claims.getIssuer())
        || !claims.getAudience().contains(ISSUER)
        || claims.getSubject() == null) {
      return Optional.empty();
    }
    List<Grant> grants = new ArrayList<>();
    Object access = claims.getClaim("access");
    if (access instanceof List<?> list) {
      for (Object one : list) {
        if (one instanceof Map<?, ?> map && map.get("actions") instanceof List<?> actions) {
          List<Permission> permissions =
              actions.stream().flatMap(a -> Permission.of(String.valueOf(a)).stream()).toList();
          if (!permissions.isEmpty()) {
            grants.add(
                new Grant(String.valueOf(map.get("name")), java.util.Set.copyOf(permissions)));
          }
        }
      }
    }
    Principal.Kind kind = Principal.Kind.valueOf(claims.getStringClaim("kind"));
    return kind == Principal.Kind.OWNER
        ? Optional.empty()
        : Optional.of(new Principal(kind, claims.getSubject(), grants).byToken());
  }
}
