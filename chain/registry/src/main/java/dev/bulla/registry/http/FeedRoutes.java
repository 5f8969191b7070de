package dev.bulla.registry.http;

import dev.bulla.access.Permission;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Registry;
import dev.bulla.registry.replication.Closure;
import dev.bulla.registry.replication.Feed;
import dev.bulla.registry.replication.FeedPages;
import dev.bulla.registry.replication.Glob;
import dev.bulla.registry.replication.Regions;
import dev.bulla.web.Exchange;
import dev.bulla.web.Exposure;
import dev.bulla.web.Handler;
import dev.bulla.web.Method;
import dev.bulla.web.Route;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What replicas ask a source: its feeds, and where they leave their receipts.
 *
 * <p>A feed names also what readers are not shown. Where a binding is enforced it is therefore for
 * those who see that anyway; elsewhere for whoever may pull.
 */
public final class FeedRoutes {
  private static final int PAGE = 1_000;
  private static final int MAX_WAIT_SECONDS = 5;
  private static final int POLL_MS = 200;

  private final Registry registry;
  private final Feed feed;
  private final FeedPages pages;
  private final Regions regions;
  private final Supplier<Function<String, List<String>>> homes;

  private FeedRoutes(
      Registry registry,
      Feed feed,
      Regions regions,
      Supplier<Function<String, List<String>>> homes) {
    this.registry = registry;
    this.homes = homes;
    this.feed = feed;
    this.pages = new FeedPages(feed, regions);
    this.regions = regions;
  }

  /**
   * @param homes tells, as of now, how a copy comes here; empty if its home is here
   */
  public static List<Route> of(
      Registry registry,
      Feed feed,
      Regions regions,
      Supplier<Function<String, List<String>>> homes) {
    FeedRoutes own = new FeedRoutes(registry, feed, regions, homes);
    return List.of(
        new Route(Method.GET, "/v2/_feeds", own::feeds, Exposure.DECIDED_BY_HANDLER),
        own.inRepository(Method.GET, "/_feed", own::feed),
        own.inRepository(Method.GET, "/_checkpoint", own::checkpoint),
        own.inRepository(Method.GET, "/_closure/{digest}", own::closure),
        own.inRepository(Method.POST, "/_receipts", own::receipts),
        own.inRepository(Method.GET, "/_replicas/{digest}", own::replicas));
  }

  private Route inRepository(Method method, String tail, Handler handler) {
    return new Route(
        method,
        "/v2/<name>" + tail,
        exchange -> {
          String repository = RegistryRoutes.repository(exchange);
          if (!mayRead(exchange, repository)) {
            RegistryRoutes.refuse(exchange, repository);
          }
          handler.handle(exchange);
        },
        Exposure.DECIDED_BY_HANDLER);
  }

  private boolean mayRead(Exchange exchange, String repository) {
    return RegistryRoutes.seesAllManifests(exchange, repository)
        || !registry.trust().enforced(repository)
            && RegistryRoutes.may(registry, exchange, Permission.PULL, repository);
  }

  private void feeds(Exchange exchange) throws IOException {
    Glob glob = new Glob(exchange.query("glob").orElse("**"));
    long since = number(exchange, "since", 0);
    long wait = Math.min(number(exchange, "wait", 0), MAX_WAIT_SECONDS);
    long until = System.nanoTime() + wait * 1_000_000_000L;
    Map<String, Long> sizes = feed.sizes();
    long written = feed.written();
    while (written == since && System.nanoTime() < until && !exchange.ending()) {
      pause();
      sizes = feed.sizes();
      written = feed.written();
    }
    ObjectNode body = Json.object().put("written", written);
    ArrayNode all = body.putArray("feeds");
    Function<String, List<String>> ways = homes.get();
    sizes.forEach((repository, size) -> {
      if (glob.matches(repository) && mayRead(exchange, repository)) {
        ObjectNode one = all.addObject().put("repository", repository).put("size", size);
        List<String> way = ways.apply(repository);
        if (!way.isEmpty()) {
          way.forEach(one.putArray("homes")::add);
        }
      }
    });
    exchange.sendJson(body);
  }

  private void feed(Exchange exchange) throws IOException {
    int limit = (int) Math.min(number(exchange, "n", PAGE), PAGE);
    exchange.sendJson(
        pages.page(RegistryRoutes.repository(exchange), number(exchange, "after", 0), limit));
  }

  private void checkpoint(Exchange exchange) throws IOException {
    exchange.sendJson(pages.checkpoint(RegistryRoutes.repository(exchange)));
  }

  private void closure(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    boolean copy = !homes.get().apply(repository).isEmpty();
    Digest digest = Digest.parse(exchange.pathParam("digest"));
    exchange.sendJson(Closure.of(registry, repository, digest, copy).toJson());
  }

  private void receipts(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    pages.accept(repository, exchange.bodyBytes(Regions.MAX_REPORT));
    exchange.status(202).sendJson(Json.object().put("taken", true));
  }

  private void replicas(Exchange exchange) throws IOException {
    exchange.sendJson(
        regions.receipts(
            RegistryRoutes.repository(exchange), Digest.parse(exchange.pathParam("digest"))));
  }

  private static long number(Exchange exchange, String name, long otherwise) {
    String text = exchange.query(name).orElse("");
    if (!text.isEmpty() && !text.matches("[0-9]{1,19}")) {
      throw new BullaException(
          ErrorCode.REQUEST_INVALID,
          "%s is '%s', expected a whole number".formatted(name, Shown.text(text)));
    }
    try {
      return text.isEmpty() ? otherwise : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new BullaException(ErrorCode.REQUEST_INVALID, name + " is too large", e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
