package dev.bulla.registry.http;

import dev.bulla.access.Permission;
import dev.bulla.access.Principal;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Binding;
import dev.bulla.registry.LegalHold;
import dev.bulla.registry.Registry;
import dev.bulla.web.Exchange;
import dev.bulla.web.Exposure;
import dev.bulla.web.Handler;
import dev.bulla.web.Method;
import dev.bulla.web.Route;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What rules a repository, beside it: the policy by which its readers are served, and its legal
 * holds. Those who judge or see everything may read them; only the owner changes them.
 *
 * <p>A policy has an {@code ETag}. A change may say which one it is meant to replace ({@code
 * If-Match}), or that there must be none ({@code If-None-Match: *}); another one in its place at
 * the moment of the change is {@code 412}, whichever server over the same records made it. What is
 * written here is a binding of exactly this repository, which counts before those of patterns.
 */
final class PolicyRoutes {
  private static final int MAX_BINDING = 16 * 1024 * 1024;
  private static final int MAX_BODY = 64 * 1024;

  private final Registry registry;

  private PolicyRoutes(Registry registry) {
    this.registry = registry;
  }

  static List<Route> of(Registry registry) {
    PolicyRoutes own = new PolicyRoutes(registry);
    return List.of(
        own.reading("_policy", own::policy),
        own.changing(Method.PUT, "_policy", own::setPolicy),
        own.changing(Method.DELETE, "_policy", own::removePolicy),
        own.reading("_holds", own::holds),
        own.changing(Method.PUT, "_holds", own::hold),
        own.changing(Method.DELETE, "_holds/{id}", own::release));
  }

  private Route reading(String what, Handler handler) {
    return new Route(
        Method.GET,
        "/v2/<name>/" + what,
        exchange -> {
          String repository = RegistryRoutes.repository(exchange);
          Principal caller = Principal.of(exchange);
          if (!caller.may(Permission.QUARANTINE_READ, repository)
              && !caller.may(Permission.ADMIT, repository)
              && !caller.may(Permission.WAIVE, repository)) {
            RegistryRoutes.refuse(exchange, repository);
          }
          handler.handle(exchange);
        },
        Exposure.DECIDED_BY_HANDLER);
  }

  private Route changing(Method method, String what, Handler handler) {
    return new Route(method, "/v2/<name>/" + what, handler);
  }

  // Policy

  private static ObjectNode describe(String repository, Optional<Binding> binding) {
    ObjectNode body = Json.object().put("repository", repository);
    if (binding.isEmpty()) {
      return body.put("mode", "open");
    }
    Binding one = binding.get();
    return body.put("glob", one.glob())
        .put("mode", BindingWork.lower(one.mode()))
        .put("unsignedPush", BindingWork.lower(one.unsignedPush()))
        .put("hide", one.hide())
        .put("name", one.name())
        .put("digest", one.digest().toString())
        .put("trust", new String(one.trust(), StandardCharsets.UTF_8))
        .put("policy", new String(one.policy(), StandardCharsets.UTF_8));
  }

  private static String tag(ObjectNode policy) {
    return "\"" + Digest.sha256(Json.canonical(policy)).hex() + "\"";
  }

  private void policy(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    send(exchange, describe(repository, registry.trust().binding(repository)));
  }

  private static void send(Exchange exchange, ObjectNode policy) throws IOException {
    exchange.setHeader("ETag", tag(policy)).setHeader("Cache-Control", "no-store").sendJson(policy);
  }

  private void setPolicy(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    ObjectNode request = Json.parseObject(exchange.bodyBytes(MAX_BINDING), "request");
    request.remove(List.of("repository", "digest", "glob"));
    Binding binding = BindingWork.binding(request.put("glob", repository));
    if (exchange.query("dry-run").filter("true"::equals).isPresent()) {
      if (isMeant(exchange, repository, registry.trust().binding(repository))) {
        exchange.sendJson(
            BindingWork.bind(registry, binding, true, exchange.query("after").orElse("")));
      } else {
        refuse(exchange, repository);
      }
    } else if (registry.trust().bind(binding, now -> isMeant(exchange, repository, now))) {
      send(exchange, describe(repository, Optional.of(binding)));
    } else {
      refuse(exchange, repository);
    }
  }

  private void removePolicy(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    AtomicBoolean meant = new AtomicBoolean();
    boolean was =
        registry
            .trust()
            .unbind(
                repository,
                now -> {
                  meant.set(isMeant(exchange, repository, now));
                  return meant.get();
                });
    if (meant.get()) {
      exchange.sendJson(
          Json.object().put("glob", repository).put("dryRun", false).put("unbound", was));
    } else {
      refuse(exchange, repository);
    }
  }

  /** Whether a change is meant for the policy that counts now (RFC 9110 section 13.1). */
  private static boolean isMeant(Exchange exchange, String repository, Optional<Binding> now) {
    boolean own = now.filter(one -> one.glob().equals(repository)).isPresent();
    return Conditions.isMatched(exchange, Optional.of(tag(describe(repository, now))))
        && !(own && exchange.headers("If-None-Match").contains("*"));
  }

  private static void refuse(Exchange exchange, String repository) throws IOException {
    OciErrors.refuse(
        exchange,
        412,
        "the policy of %s is another than the change is meant for; read it again"
            .formatted(repository),
        ErrorCode.CONFLICT);
  }

  // Holds

  private void holds(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    boolean all = exchange.query("all").filter("true"::equals).isPresent();
    ObjectNode body = Json.object().put("repository", repository);
    ArrayNode holds = body.putArray("holds");
    registry.locks().holds(all).stream()
        .filter(one -> one.repository().equals(repository))
        .forEach(one -> holds.add(LockRoutes.describe(one)));
    exchange.sendJson(body);
  }

  private void hold(Exchange exchange) throws IOException {
    ObjectNode request = Json.parseObject(exchange.bodyBytes(MAX_BODY), "request");
    request.put("repository", RegistryRoutes.repository(exchange));
    exchange
        .status(201)
        .sendJson(LockRoutes.hold(registry, request, Principal.of(exchange).name()));
  }

  private void release(Exchange exchange) throws IOException {
    String text = exchange.pathParam("id");
    long id = text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    LegalHold hold =
        registry.locks().holds(true).stream()
            .filter(one -> one.id() == id)
            .filter(one -> one.repository().equals(RegistryRoutes.repository(exchange)))
            .findFirst()
            .orElseThrow(
                () -> new BullaException(ErrorCode.ROUTE_NOT_FOUND, "there is no such hold here"));
    exchange.sendJson(
        LockRoutes.describe(registry.locks().release(hold.id(), Principal.of(exchange).name())));
  }
}
