package dev.bulla.signing.plugin;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * One run of a plugin: the request goes to standard input, the answer comes from standard output,
 * an error from standard error.
 *
 * <p>Both streams are read all the time, so that a plugin never waits for its host; one that writes
 * more than the limit, or takes longer than its time, is killed with all its descendants. A process
 * that it left behind, and that holds a stream open, makes the run fail as well.
 */
final class PluginProcess {
  /** What notation reads of an answer: 64 MiB. */
  static final int MAX_OUTPUT = 64 * 1024 * 1024;

  private static final int MAX_SHOWN = 300;
  private static final Duration AFTER_END = Duration.ofSeconds(1);

  private final String plugin;
  private final String command;
  private final String mark;
  private final Process process;
  private final Drain out;
  private final Drain err;

  private PluginProcess(String plugin, String command, String mark, Process process) {
    this.plugin = plugin;
    this.command = command;
    this.mark = mark;
    this.process = process;
    this.out = new Drain(process.getInputStream());
    this.err = new Drain(process.getErrorStream());
  }

  /**
   * What the plugin answers to {@code request}, as the host reads it: strict JSON.
   *
   * @throws BullaException {@link ErrorCode#PLUGIN_FAILED} if it ends with an error or not in time;
   *     {@link ErrorCode#PLUGIN_REFUSED} if its answer is not one JSON object within the limit
   */
  static Fields ask(
      Plugin plugin, Path executable, PluginHost host, String command, byte[] request) {
    String mark = UUID.randomUUID().toString();
    Process process = start(plugin, executable, host, command, mark);
    PluginProcess run = new PluginProcess(plugin.name(), command, mark, process);
    byte[] answer = run.answer(request, host.time());
    try {
      return Fields.of(Json.parse(answer, "answer"), "answer");
    } catch (BullaException e) {
      throw refused(
          plugin.name(), "its answer to %s is unusable: %s".formatted(command, e.reason()));
    }
  }

  private static Process start(
      Plugin plugin, Path executable, PluginHost host, String command, String mark) {
    ProcessBuilder builder = new ProcessBuilder(List.of(executable.toString(), command));
    builder.directory(host.workingDirectory().toFile());
    builder.environment().clear();
    builder.environment().putAll(host.environment());
    builder.environment().put(Strays.MARK, mark);
    try {
      return builder.start();
    } catch (IOException e) {
      throw failed(plugin.name(), "it cannot be started: " + e.getMessage());
    }
  }

  private byte[] answer(byte[] request, Duration time) {
    boolean well = false;
    try {
      Thread.ofPlatform().daemon().start(() -> feed(request));
      boolean ended = process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS);
      boolean drained = ended && out.ended() && err.ended();
      if (out.tooLong() || err.tooLong()) {
        throw refused(
            plugin, "its answer to %s has more than %d bytes".formatted(command, MAX_OUTPUT));
      }
      if (!ended) {
        throw failed(plugin, "it has not answered %s within %s".formatted(command, time));
      }
      if (!drained) {
        throw failed(plugin, "it has left a process behind that holds its output open");
      }
      if (process.exitValue() != 0) {
        throw error();
      }
      well = true;
      return out.bytes();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(plugin, "the wait for it was interrupted");
    } finally {
      if (!well) {
        kill();
      }
      out.close();
      err.close();
    }
  }

  /** A plugin need not read its request. */
  private void feed(byte[] request) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(request);
    } catch (IOException e) {
      // its answer, or the lack of one, says the rest
    }
  }

  private void kill() {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
    Strays.kill(mark);
  }

  /** What it says on standard error, by the protocol or in its own words. */
  private BullaException error() {
    byte[] said = err.bytes();
    String how = "it ended %s with exit code %d".formatted(command, process.exitValue());
    try {
      Fields fields = Fields.of(Json.parse(said, "error"), "error");
      String message = fields.optionalString("errorMessage").orElse("");
      return failed(
          plugin, "%s: %s %s".formatted(how, shown(fields.string("errorCode")), shown(message)));
    } catch (BullaException e) {
      String text = new String(said, 0, Math.min(said.length, 2000), StandardCharsets.UTF_8);
      return failed(plugin, text.isBlank() ? how : how + ": " + shown(text.strip()));
    }
  }

  private static String shown(String text) {
    return Shown.text(text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text);
  }

  static BullaException refused(String plugin, String why) {
    return new BullaException(
        ErrorCode.PLUGIN_REFUSED,
        "plugin %s: %s".formatted(plugin, why),
        "Install the plugin anew from its maker, or use another.");
  }

  static BullaException failed(String plugin, String why) {
    return new BullaException(ErrorCode.PLUGIN_FAILED, "plugin %s: %s".formatted(plugin, why));
  }

  /** Reads a stream to its end and keeps what is within the limit; ends the process beyond it. */
  private final class Drain {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final InputStream stream;
    private final Thread reading;
    private volatile boolean exceeded;

    Drain(InputStream stream) {
      this.stream = stream;
      this.reading = Thread.ofPlatform().daemon().start(this::read);
    }

    private void read() {
      byte[] buffer = new byte[64 * 1024];
      try {
        for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
          synchronized (kept) {
            if (kept.size() + read > MAX_OUTPUT) {
              exceeded = true;
              process.destroyForcibly();
              return;
            }
            kept.write(buffer, 0, read);
          }
        }
      } catch (IOException e) {
        // closed because the run is over
      }
    }

    boolean tooLong() {
      return exceeded;
    }

    boolean ended() throws InterruptedException {
      return reading.join(AFTER_END) && !exceeded;
    }

    byte[] bytes() {
      synchronized (kept) {
        return kept.toByteArray();
      }
    }

    /** Aside, for closing waits as long as somebody writes. */
    void close() {
      if (reading.isAlive()) {
        Thread.ofPlatform().daemon().start(this::closeNow);
      } else {
        closeNow();
      }
    }

    private void closeNow() {
      try {
        stream.close();
      } catch (IOException e) {
        // nothing more is read from it
      }
    }
  }
}
