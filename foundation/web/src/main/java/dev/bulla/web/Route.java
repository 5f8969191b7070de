package dev.bulla.web;

import java.util.Objects;

/**
 * One thing that the server answers.
 *
 * <p>A pattern is a path whose segments may be parameters: {@code {digest}} stands for one segment,
 * {@code <name>} for one or more. What follows a {@code <name>} anchors it, so {@code
 * /v2/<name>/blobs/{digest}} reads the repository {@code a/blobs/b} out of {@code
 * /v2/a/blobs/b/blobs/sha256:…}. A GET route answers HEAD too, with the same headers and no body,
 * unless there is an own route for it.
 *
 * @param pattern begins with a slash
 */
public record Route(Method method, String pattern, Handler handler, Exposure exposure) {

  public Route {
    Objects.requireNonNull(method);
    Objects.requireNonNull(handler);
    Objects.requireNonNull(exposure);
    if (!pattern.startsWith("/")) {
      throw new IllegalArgumentException("route pattern '" + pattern + "' must begin with a slash");
    }
  }

  /** A {@link Exposure#GUARDED} route. */
  public Route(Method method, String pattern, Handler handler) {
    this(method, pattern, handler, Exposure.GUARDED);
  }

  public static Route get(String pattern, Handler handler) {
    return new Route(Method.GET, pattern, handler);
  }

  public static Route post(String pattern, Handler handler) {
    return new Route(Method.POST, pattern, handler);
  }

  public static Route put(String pattern, Handler handler) {
    return new Route(Method.PUT, pattern, handler);
  }

  public static Route patch(String pattern, Handler handler) {
    return new Route(Method.PATCH, pattern, handler);
  }

  public static Route delete(String pattern, Handler handler) {
    return new Route(Method.DELETE, pattern, handler);
  }

  public Route exposedTo(Exposure value) {
    return new Route(method, pattern, handler, value);
  }
}
