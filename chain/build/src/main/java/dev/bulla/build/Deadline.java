package dev.bulla.build;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The moment at which a build gives up, from its start: resolving, building and validating share
 * one. Work runs on a virtual thread that is interrupted when the time is over, so a server that
 * stops sending cannot hold a build. Thread-safe.
 */
public final class Deadline {
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Duration allowed;
  private final long endNanos;

  private Deadline(Duration allowed) {
    this.allowed = allowed;
    this.endNanos = System.nanoTime() + allowed.toNanos();
  }

  /** Starts now. */
  public static Deadline after(Duration allowed) {
    return new Deadline(allowed);
  }

  /**
   * Runs {@code work} to its end or to this moment.
   *
   * @throws BullaException {@link ErrorCode#BUILD_TIMEOUT}, or what {@code work} threw
   */
  <T> T run(String attempt, Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = Thread.ofVirtual().name("build").start(task);
    try {
      return task.get(Math.max(0, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      stop(task, thread);
      throw new BullaException(
          ErrorCode.BUILD_TIMEOUT,
          "%s: not finished after %s, which is all the time the template allows"
              .formatted(attempt, shown(allowed)),
          "Raise buildTimeoutInMinutes (at most 960), or find out what is slow.",
          e);
    } catch (InterruptedException e) {
      stop(task, thread);
      Thread.currentThread().interrupt();
      throw new BullaException(ErrorCode.BUILD_TIMEOUT, attempt + ": interrupted", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw rethrown(attempt, cause == null ? e : cause);
    }
  }

  private static BullaException rethrown(String attempt, Throwable cause) {
    return switch (cause) {
      case BullaException refusal -> refusal;
      case Error error -> throw error;
      default -> new BullaException(ErrorCode.INTERNAL, attempt + ": " + cause, cause);
    };
  }

  /**
   * Nothing of an abandoned build may go on writing into a directory that its caller is about to
   * delete.
   */
  private static void stop(FutureTask<?> task, Thread thread) {
    task.cancel(true);
    try {
      if (!thread.join(GRACE)) {
        System.getLogger(Deadline.class.getName())
            .log(System.Logger.Level.WARNING, "a timed-out build did not stop within " + GRACE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String shown(Duration duration) {
    return duration.toMinutes() > 0
        ? duration.toMinutes() + " minutes"
        : duration.toMillis() + " ms";
  }
}
