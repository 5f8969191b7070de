package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Questions to a registry beyond the distribution API: its catalogue, and what it offers below
 * {@code /v2/} under names of its own. Thread-safe.
 */
public final class Extension {
  private static final int MAX_PAGES = 1_000;
  private static final int PAGE_BYTES = 16 * 1024 * 1024;

  private final Transport transport;
  private final Reference name;
  private final Endpoint endpoint;

  Extension(Transport transport, Reference name, Endpoint endpoint) {
    this.transport = transport;
    this.name = name.name();
    this.endpoint = endpoint;
  }

  /**
   * Has the registry say how it wants to be asked. Who has a credential should knock first: a
   * registry that serves everybody may never ask for it, and show less.
   */
  public void knock() {
    transport.send(Call.pull("GET", address(""), "registry " + name.registry(), name)).discard();
  }

  /**
   * The answer to a GET; empty if there is no such thing.
   *
   * @param tail what follows {@code /v2/}, with its query, encoded
   */
  public Optional<byte[]> get(String tail, int maxBytes) {
    Call plain = Call.pull("GET", address(tail), tail + " of " + name.registry(), name);
    // what is of no repository is shown by all that the caller may see: a scope of Bulla's own
    Call call = tail.startsWith("_") ? plain.scope("registry:reading:*") : plain;
    Response response = transport.send(call);
    if (response.status() == 404 || response.status() == 405) {
      response.discard();
      return Optional.empty();
    }
    return Optional.of(body(call, response, maxBytes));
  }

  private URI address(String tail) {
    return URI.create(endpoint.base() + "/v2/" + tail);
  }

  /** The answer to a POST of a JSON document. */
  public byte[] post(String tail, byte[] json, int maxBytes) {
    Call call =
        Call.pull("POST", address(tail), tail + " of " + name.registry(), name)
            .header("Content-Type", "application/json")
            .body(Body.of(json));
    return body(call, transport.send(call), maxBytes);
  }

  /**
   * The names of all repositories that the registry lists for this caller.
   *
   * @throws BullaException {@code REGISTRY_PROTOCOL} if it keeps no catalogue
   */
  public List<String> catalog() {
    Set<String> names = new TreeSet<>();
    Call call =
        Call.of("GET", address("_catalog?n=1000"), "catalogue of " + name.registry(), name, "pull");
    Call next = call.scope("registry:catalog:*");
    for (int pages = 0; pages < MAX_PAGES; pages++) {
      Response response = transport.send(next);
      Optional<String> link = Links.next(response.headers("Link"));
      byte[] bytes = body(next, response, PAGE_BYTES);
      Fields.of(Json.parse(bytes, next.what()), next.what()).strings("repositories").stream()
          .filter(Reference::isRepository)
          .forEach(names::add);
      if (link.isEmpty()) {
        return List.copyOf(names);
      }
      URI target = Transport.resolve(next, link.get());
      if (!Wire.authority(target).equals(Wire.authority(call.uri())) || target.equals(next.uri())) {
        throw new BullaException(
            ErrorCode.REGISTRY_PROTOCOL,
            "%s: the next page '%s' is elsewhere".formatted(call.what(), Shown.text(link.get())));
      }
      next = call.to("GET", target).scope("registry:catalog:*");
    }
    throw new BullaException(
        ErrorCode.INPUT_TOO_LARGE, "%s: more than %d pages".formatted(call.what(), MAX_PAGES));
  }

  private static byte[] body(Call call, Response response, int maxBytes) {
    if (response.status() / 100 != 2) {
      throw Failures.of(call, response, ErrorCode.ROUTE_NOT_FOUND);
    }
    return response.bytes(maxBytes, call.what());
  }
}
