package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * The same for several things at once, on virtual threads; one that fails does not stop the others.
 * For work that waits for services: a log that publishes once in some seconds takes all that are
 * submitted in between together.
 */
final class Batch {
  /** How many are under way at the same time. */
  private static final int WIDTH = 32;

  private Batch() {}

  /** What became of one member. */
  sealed interface Outcome<T, R> {
    T member();

    record Done<T, R>(T member, R result) implements Outcome<T, R> {}

    record Failed<T, R>(T member, BullaException why) implements Outcome<T, R> {}
  }

  /** Receives outcomes one at a time, in the order of the members. */
  @FunctionalInterface
  interface Report<T, R> {
    void accept(Outcome<T, R> outcome);
  }

  /** The outcomes of all members, in their order. */
  static <T, R> List<Outcome<T, R>> run(List<T> members, Function<T, R> work, Report<T, R> report) {
    Semaphore permits = new Semaphore(WIDTH);
    List<Outcome<T, R>> outcomes = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Outcome<T, R>>> begun = new ArrayList<>();
      for (T member : members) {
        begun.add(
            threads.submit(() -> {
              permits.acquire();
              try {
                return one(member, work);
              } finally {
                permits.release();
              }
            }));
      }
      for (Future<Outcome<T, R>> future : begun) {
        Outcome<T, R> outcome = future.get();
        report.accept(outcome);
        outcomes.add(outcome);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullaException(ErrorCode.INTERNAL, "interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException own ? own : new IllegalStateException(e);
    }
    return outcomes;
  }

  private static <T, R> Outcome<T, R> one(T member, Function<T, R> work) {
    try {
      return new Outcome.Done<>(member, work.apply(member));
    } catch (BullaException e) {
      return new Outcome.Failed<>(member, e);
    }
  }
}
