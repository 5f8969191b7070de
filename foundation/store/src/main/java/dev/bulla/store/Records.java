package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The tables of a home, in SQLite.
 *
 * <p>Many may read at once, each on one consistent snapshot; writing goes through one {@link
 * Writer} that commits what waits together, so that many small writes share one forced write to the
 * disk. A write has reached the disk when it returns. Thread-safe.
 *
 * <p>All methods throw {@link BullaException}: {@code DISK_FULL}, {@code HOME_UNUSABLE}, {@code
 * STORE_CORRUPT} or, for a statement that fails for reasons of its own, {@code INTERNAL}. What the
 * work itself throws comes out unchanged.
 */
public final class Records implements AutoCloseable {
  private static final int READERS = 4;
  private static final int BUSY_MILLIS = 5_000;
  private static final int WRITER_CACHE_KIB = 8 * 1024;
  private static final int READER_CACHE_KIB = 2 * 1024;

  private final Path file;
  private final Connections readers;
  private final Writer writer;

  private Records(Path file, Connections readers, Writer writer) {
    this.file = file;
    this.readers = readers;
    this.writer = writer;
  }

  /**
   * Opens for reading and writing, makes the file if need be, and brings the tables of {@code
   * schemas} up to date.
   */
  public static Records open(Path file, List<Schema> schemas) {
    DataSource source = source(file, false);
    Migrations.apply(source, withOwn(schemas), file);
    return new Records(
        file, new Connections(source(file, true), READERS, file), Writer.start(source, file));
  }

  /**
   * Opens for reading alone, beside a process that may be writing; makes and changes nothing.
   *
   * @throws BullaException {@code STORE_SCHEMA_MISSING} if there is no such file, or its tables are
   *     of another version
   */
  public static Records openReadOnly(Path file, List<Schema> schemas) {
    if (!Files.exists(file)) {
      throw new BullaException(
          ErrorCode.STORE_SCHEMA_MISSING,
          "there are no records at " + file,
          "Nothing has been recorded in this home yet; run 'bulla ship' or 'bulla serve' first.");
    }
    DataSource source = source(file, true);
    Migrations.require(source, withOwn(schemas), file);
    return new Records(file, new Connections(source, READERS, file), Writer.none(file));
  }

  /** Runs {@code work} on one snapshot. It must not write. */
  public <T> T read(Work<T> work) {
    Handle handle = readers.take();
    try {
      return handle.inTransaction(work::run);
    } catch (JdbiException e) {
      throw SqlFaults.of(e, file);
    } finally {
      readers.give(handle);
    }
  }

  /**
   * Runs {@code work} and makes its changes durable, all or none.
   *
   * <p>Works run one after the other on the writer's thread, so they must be short and must not
   * wait for anything else. One that throws is undone alone; those that share its commit are not
   * touched.
   */
  public <T> T write(Work<T> work) {
    return writer.run(work);
  }

  /** Ends after all writes that have been asked for. */
  @Override
  public void close() {
    writer.close();
    readers.close();
  }

  private static List<Schema> withOwn(List<Schema> schemas) {
    List<Schema> all = new ArrayList<>(schemas);
    all.addFirst(Schema.STORE);
    return all;
  }

  private static DataSource source(Path file, boolean readOnly) {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(readOnly);
    config.setBusyTimeout(BUSY_MILLIS);
    config.setCacheSize(-(readOnly ? READER_CACHE_KIB : WRITER_CACHE_KIB));
    config.enforceForeignKeys(true);
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
    if (!readOnly) {
      config.setJournalMode(SQLiteConfig.JournalMode.WAL);
      config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    }
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
    return source;
  }
}
