package dev.bulla.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on a loopback port that speaks as much of S3 as a blob store needs, with one bucket
 * whose name is the first component of each path. It verifies no signature, and can misbehave.
 */
public final class FakeS3 implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final FakeBucket bucket;
  private final Map<String, Queue<S3Fault>> faults = new ConcurrentHashMap<>();
  private final Queue<String> log = new ConcurrentLinkedQueue<>();
  private final AtomicInteger late = new AtomicInteger();
  private volatile boolean conditions = true;

  private FakeS3(HttpServer server, long smallestPart) {
    this.server = server;
    this.bucket = new FakeBucket(smallestPart);
  }

  /**
   * @param smallestPart bytes that each part of a multipart upload but the last must have
   */
  public static FakeS3 start(long smallestPart) {
    // else each answer with a body waits for an acknowledgement that the client delays
    System.setProperty("sun.net.httpserver.nodelay", "true");
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      FakeS3 fake = new FakeS3(server, smallestPart);
      server.createContext("/", fake::handle);
      server.setExecutor(fake.threads);
      server.start();
      return fake;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The next requests for {@code operation}, such as {@code PutObject}, go wrong like this. */
  public void fault(String operation, S3Fault... next) {
    faults.put(operation, new ConcurrentLinkedQueue<>(List.of(next)));
  }

  /** Forgets all faults that have not happened. */
  public void heal() {
    faults.clear();
  }

  /** From now on lists show what there is now, until the lag ends. */
  public void lag(boolean lagging) {
    bucket.lag(lagging);
  }

  /** Whether conditional writes are known; else they are answered 501. */
  public void conditions(boolean known) {
    this.conditions = known;
  }

  /** Keys of all objects and of multipart uploads that were not ended. */
  public List<String> keys() {
    return bucket.keys();
  }

  /** Changes the content of an object in place, as bit rot would. */
  public void damage(String key) {
    bucket.damage(key);
  }

  /** How many requests are late now, and not done yet. */
  public int late() {
    return late.get();
  }

  /** The requests since the last call: operation, key, range. */
  public List<String> requests() {
    List<String> out = new java.util.ArrayList<>();
    for (String one = log.poll(); one != null; one = log.poll()) {
      out.add(one);
    }
    return out;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** A request, read whole. */
  record Call(
      String operation,
      String key,
      Map<String, String> query,
      Map<String, String> headers,
      byte[] body) {
    Call withoutRange() {
      Map<String, String> rest = new HashMap<>(headers);
      rest.remove("range");
      return new Call(operation, key, query, rest, body);
    }

    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** An answer; {@code length} is that of a body which is not sent, for HEAD. */
  record Reply(int status, Map<String, String> headers, byte[] body, long length) {
    static Reply of(int status, Map<String, String> headers, byte[] body) {
      return new Reply(status, headers, body, body.length);
    }

    static Reply error(int status, String code) {
      String xml = "<Error><Code>%s</Code><Message>%s</Message></Error>".formatted(code, code);
      return of(
          status, Map.of("Content-Type", "application/xml"), xml.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Call call = read(exchange);
      log.add("%s %s %s".formatted(call.operation(), call.key(), call.header("range")).trim());
      S3Fault fault = nextFault(call.operation());
      switch (fault) {
        case null -> send(exchange, answer(call), false);
        case ERROR_500 -> send(exchange, Reply.error(500, "InternalError"), false);
        case SLOW_DOWN -> send(exchange, Reply.error(503, "SlowDown"), false);
        case COME_BACK -> {
          exchange.getResponseHeaders().set("Retry-After", "3600");
          send(exchange, Reply.error(503, "SlowDown"), false);
        }
        case MISMATCH -> send(exchange, Reply.error(400, "XAmzContentSHA256Mismatch"), false);
        case EXPIRED -> send(exchange, Reply.error(400, "ExpiredToken"), false);
        case SKEWED -> send(exchange, Reply.error(403, "RequestTimeTooSkewed"), false);
        case MOVED -> {
          exchange.getResponseHeaders().set("Location", endpoint() + "/elsewhere/" + call.key());
          send(exchange, Reply.error(307, "TemporaryRedirect"), false);
        }
        case WHOLE -> send(exchange, answer(call.withoutRange()), false);
        case DENIED -> send(exchange, Reply.error(403, "AccessDenied"), false);
        case LATE -> {
          sleep(100);
          send(exchange, answer(call), false);
        }
        case SILENCE -> sleep(60_000);
        case LOST_ANSWER -> answer(call);
        case CUT_BODY -> send(exchange, answer(call), true);
      }
    }
  }

  private void sleep(long millis) {
    late.incrementAndGet();
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      late.decrementAndGet();
    }
  }

  private S3Fault nextFault(String operation) {
    Queue<S3Fault> queue = faults.getOrDefault(operation, new ArrayDeque<>());
    return queue.poll();
  }

  private Reply answer(Call call) {
    boolean conditional =
        call.operation().equals("PutObject")
            && (call.headers().containsKey("if-match")
                || call.headers().containsKey("if-none-match"));
    return conditional && !conditions ? Reply.error(501, "NotImplemented") : bucket.answer(call);
  }

  private static Call read(HttpExchange exchange) throws IOException {
    Map<String, String> headers = new HashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) ->
            headers.put(name.toLowerCase(java.util.Locale.ROOT), values.getFirst()));
    Map<String, String> query = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      int equals = pair.indexOf('=');
      query.put(
          equals < 0 ? pair : pair.substring(0, equals),
          equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
    }
    String[] path = exchange.getRequestURI().getPath().substring(1).split("/", 2);
    String key = path.length < 2 ? "" : path[1];
    byte[] body = body(exchange.getRequestBody(), headers);
    String operation = operation(exchange.getRequestMethod(), key, query, headers);
    return new Call(operation, key, query, headers, body);
  }

  private static String operation(
      String method, String key, Map<String, String> query, Map<String, String> headers) {
    boolean copy = headers.containsKey("x-amz-copy-source");
    return switch (method) {
      case "PUT" ->
          query.containsKey("partNumber")
              ? (copy ? "UploadPartCopy" : "UploadPart")
              : (copy ? "CopyObject" : "PutObject");
      case "POST" ->
          query.containsKey("uploads") ? "CreateMultipartUpload" : "CompleteMultipartUpload";
      case "DELETE" -> query.containsKey("uploadId") ? "AbortMultipartUpload" : "DeleteObject";
      case "HEAD" -> "HeadObject";
      default ->
          !key.isEmpty()
              ? "GetObject"
              : (query.containsKey("uploads") ? "ListMultipartUploads" : "ListObjectsV2");
    };
  }

  /** The body, whose pieces may be signed one by one (SigV4, "aws-chunked"). */
  private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
    byte[] raw = in.readAllBytes();
    if (!headers.containsKey("x-amz-decoded-content-length")) {
      return raw;
    }
    byte[] body = new byte[Integer.parseInt(headers.get("x-amz-decoded-content-length"))];
    int at = 0;
    int filled = 0;
    while (filled < body.length) {
      int end = at;
      while (raw[end] != ';' && raw[end] != '\r') {
        end++;
      }
      int length = Integer.parseInt(new String(raw, at, end - at, StandardCharsets.US_ASCII), 16);
      while (raw[end] != '\n') {
        end++;
      }
      System.arraycopy(raw, end + 1, body, filled, length);
      filled += length;
      at = end + 1 + length + 2;
    }
    return body;
  }

  private static void send(HttpExchange exchange, Reply reply, boolean cut) throws IOException {
    reply.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Long.toString(reply.length()));
      exchange.sendResponseHeaders(reply.status(), -1);
      return;
    }
    int length = reply.body().length;
    exchange.sendResponseHeaders(reply.status(), length == 0 ? -1 : length);
    if (length > 0) {
      exchange.getResponseBody().write(reply.body(), 0, cut ? length / 2 : length);
      if (cut) {
        exchange.getResponseBody().flush();
      }
    }
  }
}
