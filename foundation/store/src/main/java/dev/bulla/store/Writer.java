package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes.
 *
 * <p><b>Group commit.</b> SQLite allows one writer, and a durable commit costs a forced write of
 * some milliseconds however little it holds. So works queue up; the thread takes all that wait,
 * runs them in one transaction, each behind a savepoint, commits once, and only then answers them
 * all. While a commit is being forced the next group gathers: the more there is to do, the larger
 * the groups, and a lone write waits for nothing.
 *
 * <p>A work that throws is rolled back to its savepoint and fails alone. When the transaction
 * itself is lost (disk full, I/O error), every work of the group fails: none had been acknowledged.
 */
final class Writer implements AutoCloseable {
  private static final int GROUP = 512;

  private final Path file;
  private final Optional<Thread> thread;
  private final Optional<Handle> handle;
  private final LinkedBlockingQueue<Task<?>> queue = new LinkedBlockingQueue<>();
  private boolean closed;

  private Writer(Path file, Optional<Handle> handle) {
    this.file = file;
    this.handle = handle;
    this.thread =
        handle.map(h -> Thread.ofPlatform().name("records").daemon().unstarted(() -> loop(h)));
  }

  static Writer start(DataSource source, Path file) {
    try {
      Writer writer = new Writer(file, Optional.of(Jdbi.create(source).open()));
      writer.thread.ifPresent(Thread::start);
      return writer;
    } catch (JdbiException e) {
      throw SqlFaults.of(e, file);
    }
  }

  /** A writer that refuses. */
  static Writer none(Path file) {
    return new Writer(file, Optional.empty());
  }

  <T> T run(Work<T> work) {
    Task<T> task = new Task<>(work);
    synchronized (this) {
      if (thread.isEmpty() || closed) {
        throw new BullaException(
            ErrorCode.INTERNAL,
            "the records at %s are %s"
                .formatted(file, closed ? "closed" : "open for reading only"));
      }
      queue.add(task);
    }
    return task.await();
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      queue.add(new Task<>(null));
    }
    thread.ifPresent(Writer::join);
    handle.ifPresent(Handle::close);
  }

  private void loop(Handle connection) {
    List<Task<?>> group = new ArrayList<>();
    boolean last = false;
    while (!last) {
      try {
        group.add(queue.take());
      } catch (InterruptedException e) {
        continue; // nobody is meant to interrupt this thread; close() ends it
      }
      queue.drainTo(group, GROUP);
      last = group.removeIf(Task::isEnd);
      if (!group.isEmpty()) {
        commit(connection, group);
      }
      group.clear();
    }
  }

  private void commit(Handle connection, List<Task<?>> group) {
    try {
      connection.execute("BEGIN IMMEDIATE");
      boolean alone = group.size() == 1;
      for (Task<?> task : group) {
        if (alone) {
          task.run(connection);
        } else {
          runBehindSavepoint(connection, task);
        }
      }
      connection.execute(alone && group.getFirst().failed() ? "ROLLBACK" : "COMMIT");
      group.forEach(Task::acknowledge);
    } catch (RuntimeException | Error e) {
      rollBack(connection);
      RuntimeException fault =
          e instanceof Error ? new IllegalStateException(e) : SqlFaults.of(e, file);
      group.forEach(task -> task.fail(fault));
    }
  }

  private void runBehindSavepoint(Handle connection, Task<?> task) {
    connection.execute("SAVEPOINT work");
    task.run(connection);
    if (task.failed()) {
      connection.execute("ROLLBACK TO work");
    }
    connection.execute("RELEASE work");
  }

  private static void rollBack(Handle connection) {
    try {
      connection.execute("ROLLBACK");
    } catch (RuntimeException e) {
      // SQLite has rolled back by itself, as it does when the disk is full
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A work and its outcome, which is told only after the commit. */
  private final class Task<T> {
    private final @Nullable Work<T> work;
    private final CompletableFuture<T> outcome = new CompletableFuture<>();
    private @Nullable T result;
    private @Nullable Throwable failure;

    Task(@Nullable Work<T> work) {
      this.work = work;
    }

    boolean isEnd() {
      return work == null;
    }

    void run(Handle connection) {
      if (work == null) {
        return;
      }
      try {
        result = work.run(connection);
      } catch (JdbiException e) {
        failure = SqlFaults.of(e, file);
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }

    boolean failed() {
      return failure != null;
    }

    void acknowledge() {
      if (failure != null) {
        outcome.completeExceptionally(failure);
      } else {
        outcome.complete(result);
      }
    }

    void fail(RuntimeException fault) {
      outcome.completeExceptionally(failure != null ? failure : fault);
    }

    T await() {
      try {
        return outcome.join();
      } catch (CompletionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof BullaException bulla) {
          // thrown by another thread: the caller's stack goes with it
          throw new BullaException(bulla.code(), bulla.reason(), bulla.nextStep(), bulla);
        }
        throw cause instanceof RuntimeException runtime ? runtime : e;
      }
    }
  }
}
