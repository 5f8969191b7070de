package dev.bulla.registry.http;

import dev.bulla.access.Permission;
import dev.bulla.access.Principal;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import dev.bulla.registry.ManifestPush;
import dev.bulla.registry.Page;
import dev.bulla.registry.PushCondition;
import dev.bulla.registry.Referrer;
import dev.bulla.registry.Registry;
import dev.bulla.registry.StoredManifest;
import dev.bulla.web.Exchange;
import dev.bulla.web.Method;
import dev.bulla.web.QuickHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Manifests and their referrers (specification 1.1, "Pulling manifests" to "Listing Referrers").
 */
final class ManifestRoutes {
  private static final int PAGE = 1_000;
  private static final int MAX_TAGS = 100;

  /**
   * One answer of referrers holds about so many bytes; a manifest is no larger, and neither should
   * its list be.
   */
  private static final int MAX_ANSWER = 4 * 1024 * 1024;

  private static final int ENTRY_OVERHEAD = 512;

  private final Registry registry;
  private final BooleanSupplier challenges;

  /**
   * @param challenges whether who somebody is makes a difference
   */
  ManifestRoutes(Registry registry, BooleanSupplier challenges) {
    this.registry = registry;
    this.challenges = challenges;
  }

  /** What answers GET; without waiting, what is in memory and admitted. */
  QuickHandler reader() {
    return QuickHandler.of(this::getAtOnce, this::get);
  }

  private boolean getAtOnce(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    if (RegistryRoutes.seesAllManifests(exchange, repository)) {
      return false;
    }
    Optional<StoredManifest> found =
        registry.trust().visibleAtOnce(repository, exchange.pathParam("reference"));
    if (found.isPresent()) {
      send(exchange, repository, found.get());
    }
    return found.isPresent();
  }

  private void get(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    String reference = exchange.pathParam("reference");
    StoredManifest found =
        RegistryRoutes.seesAllManifests(exchange, repository)
            ? registry.trust().newest(repository, reference)
            : visible(exchange, repository, reference);
    send(exchange, repository, found);
  }

  /**
   * The stored bytes under their own type, whatever the caller accepts: converting would change the
   * digest.
   */
  private void send(Exchange exchange, String repository, StoredManifest found) throws IOException {
    Conditions.describe(exchange, found.digest());
    if (Conditions.isKnown(exchange, found.digest())) {
      exchange.status(304).send();
      return;
    }
    if (exchange.method() == Method.GET) {
      registry.pulled(repository, found.digest());
    }
    exchange.send(found.mediaType(), found.bytes());
  }

  /**
   * What readers see. Clients made with oras, notation among them, begin with HEAD and show their
   * credential only when they are asked for it; what is not admitted is there for some of them.
   */
  private StoredManifest visible(Exchange exchange, String repository, String reference) {
    try {
      return registry.trust().visible(repository, reference);
    } catch (BullaException e) {
      if (e.code() == ErrorCode.CONTENT_NOT_ADMITTED
          && exchange.method() == Method.HEAD
          && Principal.of(exchange).isAnonymous()
          && exchange.headers("Authorization").isEmpty()
          && challenges.getAsBoolean()) {
        throw new BullaException(
            ErrorCode.ACCESS_UNAUTHENTICATED,
            e.reason(),
            "Get a token where the challenge says; it can be had without a credential too.",
            e);
      }
      throw e;
    }
  }

  void put(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    String reference = exchange.pathParam("reference");
    Optional<Digest> digest =
        Registry.isDigest(reference) ? Optional.of(Digest.parse(reference)) : Optional.empty();
    List<String> tags = new ArrayList<>(exchange.queryAll("tag"));
    boolean several = !tags.isEmpty();
    if (digest.isEmpty()) {
      tags.addFirst(reference);
    }
    if (tags.size() > MAX_TAGS) {
      throw new BullaException(
          ErrorCode.REQUEST_INVALID,
          "%d tags in one request, at most %d are taken".formatted(tags.size(), MAX_TAGS));
    }
    byte[] bytes = exchange.bodyBytes(Registry.MAX_MANIFEST);
    if (!RegistryRoutes.may(registry, exchange, Permission.PUSH, repository)
        && !registry.trust().isEvidence(bytes, tags)) {
      RegistryRoutes.refuse(exchange, repository);
    }
    String type = exchange.header("Content-Type").orElse("");
    switch (registry.pushManifest(
        repository, bytes, type, digest, tags, condition(exchange, repository))) {
      case ManifestPush.Accepted accepted -> created(exchange, repository, accepted, several);
      case ManifestPush.Incomplete incomplete ->
          OciErrors.incomplete(exchange, repository, incomplete.digests());
      case ManifestPush.Outdated other ->
          OciErrors.refuse(
              exchange,
              412,
              "%s of %s is not what the push is meant for; read it again"
                  .formatted(other.reference(), repository),
              ErrorCode.CONFLICT);
    }
  }

