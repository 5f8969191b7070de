package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Tables, in a SQLite file that one process writes or in a PostgreSQL database that several share.
 *
 * <p>Many may read at once, each on one consistent snapshot; writing goes through one {@link
 * Writer} that commits what waits together, so that many small writes share one forced write to the
 * disk. A write has reached the disk when it returns. Writers of several processes follow one
 * another, so a work sees all that was written before it, wherever. Thread-safe.
 *
 * <p>All methods throw {@link BullaException}: {@code DISK_FULL}, {@code HOME_UNUSABLE}, {@code
 * STORE_CORRUPT}, {@code RECORDS_UNAVAILABLE} if a database server cannot be reached or broke off
 * (the message says so if a write may have been made nevertheless), or, for a statement that fails
 * for reasons of its own, {@code INTERNAL}. What the work itself throws comes out unchanged.
 */
public final class Records implements AutoCloseable {
  private static final String SQLITE = "sqlite:";

  private final Database database;
  private final Readers readers;
  private final Writer writer;
  private final Changes changes;

  private Records(Database database, Readers readers, Writer writer) {
    this.database = database;
    this.readers = readers;
    this.writer = writer;
    this.changes = database.isShared() ? new Changes(this) : Changes.NONE;
  }

  /** What other processes changed. */
  public Changes changes() {
    return changes;
  }

  /**
   * Opens for reading and writing, makes the file if need be, and brings the tables of {@code
   * schemas} up to date.
   */
  public static Records open(Path file, List<Schema> schemas) {
    return open(new SqliteDatabase(file), schemas);
  }

  /**
   * The same by URL.
   *
   * @param url {@code postgresql://[USER@]HOST[:PORT]/DATABASE[?…]}, the same after {@code jdbc:},
   *     or {@code sqlite:FILE}
   * @throws BullaException {@code CONFIGURATION_INVALID} if it is none, or holds a password
   */
  public static Records open(String url, List<Schema> schemas) {
    return open(databaseOf(url), schemas);
  }

  private static Records open(Database database, List<Schema> schemas) {
    Migrations.apply(database, withOwn(schemas));
    Readers readers = database.readers();
    try {
      return new Records(database, readers, Writer.start(database));
    } catch (RuntimeException e) {
      readers.close();
      throw e;
    }
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
    Database database = new SqliteDatabase(file);
    Migrations.require(database, withOwn(schemas));
    return new Records(database, database.readers(), Writer.none(database));
  }

  /** Runs {@code work} on one snapshot. It must not write. */
  public <T> T read(Work<T> work) {
    return readers.read(work);
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

  /**
   * Whether other processes may write these records too: then nothing that was read may be believed
   * later without asking again.
   */
  public boolean isShared() {
    return database.isShared();
  }

  /**
   * What all processes that write these records have under a name: {@code value}, if nobody said
   * anything else before.
   */
  public String agree(String name, String value) {
    return write(handle -> {
      handle.execute(
          "INSERT INTO agreement (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
          name,
          value);
      return handle
          .select("SELECT value FROM agreement WHERE name = ?", name)
          .mapTo(String.class)
          .one();
    });
  }

  /** What is wrong with the database itself, in words; empty if nothing, or if it cannot tell. */
  public List<String> complaints() {
    return read(database::complaints);
  }

  /** The database for messages; holds no secret. */
  @Override
  public String toString() {
    return database.name();
  }

  /** Ends after all writes that have been asked for. */
  @Override
  public void close() {
    writer.close();
    readers.close();
  }

  private static Database databaseOf(String url) {
    return url.startsWith(SQLITE)
        ? new SqliteDatabase(Path.of(url.substring(SQLITE.length())))
        : new PostgresDatabase(PostgresUrl.parse(url));
  }

  private static List<Schema> withOwn(List<Schema> schemas) {
    List<Schema> all = new ArrayList<>(schemas);
    all.addFirst(Schema.STORE);
    return all;
  }
}
