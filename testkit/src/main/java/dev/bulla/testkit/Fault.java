package dev.bulla.testkit;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Something that goes wrong with the requests it is meant for, a number of times.
 *
 * @param method of the requests, or the empty string for all
 * @param path a part of the path of the requests, or the empty string for all
 * @param times how often; then requests are answered as usual
 */
public record Fault(Kind kind, String method, String path, int times) {

  /** What goes wrong. */
  public sealed interface Kind {}

  /** The request is answered with this status instead of being done. */
  record Status(int code, Map<String, String> headers, String body) implements Kind {}

  /**
   * The connection ends after this many bytes of the answer's body, which announces its full
   * length.
   */
  record Drop(int afterBytes) implements Kind {}

  /** The answer's body is cut to this many bytes, and says so in its length. */
  record Truncate(int bytes) implements Kind {}

  /** The answer's body is another one of the same request. */
  record Replace(UnaryOperator<byte[]> change) implements Kind {}

  /** An answer's header is another one. */
  record Header(String name, String value) implements Kind {}

  /** The connection ends after this many bytes of the request's body, which are kept. */
  record DropUpload(int afterBytes) implements Kind {}

  /** The answer takes this long. */
  record Slow(Duration delay) implements Kind {}

  /** Status {@code code} with an OCI error body. */
  public static Fault status(int code) {
    return new Fault(new Status(code, Map.of(), ""), "", "", 1);
  }

  public static Fault drop(int afterBytes) {
    return new Fault(new Drop(afterBytes), "", "", 1);
  }

  public static Fault truncate(int bytes) {
    return new Fault(new Truncate(bytes), "", "", 1);
  }

  /** Other bytes of the same length: the first one is inverted. */
  public static Fault corrupt() {
    return replace(bytes -> {
      byte[] changed = bytes.clone();
      if (changed.length > 0) {
        changed[0] ^= (byte) 0xff;
      }
      return changed;
    });
  }

  public static Fault replace(UnaryOperator<byte[]> change) {
    return new Fault(new Replace(change), "", "", 1);
  }

  public static Fault header(String name, String value) {
    return new Fault(new Header(name, value), "", "", 1);
  }

  public static Fault dropUpload(int afterBytes) {
    return new Fault(new DropUpload(afterBytes), "", "", 1);
  }

  public static Fault slow(Duration delay) {
    return new Fault(new Slow(delay), "", "", 1);
  }

  /** Only for requests with this method whose path contains {@code part}. */
  public Fault on(String onMethod, String part) {
    return new Fault(kind, onMethod, part, times);
  }

  public Fault times(int value) {
    return new Fault(kind, method, path, value);
  }

  public Fault always() {
    return times(Integer.MAX_VALUE);
  }

  /** Adds a header to a {@link #status} answer. */
  public Fault with(String name, String value) {
    if (!(kind instanceof Status status)) {
      throw new IllegalStateException("only a status has headers");
    }
    Map<String, String> headers = new TreeMap<>(status.headers);
    headers.put(name, value);
    return new Fault(new Status(status.code, headers, status.body), method, path, times);
  }

  /** Gives a {@link #status} answer this body. */
  public Fault body(String text) {
    if (!(kind instanceof Status status)) {
      throw new IllegalStateException("only a status has a body");
    }
    return new Fault(new Status(status.code, status.headers, text), method, path, times);
  }

  boolean fits(String requestMethod, String requestPath) {
    return (method.isEmpty() || method.equals(requestMethod)) && requestPath.contains(path);
  }
}
