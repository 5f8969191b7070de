package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.signing.sigstore.ProtoJson;
import dev.bulla.signing.sigstore.Validity;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sigstore's {@code signing_config.json}, version 0.2 (protobuf-specs, {@code
 * sigstore_trustroot.proto}): which services an instance has, when, and how many of each kind a
 * signature needs. Immutable.
 *
 * <p>Of the services that may be used now and speak a version that is known here, each operator
 * stands with one: the highest version, of several the one that began last. Then one of them is
 * taken, all, or an exact number, in the order of the document.
 */
public final class SigningConfig {
  private static final String WHAT = "signing config";
  private static final String MEDIA_TYPE = "application/vnd.dev.sigstore.signingconfig.v0.2+json";
  private static final int MAX_BYTES = 1024 * 1024;
  private static final int MAX_SERVICES = 256;

  private final List<Service> authorities;
  private final List<Service> issuers;
  private final List<Service> logs;
  private final Demand logDemand;
  private final List<Service> stampers;
  private final Demand stampDemand;

  private record Service(URI url, long version, Validity validity, String operator) {}

  private enum Selector {
    UNDEFINED,
    ALL,
    ANY,
    EXACT
  }

  private record Demand(Selector selector, int count) {}

  private SigningConfig(
      List<Service> authorities,
      List<Service> issuers,
      List<Service> logs,
      Demand logDemand,
      List<Service> stampers,
      Demand stampDemand) {
    this.authorities = authorities;
    this.issuers = issuers;
    this.logs = logs;
    this.logDemand = logDemand;
    this.stampers = stampers;
    this.stampDemand = stampDemand;
  }

  /**
   * @throws BullaException {@link ErrorCode#CONFIGURATION_INVALID}
   */
  public static SigningConfig parse(byte[] json) {
    try {
      Fields root =
          ProtoJson.parse(json, MAX_BYTES, WHAT)
              .only(
                  "mediaType",
                  "caUrls",
                  "oidcUrls",
                  "rekorTlogUrls",
                  "rekorTlogConfig",
                  "tsaUrls",
                  "tsaConfig");
      String type = root.string("mediaType");
      if (!type.equals(MEDIA_TYPE)) {
        throw invalid("the media type '%s' is not %s".formatted(Shown.text(type), MEDIA_TYPE));
      }
      return new SigningConfig(
          services(root, "caUrls"),
          services(root, "oidcUrls"),
          services(root, "rekorTlogUrls"),
          demand(root, "rekorTlogConfig"),
          services(root, "tsaUrls"),
          demand(root, "tsaConfig"));
    } catch (BullaException e) {
      if (e.code() == ErrorCode.CONFIGURATION_INVALID) {
        throw e;
      }
      throw new BullaException(
          ErrorCode.CONFIGURATION_INVALID, WHAT + ": " + e.reason(), e.nextStep(), e);
    }
  }

  /**
   * The services to use at {@code now}; what the document does not name, it does not demand.
   *
   * @throws BullaException {@link ErrorCode#CONFIGURATION_INVALID} if there are not as many as it
   *     demands
   */
  public SigningServices select(Instant now) {
    List<Service> authority = usable(authorities, now, 1);
    if (authority.isEmpty() && !authorities.isEmpty()) {
      throw invalid("no certificate authority may be used at " + now);
    }
    return new SigningServices(
        authority.stream().map(Service::url).findFirst(),
        taken("log", logs, usable(logs, now, 2), logDemand, now).stream()
            .map(one -> new SigningServices.Log(one.url, (int) one.version))
            .toList(),
        taken("timestamp authority", stampers, usable(stampers, now, 1), stampDemand, now).stream()
            .map(Service::url)
            .toList());
  }

  /** Where somebody can log in at {@code now}, if the document says. */
  public Optional<URI> issuer(Instant now) {
    return usable(issuers, now, 1).stream().map(Service::url).findFirst();
  }

  /** One service of each operator. */
  private static List<Service> usable(List<Service> all, Instant now, int highestVersion) {
    Comparator<Service> better =
        Comparator.comparingLong(Service::version)
            .thenComparing(service -> service.validity.start());
    Map<String, Service> byOperator = new LinkedHashMap<>();
    for (Service one : all) {
      if (one.version >= 1 && one.version <= highestVersion && one.validity.covers(now)) {
        byOperator.merge(
            one.operator, one, (old, other) -> better.compare(other, old) > 0 ? other : old);
      }
    }
    return List.copyOf(byOperator.values());
  }

  private static List<Service> taken(
      String kind, List<Service> all, List<Service> usable, Demand demand, Instant now) {
    if (all.isEmpty()) {
      return List.of();
    }
    int wanted =
        switch (demand.selector) {
          case ALL -> usable.size();
          case ANY -> 1;
          case EXACT -> demand.count;
          case UNDEFINED ->
              throw invalid("it names a %s and does not say how many to use".formatted(kind));
        };
    if (usable.isEmpty() || wanted < 1 || usable.size() < wanted) {
      throw invalid(
          "%d of kind '%s' may be used at %s, %d demanded"
              .formatted(usable.size(), kind, now, Math.max(1, wanted)));
    }
    return usable.subList(0, wanted);
  }

  private static List<Service> services(Fields root, String name) {
    List<Service> all = new ArrayList<>();
    for (Fields one : root.objects(name)) {
      one.only("url", "majorApiVersion", "validFor", "operator");
      Fields times = one.object("validFor").only("start", "end");
      all.add(
          new Service(
              SigningServices.address(one.string("url")),
              ProtoJson.number(one, "majorApiVersion"),
              new Validity(
                  ProtoJson.time(times, "start")
                      .orElseThrow(() -> times.invalid("start", "missing")),
                  ProtoJson.time(times, "end")),
              one.optionalString("operator").orElse("")));
    }
    if (all.size() > MAX_SERVICES) {
      throw invalid("more than %d services in '%s'".formatted(MAX_SERVICES, name));
    }
    return List.copyOf(all);
  }

  private static Demand demand(Fields root, String name) {
    Optional<Fields> given = root.optionalObject(name);
    if (given.isEmpty()) {
      return new Demand(Selector.UNDEFINED, 0);
    }
    Fields fields = given.get().only("selector", "count");
    long count = ProtoJson.number(fields, "count");
    if (count < 0 || count > MAX_SERVICES) {
      throw fields.invalid("count", "out of range");
    }
    return new Demand(selector(fields), (int) count);
  }

  /** An enumeration value: its name or its number. */
  private static Selector selector(Fields fields) {
    String written =
        fields.has("selector") && fields.node().get("selector").isIntegralNumber()
            ? String.valueOf(fields.integer("selector"))
            : fields.optionalString("selector").orElse("0");
    return switch (written) {
      case "SERVICE_SELECTOR_UNDEFINED", "0" -> Selector.UNDEFINED;
      case "ALL", "1" -> Selector.ALL;
      case "ANY", "2" -> Selector.ANY;
      case "EXACT", "3" -> Selector.EXACT;
      default -> throw fields.invalid("selector", "not ALL, ANY or EXACT");
    };
  }

  private static BullaException invalid(String why) {
    return new BullaException(
        ErrorCode.CONFIGURATION_INVALID,
        WHAT + ": " + why,
        "Give the signing_config.json (version 0.2) of the Sigstore instance to sign with.");
  }
}
