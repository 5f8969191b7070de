package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Machines that somebody else vouches for: whose identity tokens are believed, and what follows
 * from the claims in them or from a client certificate. Kept in the records, so that all replicas
 * say the same. Thread-safe.
 */
public final class Workloads {
  private static final int MAX_NAME = 512;

  private final Records records;
  private final InstantSource clock;
  private final IssuerKeys keys;
  private final IdentityTokens tokens;

  public Workloads(Records records, InstantSource clock) {
    this.records = records;
    this.clock = clock;
    this.keys = new IssuerKeys(clock);
    this.tokens = new IdentityTokens(this::issuer, keys, clock);
  }

  /** Trusts an issuer, or changes what was said about it. */
  public void trust(Issuer issuer) {
    issuer.keys().ifPresent(json -> IssuerKeys.parse(json.getBytes(StandardCharsets.UTF_8)));
    issuer.authority().ifPresent(IssuerKeys::trusting);
    records.write(handle -> {
      handle.execute(
          "INSERT INTO issuer (url, audience, keys, authority, created) VALUES (?, ?, ?, ?, ?)"
              + " ON CONFLICT (url) DO UPDATE SET audience = excluded.audience,"
              + " keys = excluded.keys, authority = excluded.authority",
          issuer.url(),
          issuer.audience(),
          issuer.keys().orElse(null),
          issuer.authority().orElse(null),
          clock.millis());
      Outbox.append(
          handle,
          clock.instant(),
          "access.issuer.trusted",
          issuer.url(),
          Json.object().put("audience", issuer.audience()));
      return issuer;
    });
  }

  /** Believes an issuer no longer; its rules stay and mean nothing. False if it was not trusted. */
  public boolean distrust(String url) {
    boolean was = remove("issuer", "url", url, "access.issuer.removed");
    keys.keepOnly(issuers());
    return was;
  }

  public List<Issuer> issuers() {
    return issuers("SELECT url, audience, keys, authority FROM issuer ORDER BY url");
  }

  /** Adds or replaces a rule. */
  public void add(Rule rule) {
    ObjectNode conditions = Json.object();
    rule.conditions().forEach(conditions::put);
    ArrayNode grants = Json.array();
    rule.grants().forEach(grant -> grants.add(grant.toString()));
    records.write(handle -> {
      handle.execute(
          "INSERT INTO access_rule (name, source, conditions, grants, created)"
              + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
              + " source = excluded.source, conditions = excluded.conditions,"
              + " grants = excluded.grants",
          rule.name(),
          rule.source(),
          text(conditions),
          text(grants),
          clock.millis());
      ObjectNode payload = Json.object().put("source", rule.source());
      payload.set("conditions", conditions);
      payload.set("grants", grants);
      Outbox.append(handle, clock.instant(), "access.rule.added", rule.name(), payload);
      return rule;
    });
  }

  public boolean remove(String rule) {
    return remove("access_rule", "name", rule, "access.rule.removed");
  }

  public List<Rule> rules() {
    return records.read(handle ->
        handle
            .select("SELECT name, source, conditions, grants FROM access_rule ORDER BY name")
            .map((row, context) ->
                new Rule(
                    row.getString(1),
                    row.getString(2),
                    conditions(row.getString(3)),
                    Robots.grants(row.getString(4))))
            .list());
  }

  /**
   * Who an identity token is about.
   *
   * @throws BullaException {@link ErrorCode#ACCESS_UNAUTHENTICATED} if the token is not right,
   *     {@link ErrorCode#ACCESS_DENIED} if it is, and no rule speaks of its holder
   */
  Principal byToken(String token) {
    JsonNode claims = tokens.verify(token);
    String issuer = claims.path("iss").asString("");
    String name = issuer + " " + claims.path("sub").asString("");
    return principal(name, issuer, claims)
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.ACCESS_DENIED,
                "no rule of this registry speaks of %s".formatted(Shown.text(name)),
                "Ask the owner of the registry for one ('bulla registry rule add')."));
  }

  /** Who shows a certificate, whose chain was verified; empty if no rule speaks of him. */
  Optional<Principal> byCertificate(X509Certificate certificate) {
    String name = Rule.CERTIFICATE + " " + certificate.getSubjectX500Principal().getName();
    return principal(name, Rule.CERTIFICATE, claims(certificate));
  }

  /** Whether whoever has vouched for somebody is still believed. */
  boolean vouchesFor(Principal workload) {
    return workload.name().startsWith(Rule.CERTIFICATE + " ")
        || issuers().stream().anyMatch(one -> workload.name().startsWith(one.url() + " "));
  }

  private Optional<Principal> principal(String name, String source, JsonNode claims) {
    List<Grant> grants =
        rules().stream()
            .filter(rule -> rule.source().equals(source) && rule.matches(claims))
            .flatMap(rule -> rule.grants().stream())
            .distinct()
            .toList();
    String shown = name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name;
    return grants.isEmpty()
        ? Optional.empty()
        : Optional.of(new Principal(Principal.Kind.WORKLOAD, shown, grants));
  }

  /** What rules can ask of a certificate (RFC 5280 sections 4.1.2 and 4.2.1.6). */
  static ObjectNode claims(X509Certificate certificate) {
    ObjectNode claims = Json.object();
    claims.put("subject", certificate.getSubjectX500Principal().getName());
    claims.put("issuer", certificate.getIssuerX500Principal().getName());
    Map<Integer, String> kinds = Map.of(1, "email", 2, "dns", 6, "uri", 7, "ip");
    Map<String, ArrayNode> names = new HashMap<>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      for (List<?> one : all == null ? List.<List<?>>of() : all) {
        String kind = kinds.get(one.getFirst());
        if (kind != null && one.get(1) instanceof String value) {
          names.computeIfAbsent(kind, claims::putArray).add(value);
        }
      }
    } catch (CertificateParsingException e) {
      throw new BullaException(
          ErrorCode.ACCESS_UNAUTHENTICATED,
          "the names in the client certificate cannot be read",
          e);
    }
    return claims;
  }

  private Optional<Issuer> issuer(String url) {
    return issuers("SELECT url, audience, keys, authority FROM issuer WHERE url = ?", url).stream()
        .findFirst();
  }

  private List<Issuer> issuers(String query, Object... values) {
    return records.read(handle ->
        handle
            .select(query, values)
            .map((row, context) ->
                new Issuer(
                    row.getString(1),
                    row.getString(2),
                    optional(row.getString(3)),
                    optional(row.getString(4))))
            .list());
  }

  private boolean remove(String table, String column, String value, String event) {
    return records.write(handle -> {
      boolean was = handle.execute("DELETE FROM " + table + " WHERE " + column + " = ?", value) > 0;
      if (was) {
        Outbox.append(handle, clock.instant(), event, value, Json.object());
      }
      return was;
    });
  }

  private static Optional<String> optional(@Nullable String text) {
    return Optional.ofNullable(text);
  }

  private static Map<String, String> conditions(String json) {
    Map<String, String> conditions = new HashMap<>();
    JsonNode all = Json.parse(json.getBytes(StandardCharsets.UTF_8), "conditions");
    for (String name : new ArrayList<>(all.propertyNames())) {
      conditions.put(name, all.path(name).asString(""));
    }
    return conditions;
  }

  private static String text(JsonNode json) {
    return new String(Json.write(json), StandardCharsets.UTF_8);
  }
}
