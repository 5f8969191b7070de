package dev.bulla.registry.azure;

import dev.bulla.access.AzureTokenRoutes;
import dev.bulla.access.Permission;
import dev.bulla.access.Principal;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Attributes;
import dev.bulla.registry.Page;
import dev.bulla.registry.Registry;
import dev.bulla.registry.RegistryProperties;
import dev.bulla.registry.RegistryProperties.ManifestRow;
import dev.bulla.registry.RegistryProperties.TagRow;
import dev.bulla.registry.RepositoryDeletion;
import dev.bulla.registry.http.OciErrors;
import dev.bulla.registry.http.RegistryRoutes;
import dev.bulla.web.ErrorWriter;
import dev.bulla.web.Exchange;
import dev.bulla.web.Exposure;
import dev.bulla.web.Handler;
import dev.bulla.web.Method;
import dev.bulla.web.Route;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The routes below {@code /acr/v1/}: what Azure Container Registry tells about repositories,
 * manifests and tags, and lets one lock (Azure REST, version 2021-07-01).
 *
 * <p>As there, a call without a token is sent for one first, also where everybody may come in: the
 * SDK shows its credential only when asked. What a caller may see and do is decided as for the
 * distribution protocol; attributes are set by those who have a grant to push or {@code
 * metadata-write}.
 */
public final class AzureRoutes {
  /** The prefix for which {@link #errors} is the error form. */
  public static final String PREFIX = "/acr/";

  private static final int MAX_BODY = 64 * 1024;
  private static final Pattern REPOSITORY =
      Pattern.compile("/acr/v1/(.+?)(?:/_(?:tags|manifests)(?:/[^/]+)?)?");

  private final Registry registry;
  private final PropertyJson json;

  private AzureRoutes(Registry registry) {
    this.registry = registry;
    this.json = new PropertyJson(registry);
  }

  /** All routes, to be mounted on a server whose filters authenticate. */
  public static List<Route> of(Registry registry) {
    AzureRoutes own = new AzureRoutes(registry);
    List<Route> routes = new ArrayList<>();
    routes.add(
        new Route(
            Method.GET, "/acr/v1/_catalog", asked(own::catalog), Exposure.DECIDED_BY_HANDLER));
    routes.add(own.reading("/_tags", own::tags));
    routes.add(own.reading("/_tags/{tag}", own::tag));
    routes.add(own.writing(Method.PATCH, "/_tags/{tag}", own::lockTag));
    routes.add(own.writing(Method.DELETE, "/_tags/{tag}", own::deleteTag));
    routes.add(own.reading("/_manifests", own::manifests));
    routes.add(own.reading("/_manifests/{digest}", own::manifest));
    routes.add(own.writing(Method.PATCH, "/_manifests/{digest}", own::lockManifest));
    routes.add(own.writing(Method.DELETE, "/_manifests/{digest}", own::deleteManifest));
    routes.add(own.reading("", own::repository));
    routes.add(own.writing(Method.PATCH, "", own::lockRepository));
    routes.add(own.writing(Method.DELETE, "", own::deleteRepository));
    return List.copyOf(routes);
  }

  /** Errors in the form of Azure: that of the distribution protocol, with Azure's challenge. */
  public static ErrorWriter errors() {
    return new OciErrors(AzureRoutes::challenge);
  }

  private static String challenge(Exchange exchange) {
    String path = exchange.path().replace("%2F", "/").replace("%2f", "/");
    Matcher form = REPOSITORY.matcher(path);
    String scope = "registry:catalog:*";
    if (form.matches() && Reference.isRepository(form.group(1))) {
      String action =
          switch (exchange.method()) {
            case GET, HEAD -> "metadata_read";
            case DELETE -> "delete";
            default -> "metadata_write";
          };
      scope = "repository:%s:%s".formatted(form.group(1), action);
    }
    return "Bearer realm=\"%s%s\",service=\"%s\",scope=\"%s\""
        .formatted(exchange.origin(), AzureTokenRoutes.PATH, PropertyJson.host(exchange), scope);
  }

  // Access

  private static Handler asked(Handler handler) {
    return exchange -> {
      if (exchange.headers("Authorization").isEmpty()) {
        throw new BullaException(
            ErrorCode.ACCESS_UNAUTHENTICATED,
            "this interface asks who is calling",
            "Get a token where the challenge says; it can be had without a credential too.");
      }
      handler.handle(exchange);
    };
  }

