package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.store.Latest;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import dev.bulla.store.Schema;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;

/** The robots of a home. Thread-safe. */
public final class Robots {
  /** The tables that {@link Records} must be opened with. */
  public static final Schema SCHEMA = new Schema("access", 3);

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  private final Records records;
  private final InstantSource clock;
  private final Latest<Boolean> any;

  public Robots(Records records, InstantSource clock) {
    this.records = records;
    this.clock = clock;
    this.any =
        new Latest<>(
            records,
            "/robots",
            handle -> handle.select("SELECT count(*) FROM robot").mapTo(Long.class).one() > 0);
  }

  /** Whether there are any. */
  public boolean any() {
    return any.get();
  }

  /**
   * Adds or replaces a robot and returns its secret, which is not kept.
   *
   * @throws BullaException {@link ErrorCode#USAGE} if the name is unfit
   */
  public String add(String name, List<Grant> grants, SecureRandom random) {
    if (!NAME.matcher(name).matches() || name.equals("owner") || name.equals("anonymous")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'%s' is not a name for a robot".formatted(Shown.text(name)),
          "Use at most 64 lower-case letters, digits, '.', '_' and '-'.");
    }
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    ArrayNode texts = Json.array();
    grants.forEach(grant -> texts.add(grant.toString()));
    any.change(handle -> {
      Outbox.append(
          handle, clock.instant(), "access.robot.added", name, Json.object().set("grants", texts));
      return handle.execute(
          "INSERT INTO robot (name, secret, grants, created) VALUES (?, ?, ?, ?) ON CONFLICT"
              + " (name) DO UPDATE SET secret = excluded.secret, grants = excluded.grants",
          name,
          hash(secret),
          new String(Json.write(texts), StandardCharsets.UTF_8),
          clock.millis());
    });
    return secret;
  }

  /** False if there is none of this name. Tokens that it has end by themselves soon. */
  public boolean remove(String name) {
    return any.change(handle -> {
      boolean there = handle.execute("DELETE FROM robot WHERE name = ?", name) > 0;
      if (there) {
        Outbox.append(handle, clock.instant(), "access.robot.removed", name, Json.object());
      }
      return there;
    });
  }

  /** Ends all tokens that the registry gave out. */
  public void endTokens() {
    TokenKeys.end(records, clock);
  }

  public List<Robot> list() {
    return records.read(handle ->
        handle
            .select("SELECT name, grants, created FROM robot ORDER BY name")
            .map((row, context) ->
                new Robot(
                    row.getString(1),
                    grants(row.getString(2)),
                    Instant.ofEpochMilli(row.getLong(3))))
            .list());
  }

  /** The robot of this name, if the secret is its. */
  Optional<Robot> find(String name, String secret) {
    byte[] offered = hash(secret);
    return records.read(handle ->
        handle
            .select("SELECT name, grants, created, secret FROM robot WHERE name = ?", name)
            .map((row, context) ->
                MessageDigest.isEqual(row.getBytes(4), offered)
                    ? Optional.of(
                        new Robot(
                            row.getString(1),
                            grants(row.getString(2)),
                            Instant.ofEpochMilli(row.getLong(3))))
                    : Optional.<Robot>empty())
            .findOne()
            .flatMap(found -> found));
  }

  static List<Grant> grants(String json) {
    List<Grant> grants = new ArrayList<>();
    Json.parse(json.getBytes(StandardCharsets.UTF_8), "grants")
        .forEach(one -> grants.add(Grant.parse(one.asString(""))));
    return grants;
  }

  private static byte[] hash(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
