package dev.bulla.signing.kms;

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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/**
 * One program that holds keys: each call starts it once, with the version of the protocol and the
 * request as arguments and the message on standard input, and reads one JSON object from its
 * standard output. Its exit code says nothing (so the protocol); what it writes to standard error
 * is shown if it gives no answer.
 *
 * <p>A program that does not end in time, or writes more than any answer can hold, is killed with
 * its descendants.
 *
 * @param time how long one call may take; long enough for a person to touch a token
 */
record KmsProgram(
    String name, Path executable, Path directory, Map<String, String> environment, Duration time) {
  static final String PROTOCOL = "v1";

  private static final int MAX_ANSWER = 1024 * 1024;
  private static final int MAX_SAID = 2000;
  private static final Duration AFTER_END = Duration.ofSeconds(2);

  /**
   * @throws BullaException {@link ErrorCode#KEY_INVALID} naming the program and what was wrong
   */
  Fields ask(ObjectNode request, byte[] message) {
    Process process = start(request);
    Reading out = new Reading(process, process.getInputStream(), MAX_ANSWER);
    Reading err = new Reading(process, process.getErrorStream(), MAX_ANSWER);
    try {
      Thread.ofPlatform().daemon().start(() -> feed(process, message));
      if (!process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS)) {
        throw failed("has not answered within " + time.toSeconds() + " s", err);
      }
      boolean ended = out.ended(time.compareTo(AFTER_END) < 0 ? time : AFTER_END);
      if (out.flooded || err.flooded) {
        throw failed("has written more than %d bytes".formatted(MAX_ANSWER), err);
      }
      if (!ended) {
        throw failed("has left a process behind that holds its output open", err);
      }
      return parsed(out.bytes(), err);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("was interrupted", err);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      out.leave();
      err.leave();
    }
  }

  private Process start(ObjectNode request) {
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                executable.toString(),
                PROTOCOL,
                new String(Json.write(request), StandardCharsets.UTF_8)));
    builder.directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          "%s: the program %s cannot be started: %s".formatted(name, executable, e.getMessage()),
          e);
    }
  }

  private static void feed(Process process, byte[] message) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(message);
    } catch (IOException e) {
      // a program need not read what it was given
    }
  }

  private Fields parsed(byte[] answer, Reading err) {
    Fields fields;
    try {
      fields = Fields.of(Json.parse(answer, "answer"), "answer");
    } catch (BullaException e) {
      throw failed("gives no usable answer: " + e.reason(), err);
    }
    String error = fields.optionalString("errorMessage").orElse("");
    if (!error.isEmpty()) {
      throw failed("refuses: " + Shown.text(error), err);
    }
    return fields;
  }

  /** The failure of this program, with what it said of it itself. */
  private BullaException failed(String what, Reading err) {
    byte[] bytes = err.lastWords();
    String said =
        new String(bytes, 0, Math.min(bytes.length, MAX_SAID), StandardCharsets.UTF_8).strip();
    return new BullaException(
        ErrorCode.KEY_INVALID,
        "%s: the program %s %s".formatted(name, executable.getFileName(), what),
        said.isEmpty() ? "Try the same key with cosign." : "It says: " + Shown.text(said));
  }

  /** Keeps what comes from a stream up to a limit; ends the process beyond it. */
  private static final class Reading {
    private static final Duration LAST_WORDS = Duration.ofMillis(500);

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final InputStream stream;
    private final Thread thread;
    private volatile boolean flooded;

    Reading(Process process, InputStream stream, int limit) {
      this.stream = stream;
      this.thread = Thread.ofPlatform().daemon().start(() -> read(process, limit));
    }

    private void read(Process process, int limit) {
      byte[] buffer = new byte[16 * 1024];
      try {
        for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
          synchronized (kept) {
            if (kept.size() + read > limit) {
              flooded = true;
              process.destroyForcibly();
              return;
            }
            kept.write(buffer, 0, read);
          }
        }
      } catch (IOException e) {
        // the run is over
      }
    }

    boolean ended(Duration patience) throws InterruptedException {
      return thread.join(patience);
    }

    /** What a program that has ended said, though it may not all have been read yet. */
    byte[] lastWords() {
      try {
        ended(LAST_WORDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return bytes();
    }

    byte[] bytes() {
      synchronized (kept) {
        return kept.toByteArray();
      }
    }

    /** Closing waits as long as somebody writes, so it is not waited for. */
    void leave() {
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try {
              stream.close();
            } catch (IOException e) {
              // nothing more is read from it
            }
          });
    }
  }
}