  private Route reading(String tail, Handler handler) {
    return new Route(
        Method.GET,
        "/acr/v1/<name>" + tail,
        asked(exchange -> {
          if (!mayRead(exchange, name(exchange))) {
            RegistryRoutes.refuse(exchange, name(exchange));
          }
          handler.handle(exchange);
        }),
        Exposure.DECIDED_BY_HANDLER);
  }

  private Route writing(Method method, String tail, Handler handler) {
    return new Route(
        method,
        "/acr/v1/<name>" + tail,
        asked(exchange -> {
          Principal principal = Principal.of(exchange);
          boolean allowed =
              method == Method.DELETE
                  ? RegistryRoutes.may(registry, exchange, Permission.DELETE, name(exchange))
                  : principal.may(Permission.METADATA_WRITE, name(exchange))
                      || principal.may(Permission.PUSH, name(exchange));
          if (!allowed) {
            RegistryRoutes.refuse(exchange, name(exchange));
          }
          handler.handle(exchange);
        }),
        Exposure.DECIDED_BY_HANDLER);
  }

  private boolean mayRead(Exchange exchange, String repository) {
    return RegistryRoutes.may(registry, exchange, Permission.PULL, repository)
        || RegistryRoutes.seesAllManifests(exchange, repository)
        || Principal.of(exchange).may(Permission.METADATA_READ, repository);
  }

  /** Whether the caller is told of a manifest: what content trust hides is hidden here too. */
  private boolean mayKnow(Exchange exchange, String repository, Digest digest) {
    return RegistryRoutes.seesAllManifests(exchange, repository)
        || registry.trust().isVisible(repository, digest);
  }

  private static String name(Exchange exchange) {
    return exchange.pathParam("name");
  }

  // Repositories

  private void catalog(Exchange exchange) throws IOException {
    AzurePaging paging = AzurePaging.of(exchange);
    Page<String> page =
        RegistryRoutes.visible(
            registry,
            exchange,
            name -> mayRead(exchange, name),
            paging.after().name(),
            paging.limit());
    ObjectNode body = Json.object();
    ArrayNode names = body.putArray("repositories");
    page.entries().forEach(names::add);
    if (page.more()) {
      paging.linkNext(exchange, page.entries().getLast(), 0);
    }
    exchange.sendJson(body);
  }

  private void repository(Exchange exchange) throws IOException {
    exchange.sendJson(json.repository(exchange, registry.properties().repository(name(exchange))));
  }

  private void lockRepository(Exchange exchange) throws IOException {
    RegistryProperties.RepositoryRow row = registry.properties().repository(name(exchange));
    registry
        .locks()
        .lockRepository(name(exchange), changed(exchange, row.attributes()), who(exchange));
    repository(exchange);
  }

  private void deleteRepository(Exchange exchange) throws IOException {
    RepositoryDeletion gone = registry.deletions().repository(name(exchange));
    ObjectNode body = Json.object();
    ArrayNode manifests = body.putArray("manifestsDeleted");
    gone.manifests().forEach(manifests::add);
    ArrayNode tags = body.putArray("tagsDeleted");
    gone.tags().forEach(tags::add);
    exchange.status(202).sendJson(body);
  }

  // Manifests

  private void manifests(Exchange exchange) throws IOException {
    AzurePaging paging = AzurePaging.of(exchange);
    Page<ManifestRow> page =
        registry
            .properties()
            .manifests(name(exchange), paging.order(), paging.after(), paging.limit());
    ObjectNode body = json.head(exchange, name(exchange));
    ArrayNode manifests = body.putArray("manifests");
    page.entries().stream()
        .filter(row -> mayKnow(exchange, name(exchange), row.digest()))
        .forEach(row -> manifests.add(json.manifest(name(exchange), row, false)));
    if (page.more()) {
      ManifestRow last = page.entries().getLast();
      paging.linkNext(exchange, last.digest().toString(), last.pushed().toEpochMilli());
    }
    exchange.sendJson(body);
  }

  private void manifest(Exchange exchange) throws IOException {
    ManifestRow row = registry.properties().manifest(name(exchange), known(exchange));
    ObjectNode body = json.head(exchange, name(exchange));
    body.set("manifest", json.manifest(name(exchange), row, true));
    exchange.sendJson(body);
  }

