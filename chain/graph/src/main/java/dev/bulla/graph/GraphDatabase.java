package dev.bulla.graph;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Records;
import dev.bulla.store.Schema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code graph.db}: the store's records with the graph's tables, and the one thing that is
 * different about them, that a damaged file is no loss.
 */
final class GraphDatabase implements AutoCloseable {
  private static final List<Schema> TABLES = List.of(new Schema("graph", 1));
  private static final String REBUILD =
      "Delete the file %s and ship again. Nothing is lost but refusals before a build: all else is"
          + " in the evidence, which the registry keeps.";

  private final Path file;
  private @Nullable Records records;

  private GraphDatabase(Path file, @Nullable Records records) {
    this.file = file;
    this.records = records;
  }

  static GraphDatabase open(Path file) {
    return new GraphDatabase(file, guarded(file, () -> Records.open(file, TABLES)));
  }

  /** The file is opened by the first question after it has come into being. */
  static GraphDatabase openReadOnly(Path file) {
    return new GraphDatabase(file, null);
  }

  /** What {@code question} finds on one snapshot; empty if there is no file. */
  <T> Optional<T> read(Function<Sql, T> question) {
    return records().map(open -> guarded(file, () -> open.read(handle -> run(handle, question))));
  }

  <T> T write(Function<Sql, T> change) {
    Records open =
        records()
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.INTERNAL,
                    "the knowledge graph " + file + " is open for reading only"));
    return guarded(file, () -> open.write(handle -> run(handle, change)));
  }

  private synchronized Optional<Records> records() {
    if (records == null && Files.exists(file)) {
      records = guarded(file, () -> Records.openReadOnly(file, TABLES));
    }
    return Optional.ofNullable(records);
  }

  private static <T> T run(Handle handle, Function<Sql, T> work) {
    try (Sql sql = new Sql(handle.getConnection())) {
      return work.apply(sql);
    }
  }

  /** Same codes as the store's, with the advice that fits this file. */
  private static <T> T guarded(Path file, Supplier<T> work) {
    try {
      return work.get();
    } catch (BullaException e) {
      if (e.code() != ErrorCode.STORE_CORRUPT) {
        throw e;
      }
      throw new BullaException(
          ErrorCode.STORE_CORRUPT,
          "the knowledge graph cannot be read: " + e.reason(),
          REBUILD.formatted(file),
          e);
    }
  }

  @Override
  public synchronized void close() {
    if (records != null) {
      records.close();
    }
  }
}
