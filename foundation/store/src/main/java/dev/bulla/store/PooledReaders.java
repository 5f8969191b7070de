package dev.bulla.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * Connections to a server: tried before they are used again after a pause, replaced when they
 * break.
 */
final class PooledReaders implements Readers {
  private static final long WAIT_MILLIS = 3_000;

  /** Held, because java.util.logging forgets a level with its logger. */
  private static final Logger HIKARI = Logger.getLogger("com.zaxxer.hikari");

  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final Database database;

  PooledReaders(DataSource source, int limit, Database database) {
    if (HIKARI.getLevel() == null) {
      HIKARI.setLevel(Level.SEVERE);
    }
    HikariConfig config = new HikariConfig();
    config.setDataSource(source);
    config.setPoolName("records");
    config.setMaximumPoolSize(limit);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(WAIT_MILLIS);
    config.setInitializationFailTimeout(-1);
    config.setReadOnly(true);
    config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
    this.pool = new HikariDataSource(config);
    this.jdbi = Jdbi.create(pool);
    this.database = database;
  }

  @Override
  public <T> T read(Work<T> work) {
    try {
      return jdbi.inTransaction(work::run);
    } catch (JdbiException e) {
      throw database.fault(e);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
