package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Nearest;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.signing.cosign.PredicateNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads the scopes of a trust policy. */
final class ScopeReader {
  private static final int MAX_PATTERNS = 100;
  private static final int MAX_REQUIREMENTS = 32;
  private static final int MAX_ANNOTATIONS = 32;
  private static final long MAX_DAYS = 36_500;
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})([smhd])");
  private static final Map<String, ScopeRule.Action> ACTIONS =
      Map.of(
          "enforce", ScopeRule.Action.ENFORCE,
          "audit", ScopeRule.Action.AUDIT,
          "refuse", ScopeRule.Action.REFUSE);

  private final Map<String, Authority> authorities;

  ScopeReader(Map<String, Authority> authorities) {
    this.authorities = authorities;
  }

  ScopeRule scope(Fields one) {
    one.only(
        "name",
        "images",
        "blobs",
        "action",
        "signatures",
        "attestations",
        "requireTimestamp",
        "requireLog",
        "algorithms",
        "minimumRsaBits");
    String name = PolicyReader.name(one, "name");
    ScopeRule.Action action =
        PolicyReader.oneOf(one, "action", one.optionalString("action").orElse("enforce"), ACTIONS);
    boolean requireLog = one.optionalBoolean("requireLog").orElse(false);
    List<Requirement> requirements = new ArrayList<>();
    listed(one, "signatures")
        .forEach(fields -> add(requirements, signatures(fields, requireLog), fields));
    listed(one, "attestations")
        .forEach(fields -> add(requirements, attestation(fields, requireLog), fields));
    checkDemands(one, name, action, requirements);
    return new ScopeRule(
        name,
        images(one),
        blobs(one),
        action,
        requirements,
        one.optionalBoolean("requireTimestamp").orElse(false),
        requireLog,
        algorithms(one),
        rsaBits(one));
  }

  private static List<Fields> listed(Fields one, String field) {
    List<Fields> all = one.objects(field);
    if (all.size() > MAX_REQUIREMENTS || one.has(field) && all.isEmpty()) {
      throw one.invalid(
          field, "a list of %d, expected 1 to %d".formatted(all.size(), MAX_REQUIREMENTS));
    }
    return all;
  }

  private static void add(List<Requirement> all, Requirement next, Fields fields) {
    if (all.stream().anyMatch(other -> other.name().equals(next.name()))) {
      throw fields.invalid(
          "name", "'" + next.name() + "', which another demand of the scope has already");
    }
    all.add(next);
  }

  /** A scope that demands nothing would accept everything without saying so. */
  private static void checkDemands(
      Fields one, String name, ScopeRule.Action action, List<Requirement> requirements) {
    if (action == ScopeRule.Action.REFUSE && !requirements.isEmpty()) {
      throw one.invalid(
          "action",
          "refuse, which refuses whatever is signed: '" + name + "' can demand nothing besides");
    }
    if (action == ScopeRule.Action.ENFORCE && requirements.isEmpty()) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          "the scope '%s' demands neither signatures nor attestations".formatted(name),
          "Demand something, or write action: audit to accept these images with a note.");
    }
  }

  private static List<ImagePattern> images(Fields one) {
    boolean others = one.has("blobs") && !one.has("images");
    return others ? List.of() : patterns(one, "images").stream().map(ImagePattern::parse).toList();
  }

  private static List<BlobPattern> blobs(Fields one) {
    return one.has("blobs")
        ? patterns(one, "blobs").stream().map(BlobPattern::parse).toList()
        : List.of();
  }

  private static List<String> patterns(Fields one, String field) {
    List<String> written = one.strings(field);
    if (written.isEmpty() || written.size() > MAX_PATTERNS) {
      throw one.invalid(
          field, "a list of %d, expected 1 to %d patterns".formatted(written.size(), MAX_PATTERNS));
    }
    if (new HashSet<>(written).size() < written.size()) {
      throw one.invalid(field, "a list that names a pattern twice");
    }
    return written;
  }

  private Requirement signatures(Fields fields, boolean requireLog) {
    fields.only("name", "authorities", "threshold", "annotations", "maximumAge");
    String name = fields.has("name") ? PolicyReader.name(fields, "name") : "signatures";
    return requirement(fields, name, Optional.empty(), requireLog);
  }

  private Requirement attestation(Fields fields, boolean requireLog) {
    fields.only("name", "type", "authorities", "threshold", "annotations", "maximumAge");
    String written = fields.string("type");
    String type = PredicateNames.toUri(written);
    if (type.equals(PredicateTypes.COSIGN_SIGN_V1)) {
      throw fields.invalid("type", "the type of a signature; demand it under 'signatures'");
    }
    String name = fields.has("name") ? PolicyReader.name(fields, "name") : "attestation " + written;
    return requirement(fields, name, Optional.of(type), requireLog);
  }

  private Requirement requirement(
      Fields fields, String name, Optional<String> type, boolean requireLog) {
    List<String> among = fields.strings("authorities");
    if (among.isEmpty()) {
      throw fields.invalid("authorities", "empty, expected the names of authorities");
    }
    Set<String> seen = new HashSet<>();
    for (String one : among) {
      Authority authority = authority(fields, one);
      if (!seen.add(one)) {
        throw fields.invalid("authorities", "a list that names '" + one + "' twice");
      }
      if (requireLog && !authority.logged()) {
        throw fields.invalid(
            "authorities",
            "'"
                + one
                + "', whose signatures no log can have:"
                + " requireLog needs identities, or keys with a trustedRoot that names a log");
      }
    }
    SharedSigners.refuse(fields, among.stream().map(authorities::get).toList());
    long threshold = fields.optionalInteger("threshold").orElse(1L);
    if (threshold < 1 || threshold > among.size()) {
      throw fields.invalid(
          "threshold", "%d, expected 1 to %d authorities".formatted(threshold, among.size()));
    }
    return new Requirement(name, type, (int) threshold, among, annotations(fields), age(fields));
  }

  private static Map<String, String> annotations(Fields fields) {
    Map<String, String> pairs = fields.stringMap("annotations");
    if (fields.has("annotations") && (pairs.isEmpty() || pairs.size() > MAX_ANNOTATIONS)) {
      throw fields.invalid(
          "annotations",
          "a map of %d pairs, expected 1 to %d".formatted(pairs.size(), MAX_ANNOTATIONS));
    }
    return pairs;
  }

  private Authority authority(Fields fields, String name) {
    Authority found = authorities.get(name);
    if (found == null) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          fields
              .invalid(
                  "authorities",
                  "'" + Shown.text(name) + "', who is no authority of this" + " policy")
              .reason(),
          Nearest.to(name, authorities.keySet())
              .map(near -> "Did you mean '" + near + "'?")
              .orElse("Authorities: " + String.join(", ", authorities.keySet()) + "."));
    }
    return found;
  }

  private static Optional<Duration> age(Fields fields) {
    return fields
        .optionalString("maximumAge")
        .map(written -> {
          Matcher matcher = DURATION.matcher(written);
          if (!matcher.matches()) {
            throw fields.invalid(
                "maximumAge",
                "'" + Shown.text(written) + "', expected a number and s, m, h or d, as in 30d");
          }
          long number = Long.parseLong(matcher.group(1));
          Duration age =
              switch (matcher.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
              };
          if (age.isZero() || age.toDays() > MAX_DAYS) {
            throw fields.invalid("maximumAge", written + ", expected 1s to 36500d");
          }
          return age;
        });
  }

  private static Set<String> algorithms(Fields one) {
    Map<String, String> known = new TreeMap<>();
    for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
      known.put(algorithm.id(), algorithm.id());
    }
    Stream.of(
            SignatureAlgorithm.ECDSA_P256_SHA256,
            SignatureAlgorithm.ECDSA_P384_SHA384,
            SignatureAlgorithm.ECDSA_P521_SHA512)
        .map(curve -> curve.id() + "+" + SignatureAlgorithm.ML_DSA_65.id())
        .forEach(dual -> known.put(dual, dual));
    Set<String> all = new TreeSet<>();
    for (String written : one.strings("algorithms")) {
      all.add(PolicyReader.oneOf(one, "algorithms", written, known));
    }
    if (one.has("algorithms") && all.isEmpty()) {
      throw one.invalid("algorithms", "empty, which would accept none; leave it out to accept all");
    }
    return all;
  }

  private static int rsaBits(Fields one) {
    long bits = one.optionalInteger("minimumRsaBits").orElse(0L);
    if (one.has("minimumRsaBits") && (bits < 2048 || bits > 8192)) {
      throw one.invalid("minimumRsaBits", bits + ", expected 2048 to 8192");
    }
    return (int) bits;
  }
}
