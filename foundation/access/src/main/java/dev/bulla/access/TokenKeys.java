package dev.bulla.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.bulla.core.json.Json;
import dev.bulla.store.Latest;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The keys with which a registry signs the tokens that it gives out: HMAC with SHA-256 and nothing
 * else, because who gives tokens out is who reads them.
 *
 * <p>They lie in the records, so that all replicas have the same. Each signs for {@link #SIGNS};
 * then whoever needs one first makes the next. It is forgotten when the last token of it has ended,
 * so that an old copy of the records opens nothing. Thread-safe.
 */
public final class TokenKeys {
  /** How long a key is used for new tokens. */
  static final Duration SIGNS = Duration.ofDays(1);

  /** How long it is known: no token is good for longer after the last was signed. */
  static final Duration KNOWN = SIGNS.plus(RefreshTokens.LIFE).plusHours(1);

  private static final String TOPIC = "/token-keys";
  private static final int BYTES = 32;
  private static final String INSERT =
      "INSERT INTO token_key (id, secret, created) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING";

  /**
   * @param created milliseconds since 1970
   */
  private record Key(String id, byte[] secret, long created) {
    @Override
    public String toString() {
      return "Key[" + id + "]";
    }
  }

  private final InstantSource clock;
  private final SecureRandom random;
  private final Latest<List<Key>> keys;

  public TokenKeys(Records records, InstantSource clock, SecureRandom random) {
    this.clock = clock;
    this.random = random;
    this.keys = new Latest<>(records, TOPIC, TokenKeys::read);
  }

  /**
   * Takes over the key that a home had in a file before there were keys in the records: its tokens
   * are good until they end, and the file is removed.
   */
  public TokenKeys adopt(Path file) {
    try {
      byte[] secret = Files.readAllBytes(file);
      if (secret.length == BYTES) {
        String id = "file-" + dev.bulla.core.Digest.sha256(secret).hex().substring(0, 16);
        long created = clock.instant().minus(SIGNS).toEpochMilli();
        keys.change(handle -> handle.execute(INSERT, id, secret, created));
      }
      Files.delete(file);
    } catch (NoSuchFileException e) {
      // as a rule
    } catch (IOException e) {
      System.getLogger("bulla.access")
          .log(System.Logger.Level.WARNING, "the old token key " + file + " stays: " + e);
    }
    return this;
  }

  /** Ends all tokens at once. */
  static void end(Records records, InstantSource clock) {
    new Latest<>(records, TOPIC, TokenKeys::read)
        .change(handle -> {
          Outbox.append(handle, clock.instant(), "access.tokens.ended", "tokens", Json.object());
          return handle.execute("DELETE FROM token_key");
        });
  }

  String sign(JWTClaimsSet claims) {
    Key key = signing();
    SignedJWT token =
        new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(key.id()).build(), claims);
    try {
      token.sign(new MACSigner(key.secret()));
    } catch (JOSEException e) {
      throw new IllegalStateException("a token cannot be signed", e);
    }
    return token.serialize();
  }

  /** What a token says that one of the keys has signed, whatever that is; empty if none has. */
  Optional<JWTClaimsSet> verified(String text) {
    try {
      SignedJWT token = SignedJWT.parse(text);
      if (!token.getHeader().getAlgorithm().equals(JWSAlgorithm.HS256)) {
        return Optional.empty();
      }
      String id = token.getHeader().getKeyID();
      for (Key key : keys.get()) {
        boolean meant = id == null || id.equals(key.id());
        if (meant && isKnown(key) && token.verify(new MACVerifier(key.secret()))) {
          return Optional.of(token.getJWTClaimsSet());
        }
      }
      return Optional.empty();
    } catch (ParseException | JOSEException | IllegalArgumentException | ClassCastException e) {
      return Optional.empty();
    }
  }

  private Key signing() {
    return newest(keys.get())
        .orElseGet(() ->
            keys.change(handle ->
                newest(read(handle)).orElseGet(() -> make(handle)))); // by another meanwhile
  }

  private Key make(Handle handle) {
    byte[] secret = new byte[BYTES];
    random.nextBytes(secret);
    byte[] id = new byte[8];
    random.nextBytes(id);
    Key key = new Key(HexFormat.of().formatHex(id), secret, clock.millis());
    handle.execute("DELETE FROM token_key WHERE created < ?", key.created() - KNOWN.toMillis());
    handle.execute(INSERT, key.id(), secret, key.created());
    return key;
  }

  /** The newest key that may sign; one that a clock made that was ahead may not. */
  private Optional<Key> newest(List<Key> known) {
    long now = clock.millis();
    return known.stream()
        .filter(
            key -> now - key.created() < SIGNS.toMillis() && key.created() - now < SIGNS.toMillis())
        .findFirst();
  }

  private boolean isKnown(Key key) {
    return clock.millis() - key.created() < KNOWN.toMillis();
  }

  /** The newest first. */
  private static List<Key> read(Handle handle) {
    return handle
        .select("SELECT id, secret, created FROM token_key ORDER BY created DESC, id")
        .map((row, context) -> new Key(row.getString(1), row.getBytes(2), row.getLong(3)))
        .list();
  }
}
