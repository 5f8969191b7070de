package dev.bulla.server;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a command wrote to its two outputs, in the order in which it wrote. Thread-safe.
 *
 * <p>Nothing reaches the caller before the command has ended: whatever goes wrong before that, the
 * caller can still run the command himself.
 */
final class Recording {
  /** Bytes that were written to one output in a row. */
  record Piece(boolean error, byte[] bytes) {}

  /** More than this is for a process of the caller's own, which writes as it goes. */
  static final int MAX_BYTES = 32 * 1024 * 1024;

  private final List<Boolean> errors = new ArrayList<>();
  private final List<ByteArrayOutputStream> contents = new ArrayList<>();
  private int size;

  PrintStream out() {
    return stream(false);
  }

  PrintStream err() {
    return stream(true);
  }

  synchronized boolean tooLarge() {
    return size > MAX_BYTES;
  }

  synchronized List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < errors.size(); i++) {
      pieces.add(new Piece(errors.get(i), contents.get(i).toByteArray()));
    }
    return pieces;
  }

  private synchronized void add(boolean error, byte[] bytes, int offset, int length) {
    if (length == 0 || size > MAX_BYTES) {
      return;
    }
    size = Math.addExact(size, Math.min(length, MAX_BYTES + 1));
    if (size > MAX_BYTES) {
      errors.clear();
      contents.clear();
      return;
    }
    if (errors.isEmpty() || errors.getLast() != error) {
      errors.add(error);
      contents.add(new ByteArrayOutputStream());
    }
    contents.getLast().write(bytes, offset, length);
  }

  private PrintStream stream(boolean error) {
    OutputStream raw =
        new OutputStream() {
          @Override
          public void write(int one) {
            add(error, new byte[] {(byte) one}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            add(error, bytes, offset, length);
          }
        };
    return new PrintStream(raw, false, StandardCharsets.UTF_8);
  }
}