  /** {@code If-Match} and {@code If-None-Match} of a push (RFC 9110 section 13.1). */
  private static PushCondition condition(Exchange exchange, String repository) {
    if (exchange.headers("If-Match").isEmpty() && exchange.headers("If-None-Match").isEmpty()) {
      return PushCondition.NONE;
    }
    return new PushCondition(
        now ->
            Conditions.isMatched(exchange, now.map(Conditions::tag))
                && now.filter(there -> Conditions.isKnown(exchange, there)).isEmpty(),
        RegistryRoutes.seesAllManifests(exchange, repository));
  }

  void delete(Exchange exchange) throws IOException {
    registry.deleteManifest(RegistryRoutes.repository(exchange), exchange.pathParam("reference"));
    exchange.status(202).send();
  }

  void referrers(Exchange exchange) throws IOException {
    Digest subject = Digest.parse(exchange.pathParam("digest"));
    Optional<String> type = exchange.query("artifactType").filter(t -> !t.isEmpty());
    Paging paging = Paging.of(exchange, PAGE);
    int limit = Math.clamp(paging.limit(), 1, PAGE);
    Page<Referrer> page =
        registry.referrers(
            RegistryRoutes.repository(exchange), subject, type, paging.last(), limit);
    ObjectNode body = Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
    ArrayNode entries = body.putArray("manifests");
    long size = 0;
    int hidden = 0;
    String repository = RegistryRoutes.repository(exchange);
    boolean all = RegistryRoutes.seesAllManifests(exchange, repository);
    for (Referrer referrer : page.entries()) {
      if (!all && !registry.trust().isVisible(repository, Digest.parse(referrer.digest()))) {
        hidden++;
        continue;
      }
      size += ENTRY_OVERHEAD + Json.write(referrer.annotations()).length;
      if (size > MAX_ANSWER && !entries.isEmpty()) {
        break;
      }
      entries.add(descriptor(referrer));
    }
    int looked = entries.size() + hidden;
    if (page.more() || looked < page.entries().size()) {
      String filter = type.map(t -> "&artifactType=" + Paging.encoded(t)).orElse("");
      String last = page.entries().get(looked - 1).digest();
      new Paging(limit, last).linkNext(exchange, last, filter);
    }
    if (type.isPresent()) {
      exchange.setHeader("OCI-Filters-Applied", "artifactType");
    }
    exchange.send(MediaTypes.OCI_INDEX, Json.write(body));
  }

  private static void created(
      Exchange exchange, String repository, ManifestPush.Accepted accepted, boolean several)
      throws IOException {
    exchange
        .status(201)
        .setHeader("Location", "/v2/" + repository + "/manifests/" + accepted.digest())
        .setHeader("Docker-Content-Digest", accepted.digest().toString());
    accepted.subject().ifPresent(subject -> exchange.setHeader("OCI-Subject", subject));
    if (several) {
      accepted.tags().forEach(tag -> exchange.addHeader("OCI-Tag", tag));
    }
    exchange.send();
  }

  private static ObjectNode descriptor(Referrer referrer) {
    ObjectNode node = Json.object();
    node.put("mediaType", referrer.mediaType());
    node.put("digest", referrer.digest());
    node.put("size", referrer.size());
    referrer.artifactType().ifPresent(type -> node.put("artifactType", type));
    if (!referrer.annotations().isEmpty()) {
      node.set("annotations", referrer.annotations());
    }
    return node;
  }
}
