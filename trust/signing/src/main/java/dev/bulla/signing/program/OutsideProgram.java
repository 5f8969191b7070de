package dev.bulla.signing.program;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A program that somebody else made, to be run with the rights of the caller: one question on
 * standard input, one answer on standard output. The one place where such programs are started and
 * ended.
 *
 * <p>Both output streams are read all the time, so that a program never waits for its host; one
 * that writes more than the limit to either, or takes longer than its time, is killed with all that
 * it has started. A process that it left behind, and that holds a stream open, makes the run fail
 * as well. A program need not read its input.
 *
 * @param executable which is run as it is named here; whether it should be is the caller's question
 * @param directory in which it runs, so that paths in its configuration mean what the caller means
 * @param environment all that it sees of the environment, beside a random mark of the run
 * @param time for one run
 * @param maxOutput of either output stream, in bytes
 */
public record OutsideProgram(
    Path executable,
    Path directory,
    Map<String, String> environment,
    Duration time,
    int maxOutput) {
  private static final Duration AFTER_END = Duration.ofSeconds(2);
  private static final Duration LAST_WORDS = Duration.ofMillis(500);

  public OutsideProgram {
    environment = Map.copyOf(environment);
  }

  /** How a run went. */
  public sealed interface Run {
    /** What it wrote to standard error. */
    byte[] err();

    /** The beginning of what it wrote to standard error, for people. */
    default String said() {
      int most = Math.min(err().length, 2000);
      return new String(err(), 0, most, StandardCharsets.UTF_8).strip();
    }
  }

  /** It ended of itself, and left nobody behind. */
  public record Ended(int exitCode, byte[] out, byte[] err) implements Run {}

  /** It wrote too much and was killed. */
  public record Flooded(byte[] err) implements Run {}

  /**
   * It could not be started, or was ended.
   *
   * @param why in words that follow the program's name
   */
  public record Stopped(String why, byte[] err) implements Run {}

  /** Runs it once. */
  public Run run(List<String> arguments, byte[] input) {
    String mark = UUID.randomUUID().toString();
    Process process;
    try {
      process = start(arguments, mark);
    } catch (IOException e) {
      return new Stopped("cannot be started: " + e.getMessage(), new byte[0]);
    }
    Drain out = new Drain(process, process.getInputStream(), maxOutput);
    Drain err = new Drain(process, process.getErrorStream(), maxOutput);
    boolean well = false;
    try {
      out.awaitBegun(); // so that a program that waits for its input is alive when reading begins
      err.awaitBegun();
      Thread.ofPlatform().daemon().start(() -> feed(process, input));
      Run run = wait(process, out, err, mark);
      well = run instanceof Ended;
      return run;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Stopped("was not waited for: interrupted", err.bytes());
    } finally {
      if (!well) {
        kill(process, mark);
      }
      out.close();
      err.close();
    }
  }

  private Process start(List<String> arguments, String mark) throws IOException {
    List<String> line = new ArrayList<>(arguments);
    line.addFirst(executable.toString());
    ProcessBuilder builder = new ProcessBuilder(line).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().put(Strays.MARK, mark);
    return builder.start();
  }

  private static void feed(Process process, byte[] input) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(input);
    } catch (IOException e) {
      // its answer, or the lack of one, says the rest
    }
  }

  private Run wait(Process process, Drain out, Drain err, String mark) throws InterruptedException {
    boolean ended = process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS);
    boolean drained = ended && out.ended(AFTER_END) && err.ended(AFTER_END);
    if (out.flooded() || err.flooded()) {
      err.ended(LAST_WORDS);
      return new Flooded(err.bytes());
    }
    if (!ended) {
      return new Stopped("has not answered within " + shown(time), err.bytes());
    }
    boolean known = out.inTime() && err.inTime();
    if (!drained || !known && Strays.write(mark)) {
      return new Stopped("has left a process behind that holds its output open", err.bytes());
    }
    return new Ended(process.exitValue(), out.bytes(), err.bytes());
  }

  private static String shown(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  private static void kill(Process process, String mark) {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
    Strays.kill(mark);
  }
}
