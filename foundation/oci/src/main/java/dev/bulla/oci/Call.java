package dev.bulla.oci;

import dev.bulla.core.Reference;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One request to a registry, repeatable.
 *
 * @param what names it in errors: {@code blob sha256:… of localhost:7080/hello}
 * @param scopes what a token must allow: {@code repository:NAME:pull,push}
 * @param timeout for the head of the answer once the body is sent
 */
record Call(
    String method,
    URI uri,
    String what,
    Reference repository,
    Map<String, String> headers,
    Optional<Body> body,
    Set<String> scopes,
    Duration timeout) {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  Call {
    headers = Map.copyOf(headers);
    scopes = Set.copyOf(scopes);
  }

  static Call pull(String method, URI uri, String what, Reference repository) {
    return of(method, uri, what, repository, "pull");
  }

  static Call push(String method, URI uri, String what, Reference repository) {
    return of(method, uri, what, repository, "pull,push");
  }

  static Call of(String method, URI uri, String what, Reference repository, String actions) {
    return new Call(
        method,
        uri,
        what,
        repository,
        Map.of(),
        Optional.empty(),
        Set.of("repository:" + repository.repository() + ":" + actions),
        TIMEOUT);
  }

  Call header(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Call(method, uri, what, repository, more, body, scopes, timeout);
  }

  Call body(Body value) {
    Duration longer = TIMEOUT.multipliedBy(2).plusSeconds(value.length() / (64 * 1024));
    return new Call(method, uri, what, repository, headers, Optional.of(value), scopes, longer);
  }

  Call scope(String more) {
    Set<String> all = new TreeSet<>(scopes);
    all.add(more);
    return new Call(method, uri, what, repository, headers, body, all, timeout);
  }

  Call to(String newMethod, URI target) {
    return new Call(newMethod, target, what, repository, headers, body, scopes, timeout);
  }
}
