package dev.bulla.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code bulla serve} in a thread of this process, from the moment at which it says that it serves.
 */
final class Serving implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("http://[^\\s,\\]]+");

  private final Caller caller;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err;
  private final CompletableFuture<Integer> ended = new CompletableFuture<>();
  private final CompletableFuture<String> ready = new CompletableFuture<>();

  private Serving(Caller caller, String... options) {
    this.caller = caller;
    this.err =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void flush() {
            String text = toString(StandardCharsets.UTF_8);
            if (text.contains("bulla: serving ") && text.endsWith("\n")) {
              ready.complete(text);
            }
          }
        };
    String[] words = Stream.concat(Stream.of("serve"), Stream.of(options)).toArray(String[]::new);
    Thread.ofPlatform()
        .daemon()
        .name("serve")
        .start(() -> {
          int code = new Bulla().run(caller.invocation(Map.of(), out, err, words));
          ended.complete(code);
          ready.completeExceptionally(
              new AssertionError("the server ended with %d: %s".formatted(code, err())));
        });
  }

  /** At a port that the system chooses. */
  static Serving start(Caller caller) throws Exception {
    return start(caller, "--listen", "http://127.0.0.1:0");
  }

  static Serving start(Caller caller, String... options) throws Exception {
    Serving serving = new Serving(caller, options);
    serving.ready.get(100, TimeUnit.SECONDS);
    return serving;
  }

  List<String> addresses() {
    return ADDRESS.matcher(err()).results().map(MatchResult::group).toList();
  }

  /** Host and port of the first listener, as in references. */
  String registry() {
    return addresses().getFirst().substring("http://".length());
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** The exit code, once it has ended. */
  int exitCode() throws Exception {
    return ended.get(100, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    if (!ended.isDone()) {
      caller.run("stop").ok();
    }
    exitCode();
  }
}
