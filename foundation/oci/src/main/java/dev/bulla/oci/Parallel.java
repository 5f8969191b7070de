package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Does the same for many things at once on virtual threads; the first failure stops the others and
 * is thrown.
 */
public final class Parallel {
  private Parallel() {}

  /**
   * @param parallelism how many at the same time, 1 or more
   */
  public static <T> void forEach(Collection<T> all, int parallelism, Consumer<T> action) {
    if (all.size() == 1 || parallelism == 1) {
      all.forEach(action);
      return;
    }
    Semaphore permits = new Semaphore(parallelism);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<Boolean> done = new ExecutorCompletionService<>(threads);
      List<Future<Boolean>> started = new ArrayList<>();
      for (T one : all) {
        started.add(
            done.submit(() -> {
              permits.acquire();
              try {
                action.accept(one);
                return true;
              } finally {
                permits.release();
              }
            }));
      }
      try {
        for (int i = 0; i < started.size(); i++) {
          done.take().get();
        }
      } catch (ExecutionException e) {
        threads.shutdownNow();
        throw unwrapped(e);
      } catch (InterruptedException e) {
        threads.shutdownNow();
        Thread.currentThread().interrupt();
        throw new BullaException(ErrorCode.REGISTRY_UNAVAILABLE, "the transfer was interrupted", e);
      }
    }
  }

  private static RuntimeException unwrapped(ExecutionException e) {
    if (e.getCause() instanceof RuntimeException own) {
      return own;
    }
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(e);
  }
}
