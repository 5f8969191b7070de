package dev.bulla.store;

import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * At most {@code limit} connections for reading, opened when first needed and kept; the latest used
 * is used again first.
 */
final class Connections implements AutoCloseable {
  private final Jdbi jdbi;
  private final Path file;
  private final Semaphore free;
  private final ConcurrentLinkedDeque<Handle> idle = new ConcurrentLinkedDeque<>();

  Connections(DataSource source, int limit, Path file) {
    this.jdbi = Jdbi.create(source);
    this.file = file;
    this.free = new Semaphore(limit);
  }

  Handle take() {
    free.acquireUninterruptibly();
    Handle handle = idle.pollFirst();
    if (handle != null) {
      return handle;
    }
    try {
      return jdbi.open();
    } catch (JdbiException e) {
      free.release();
      throw SqlFaults.of(e, file);
    }
  }

  void give(Handle handle) {
    idle.offerFirst(handle);
    free.release();
  }

  @Override
  public void close() {
    for (Handle handle = idle.poll(); handle != null; handle = idle.poll()) {
      handle.close();
    }
  }
}
