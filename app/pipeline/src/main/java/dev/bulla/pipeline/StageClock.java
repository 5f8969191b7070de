package dev.bulla.pipeline;

import dev.bulla.core.BullaException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Runs stages one after the other, tells the listener, and keeps how long each took. Not
 * thread-safe.
 */
final class StageClock {
  private final ShipListener listener;
  private final List<ShipResult.StageTime> times = new ArrayList<>();

  StageClock(ShipListener listener) {
    this.listener = listener;
  }

  /** What a stage gives to the next, and its line for people. */
  record Outcome<T>(T value, boolean refused, String line) {
    static <T> Outcome<T> of(T value, String line) {
      return new Outcome<>(value, false, line);
    }
  }

  <T> T run(Stage stage, Supplier<Outcome<T>> work) {
    listener.started(stage);
    long started = System.nanoTime();
    try {
      Outcome<T> outcome = work.get();
      end(stage, outcome.refused(), started, outcome.line());
      return outcome.value();
    } catch (BullaException e) {
      end(stage, true, started, e.code().id());
      throw e;
    }
  }

  void progress(Stage stage, String text) {
    listener.progress(stage, text);
  }

  List<ShipResult.StageTime> times() {
    return List.copyOf(times);
  }

  private void end(Stage stage, boolean refused, long started, String line) {
    Duration took = Duration.ofNanos(System.nanoTime() - started);
    times.add(new ShipResult.StageTime(stage, took, line));
    listener.ended(stage, refused, took, line);
  }
}
