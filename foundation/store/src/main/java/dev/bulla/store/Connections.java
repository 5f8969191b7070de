package dev.bulla.store;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * At most {@code limit} connections for reading a file, opened when first needed and kept; the
 * latest used is used again first.
 */
final class Connections implements Readers {
  private final Jdbi jdbi;
  private final Database database;
  private final Semaphore free;
  private final ConcurrentLinkedDeque<Handle> idle = new ConcurrentLinkedDeque<>();

  Connections(DataSource source, int limit, Database database) {
    this.jdbi = Jdbi.create(source);
    this.database = database;
    this.free = new Semaphore(limit);
  }

  @Override
  public <T> T read(Work<T> work) {
    Handle handle = take();
    try {
      return handle.inTransaction(work::run);
    } catch (JdbiException e) {
      throw database.fault(e);
    } finally {
      idle.offerFirst(handle);
      free.release();
    }
  }

  private Handle take() {
    free.acquireUninterruptibly();
    Handle handle = idle.pollFirst();
    if (handle != null) {
      return handle;
    }
    try {
      return jdbi.open();
    } catch (JdbiException e) {
      free.release();
      throw database.fault(e);
    }
  }

  @Override
  public void close() {
    for (Handle handle = idle.poll(); handle != null; handle = idle.poll()) {
      handle.close();
    }
  }
}
