package dev.bulla.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bad line: an HTTP/1.1 proxy in front of one server that cuts, delays, changes, swaps, repeats
 * and forgets answers. Between faults it hands on what it gets. It keeps answers in memory and
 * serves one request for each connection.
 *
 * <p>Needs nothing but a JDK: {@code java FaultProxy.java PORT http://HOST:PORT SEED ONE_IN} runs
 * it with a random fault in one of so many answers, until standard input ends; {@code 0} for no
 * fault.
 */
public final class FaultProxy implements AutoCloseable {

  /** A request as it was sent on. */
  public record Request(String method, String path, String head) {
    /** The range that was asked for, or the empty string. */
    public String range() {
      Matcher range = Pattern.compile("(?im)^range: *bytes=(\\S+)").matcher(head);
      return range.find() ? range.group(1) : "";
    }
  }

  /** An answer of the server. */
  public record Answer(String head, byte[] body) {
    byte[] bytes() {
      return with(head, body);
    }

    static byte[] with(String head, byte[] body) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes((head + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      all.writeBytes(body);
      return all.toByteArray();
    }

    /** The same with another body of which it tells the right length. */
    byte[] resized(byte[] other) {
      return with(
          head.replaceFirst("(?im)^content-length:.*$", "Content-Length: " + other.length), other);
    }
  }

  /** What is put on the line instead of an answer; the connection ends after it. */
  @FunctionalInterface
  public interface Fault {
    byte[] instead(Request request, Answer answer) throws IOException, InterruptedException;
  }

  /** The line breaks after so many bytes of the body. */
  public static Fault cut(int after) {
    return (request, answer) ->
        Answer.with(
            answer.head, Arrays.copyOf(answer.body, Math.min(after, answer.body.length / 2)));
  }

  public static Fault delay(int millis) {
    return (request, answer) -> {
      Thread.sleep(millis);
      return answer.bytes();
    };
  }

  /** One bit of the body is another. */
  public static Fault corrupt() {
    return (request, answer) -> {
      byte[] body = answer.body.clone();
      if (body.length > 0) {
        body[body.length / 3] ^= 1;
      }
      return Answer.with(answer.head, body);
    };
  }

  /** The answer twice. */
  public static Fault twice() {
    return (request, answer) -> {
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.writeBytes(answer.bytes());
      both.writeBytes(answer.bytes());
      return both.toByteArray();
    };
  }

  /** A status without content: {@code 404 Not Found}, {@code 503 Service Unavailable}. */
  public static Fault status(String status) {
    return (request, answer) ->
        Answer.with(
            "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n", new byte[0]);
  }

  /** The body ends early and the length says so. */
  public static Fault shorter() {
    return (request, answer) -> answer.resized(Arrays.copyOf(answer.body, answer.body.length / 2));
  }

  /** The range that was asked for is another, or of another whole. */
  public static Fault rangeOf(long other) {
    return (request, answer) ->
        Answer.with(
            answer.head.replaceFirst("(?im)^(content-range:.*)/\\d+", "$1/" + other), answer.body);
  }

  /** What happened in another order. */
  public static Fault entriesMixed() {
    return entries(all -> Collections.swap(all, 0, all.size() - 1));
  }

  public static Fault entryTwice() {
    return entries(all -> all.add(all.getLast()));
  }

  public static Fault entryDropped() {
    return entries(List::removeLast);
  }

  /** An entry tells another size. */
  public static Fault entrySize() {
    return entries(all -> all.replaceAll(one -> one.replaceFirst("\"size\":\\d+", "\"size\":7")));
  }

  @FunctionalInterface
  private interface Change {
    void to(List<String> entries);
  }

  private static Fault entries(Change change) {
    Pattern flat = Pattern.compile("\"entries\":\\[((\\{[^{}]*\\},?)*)\\]");
    return (request, answer) -> {
      String body = new String(answer.body, StandardCharsets.UTF_8);
      Matcher found = flat.matcher(body);
      if (!found.find() || found.group(1).isEmpty()) {
        return answer.bytes();
      }
      List<String> all = new ArrayList<>();
      Matcher one = Pattern.compile("\\{[^{}]*\\}").matcher(found.group(1));
      while (one.find()) {
        all.add(one.group());
      }
      change.to(all);
      String changed =
          body.substring(0, found.start(1)) + String.join(",", all) + body.substring(found.end(1));
      return answer.resized(changed.getBytes(StandardCharsets.UTF_8));
    };
  }

  /** An answer that was given before to a request of this kind, of which there must be one. */
  public Fault old(String path) {
    return (request, answer) ->
        past.stream()
            .filter(one -> one.request.path.contains(path) && one.answer.body.length > 0)
            .findFirst()
            .map(one -> one.answer.bytes())
            .orElseGet(answer::bytes);
  }

  private record Rule(String method, String path, Fault fault, int[] times) {}

  private record Past(Request request, Answer answer) {}

  private static final int REMEMBERED = 2_000;
  private static final int LARGE = 256 * 1024;

  private final URI upstream;
  private final ServerSocket server;
  private final List<Rule> rules = new CopyOnWriteArrayList<>();
  private final List<Past> past = new CopyOnWriteArrayList<>();

  private FaultProxy(int port, URI upstream) throws IOException {
    this.upstream = upstream;
    this.server = new ServerSocket();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    Thread.ofVirtual().name("proxy").start(this::serve);
  }

  /** Before {@code upstream}, on a free port. */
  public static FaultProxy before(URI upstream) {
    try {
      return new FaultProxy(0, upstream);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  /** Answers to so many requests of this kind go wrong; the first rule that fits counts. */
  public void next(int times, String method, String path, Fault fault) {
    rules.add(new Rule(method, path, fault, new int[] {times}));
  }

  /** No more faults. */
  public void heal() {
    rules.clear();
  }

  /** All requests so far whose path contains this. */
  public List<Request> requests(String path) {
    return past.stream().map(Past::request).filter(one -> one.path.contains(path)).toList();
  }

  private void serve() {
    try {
      while (true) {
        Socket client = server.accept();
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(upstream.getHost(), upstream.getPort())) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      String head = head(in);
      if (head.isEmpty()) {
        return;
      }
      String[] line = head.split(" ", 3);
      byte[] body = body(in, head, false);
      Request request = new Request(line[0], line[1], once(head, body.length));
      OutputStream out = server.getOutputStream();
      out.write(Answer.with(request.head, body));
      out.flush();
      InputStream back = new BufferedInputStream(server.getInputStream());
      String answered = head(back);
      boolean empty = line[0].equals("HEAD") || answered.matches("(?s)HTTP/1.1 (204|304).*");
      byte[] content = empty ? new byte[0] : body(back, answered, true);
      Answer answer = new Answer(empty ? answered : once(answered, content.length), content);
      byte[] given = fault(request).instead(request, answer);
      if (past.size() < REMEMBERED) {
        boolean small = answer.body.length < LARGE;
        past.add(new Past(request, small ? answer : new Answer("", new byte[0])));
      }
      client.getOutputStream().write(given);
      client.getOutputStream().flush();
    } catch (IOException e) {
      // who asked sees the connection end
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A message that ends the connection, and tells its length. */
  private static String once(String head, int length) {
    String kept =
        head.replaceAll(
            "(?im)^(connection|upgrade|http2-settings|keep-alive|transfer-encoding|content-length)"
                + ":.*\r\n",
            "");
    return kept + "Content-Length: " + length + "\r\nConnection: close\r\n";
  }

  private Fault fault(Request request) {
    for (Rule rule : rules) {
      if (rule.path.isEmpty() || request.path.contains(rule.path)) {
        synchronized (rule) {
          if (rule.method.equals(request.method) && rule.times[0] > 0) {
            rule.times[0]--;
            return rule.fault;
          }
        }
      }
    }
    return (any, answer) -> answer.bytes();
  }

  /** The first lines, each with its end; empty if nothing came. */
  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last = 0;
    for (int one = in.read(); one >= 0; one = in.read()) {
      head.write(one);
      last = last << 8 | one;
      if (last == 0x0d0a0d0a) {
        String text = head.toString(StandardCharsets.ISO_8859_1);
        return text.substring(0, text.length() - 2);
      }
    }
    return "";
  }

  private static byte[] body(InputStream in, String head, boolean toTheEnd) throws IOException {
    Matcher length = Pattern.compile("(?im)^content-length: *(\\d+)").matcher(head);
    if (length.find()) {
      byte[] body = in.readNBytes(Integer.parseInt(length.group(1)));
      if (body.length < Integer.parseInt(length.group(1))) {
        throw new EOFException();
      }
      return body;
    }
    boolean chunked = Pattern.compile("(?im)^transfer-encoding: *chunked").matcher(head).find();
    if (!chunked) {
      return toTheEnd ? in.readAllBytes() : new byte[0];
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int size;
    do {
      size = Integer.parseInt(line(in).replaceFirst(";.*", "").strip(), 16);
      body.writeBytes(in.readNBytes(size));
      line(in);
    } while (size > 0);
    return body.toByteArray();
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int one = in.read(); one != '\n'; one = in.read()) {
      if (one < 0) {
        throw new EOFException();
      }
      line.append((char) one);
    }
    return line.toString();
  }

  /** Some fault, as chance will have it. */
  private static Fault some(FaultProxy proxy, Random random, int oneIn) {
    return (request, answer) -> {
      List<Fault> all =
          List.of(
              cut(random.nextInt(2_000_000)),
              delay(random.nextInt(500)),
              corrupt(),
              twice(),
              status("503 Service Unavailable"),
              status("404 Not Found"),
              status("429 Too Many Requests"),
              shorter(),
              rangeOf(random.nextInt(1_000_000)),
              entriesMixed(),
              entryTwice(),
              entryDropped(),
              entrySize(),
              proxy.old(request.path.replaceFirst("\\?.*", "")),
              proxy.old("/blobs/"));
      boolean now = random.nextInt(oneIn) == 0;
      return now ? all.get(random.nextInt(all.size())).instead(request, answer) : answer.bytes();
    };
  }

  public static void main(String[] arguments) throws IOException {
    try (FaultProxy proxy =
        new FaultProxy(Integer.parseInt(arguments[0]), URI.create(arguments[1]))) {
      int oneIn = Integer.parseInt(arguments[3]);
      if (oneIn > 0) {
        Random random = new Random(Long.parseLong(arguments[2]));
        Fault some = some(proxy, random, oneIn);
        for (String method : List.of("GET", "HEAD", "POST")) {
          proxy.next(Integer.MAX_VALUE, method, "", some);
        }
      }
      while (System.in.read() >= 0) {
        // until whoever started this goes away
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
