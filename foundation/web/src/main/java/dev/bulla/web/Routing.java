package dev.bulla.web;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the route of a request: the first that was added whose method and pattern fit. */
final class Routing {
  private record Entry(PathPattern pattern, Route route) {}

  /**
   * A route, and what the path says for its parameters.
   *
   * @param parameters decoded
   */
  record Found(Route route, Map<String, String> parameters) {}

  private final Map<Method, List<Entry>> entries = new EnumMap<>(Method.class);

  Routing(List<Route> routes) {
    for (Route route : routes) {
      Entry entry = new Entry(new PathPattern(route.pattern()), route);
      add(route.method(), entry);
      if (route.method() == Method.GET && !hasHead(routes, route.pattern())) {
        add(Method.HEAD, entry);
      }
    }
  }

  private void add(Method method, Entry entry) {
    entries.computeIfAbsent(method, first -> new ArrayList<>()).add(entry);
  }

  Optional<Found> find(Method method, String path) {
    for (Entry entry : entries.getOrDefault(method, List.of())) {
      Optional<Map<String, String>> parameters = entry.pattern().match(path);
      if (parameters.isPresent()) {
        return Optional.of(new Found(entry.route(), parameters.get()));
      }
    }
    return Optional.empty();
  }

  /** The methods that a path is served for, as {@code Allow} has them; empty for none. */
  String allowed(String path) {
    return entries.keySet().stream()
        .filter(method -> find(method, path).isPresent())
        .map(Method::name)
        .collect(Collectors.joining(", "));
  }

  private static boolean hasHead(List<Route> routes, String pattern) {
    return routes.stream()
        .anyMatch(route -> route.method() == Method.HEAD && route.pattern().equals(pattern));
  }
}