  private void lockManifest(Exchange exchange) throws IOException {
    Digest digest = known(exchange);
    ManifestRow row = registry.properties().manifest(name(exchange), digest);
    registry
        .locks()
        .lockManifest(name(exchange), digest, changed(exchange, row.attributes()), who(exchange));
    manifest(exchange);
  }

  private void deleteManifest(Exchange exchange) throws IOException {
    registry.deleteManifest(name(exchange), known(exchange).toString());
    exchange.status(202).send();
  }

  /** The digest that is addressed, if the caller may know of it. */
  private Digest known(Exchange exchange) {
    Digest digest = Digest.parse(exchange.pathParam("digest"));
    if (exchange.method() != Method.DELETE
        && registry.properties().manifest(name(exchange), digest).digest().equals(digest)
        && !mayKnow(exchange, name(exchange), digest)) {
      throw new BullaException(
          ErrorCode.MANIFEST_NOT_FOUND,
          "repository %s has no manifest %s".formatted(name(exchange), digest));
    }
    return digest;
  }

  // Tags

  private void tags(Exchange exchange) throws IOException {
    AzurePaging paging = AzurePaging.of(exchange);
    Optional<Digest> digest =
        exchange.query("digest").filter(text -> !text.isEmpty()).map(Digest::parse);
    Page<TagRow> page =
        registry
            .properties()
            .tags(name(exchange), digest, paging.order(), paging.after(), paging.limit());
    ObjectNode body = json.head(exchange, name(exchange));
    ArrayNode tags = body.putArray("tags");
    page.entries().stream()
        .filter(row -> mayKnow(exchange, name(exchange), row.digest()))
        .forEach(row -> tags.add(json.tag(name(exchange), row)));
    if (page.more()) {
      TagRow last = page.entries().getLast();
      paging.linkNext(exchange, last.name(), last.moved().toEpochMilli());
    }
    exchange.sendJson(body);
  }

  private void tag(Exchange exchange) throws IOException {
    String tag = exchange.pathParam("tag");
    TagRow row = registry.properties().tag(name(exchange), tag);
    if (!mayKnow(exchange, name(exchange), row.digest())) {
      throw new BullaException(
          ErrorCode.MANIFEST_NOT_FOUND,
          "repository %s has no tag %s".formatted(name(exchange), Shown.text(tag)));
    }
    ObjectNode body = json.head(exchange, name(exchange));
    body.set("tag", json.tag(name(exchange), row));
    exchange.sendJson(body);
  }

  private void lockTag(Exchange exchange) throws IOException {
    String tag = exchange.pathParam("tag");
    TagRow row = registry.properties().tag(name(exchange), tag);
    registry
        .locks()
        .lockTag(name(exchange), tag, changed(exchange, row.attributes()), who(exchange));
    tag(exchange);
  }

  private void deleteTag(Exchange exchange) throws IOException {
    String tag = exchange.pathParam("tag");
    if (Registry.isDigest(tag)) {
      throw new BullaException(ErrorCode.REQUEST_INVALID, "'" + Shown.text(tag) + "' is not a tag");
    }
    registry.deleteManifest(name(exchange), tag);
    exchange.status(202).send();
  }

  // Attributes

  /** The attributes that a request asks for: those it does not name stay. */
  private static Attributes changed(Exchange exchange, Attributes now) throws IOException {
    return changed(exchange.bodyBytes(MAX_BODY), now);
  }

  static Attributes changed(byte[] body, Attributes now) {
    Fields fields = Fields.of(Json.parse(body, "request body"), "request body");
    for (String decided : List.of("signed", "quarantineState", "quarantineDetails")) {
      if (fields.has(decided)) {
        throw fields.invalid(decided, "it is decided by verification, and cannot be set");
      }
    }
    fields.only("deleteEnabled", "writeEnabled", "readEnabled", "listEnabled");
    return new Attributes(
        fields.optionalBoolean("deleteEnabled").orElse(now.deleteEnabled()),
        fields.optionalBoolean("writeEnabled").orElse(now.writeEnabled()),
        fields.optionalBoolean("readEnabled").orElse(now.readEnabled()),
        fields.optionalBoolean("listEnabled").orElse(now.listEnabled()));
  }

  private static String who(Exchange exchange) {
    return Principal.of(exchange).name();
  }
}
