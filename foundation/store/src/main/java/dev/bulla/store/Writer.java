package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes.
 *
 * <p><b>Group commit.</b> There is one writer at a time, and a durable commit costs a forced write
 * of some milliseconds however little it holds. So works queue up; the thread takes all that wait,
 * runs them in one transaction, each behind a savepoint, commits once, and only then answers them
 * all. While a commit is being forced the next group gathers: the more there is to do, the larger
 * the groups, and a lone write waits for nothing.
 *
 * <p>A work that throws is rolled back to its savepoint and fails alone. When the transaction
 * itself is lost (disk full, I/O error, server gone), every work of the group fails: none had been
 * acknowledged. A broken connection is replaced by the next group. No work is tried again: if its
 * commit broke, nobody knows here what became of it.
 */
final class Writer implements AutoCloseable {
  private static final int GROUP = 512;

  private final Database database;
  private final Optional<Thread> thread;
  private final LinkedBlockingQueue<Task<?>> queue = new LinkedBlockingQueue<>();
  private boolean closed;

  /** Used by the thread alone; null after it broke, until the next group. */
  private @Nullable Handle connection;

  private Writer(Database database, Optional<Jdbi> jdbi) {
    this.database = database;
    this.thread =
        jdbi.map(
            source -> Thread.ofPlatform().name("records").daemon().unstarted(() -> loop(source)));
    this.connection = jdbi.map(Jdbi::open).orElse(null);
  }

  static Writer start(Database database) {
    try {
      Jdbi jdbi = Jdbi.create(database.writing());
      jdbi.getConfig(Handles.class).setForceEndTransactions(false);
      Writer writer = new Writer(database, Optional.of(jdbi));
      writer.thread.ifPresent(Thread::start);
      return writer;
    } catch (JdbiException e) {
      throw database.fault(e);
    }
  }

  /** A writer that refuses. */
  static Writer none(Database database) {
    return new Writer(database, Optional.empty());
  }

  <T> T run(Work<T> work) {
    Task<T> task = new Task<>(work);
    synchronized (this) {
      if (thread.isEmpty() || closed) {
        throw new BullaException(
            ErrorCode.INTERNAL,
            "the records at %s are %s"
                .formatted(database.name(), closed ? "closed" : "open for reading only"));
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
  }

  private void loop(Jdbi jdbi) {
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
        commit(jdbi, group);
      }
      group.clear();
    }
    discard();
  }

  private void commit(Jdbi jdbi, List<Task<?>> group) {
    try {
      Handle writer = begin(jdbi);
      boolean alone = group.size() == 1;
      for (Task<?> task : group) {
        if (alone) {
          task.run(writer);
        } else {
          runBehindSavepoint(writer, task);
        }
      }
      if (alone && group.getFirst().failed()) {
        database.rollBack(writer);
      } else {
        commit(writer);
      }
      group.forEach(Task::acknowledge);
    } catch (RuntimeException | Error e) {
      rollBack();
      RuntimeException fault =
          e instanceof Error ? new IllegalStateException(e) : database.fault(e);
      group.forEach(task -> task.fail(fault));
    }
  }

  /** A connection that broke while nobody used it is replaced: nothing was done on it yet. */
  private Handle begin(Jdbi jdbi) {
    Handle known = connection;
    if (known != null) {
      try {
        database.begin(known);
        return known;
      } catch (RuntimeException e) {
        if (database.isAlive(known)) {
          throw e;
        }
        discard();
      }
    }
    Handle fresh = jdbi.open();
    connection = fresh;
    database.begin(fresh);
    return fresh;
  }

  private void commit(Handle writer) {
    try {
      database.commit(writer);
    } catch (RuntimeException e) {
      throw database.commitFault(e);
    }
  }

  private void runBehindSavepoint(Handle writer, Task<?> task) {
    writer.execute("SAVEPOINT work");
    task.run(writer);
    if (task.failed()) {
      writer.execute("ROLLBACK TO work");
    }
    writer.execute("RELEASE work");
  }

  private void rollBack() {
    Handle broken = connection;
    if (broken == null) {
      return;
    }
    try {
      database.rollBack(broken);
    } catch (RuntimeException e) {
      // SQLite has rolled back by itself, as it does when the disk is full
    }
    if (!database.isAlive(broken)) {
      discard();
    }
  }

  private void discard() {
    Handle broken = connection;
    connection = null;
    if (broken != null) {
      try {
        broken.close();
      } catch (RuntimeException e) {
        // it is not used again
      }
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
    private final Actor author = Actor.current();
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
        result = author.call(() -> work.run(connection));
        if (database.isUndone(connection)) {
          failure =
              new BullaException(
                  ErrorCode.INTERNAL, "a statement failed, and its failure was not reported");
        }
      } catch (JdbiException e) {
        failure = database.fault(e);
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
