package dev.bulla.graph;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * Named statements on one connection, inside one transaction: each text is prepared once. Values
 * are always bound, never spliced into the text. Not thread-safe.
 */
final class Sql implements AutoCloseable {
  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  Sql(Connection connection) {
    this.connection = connection;
  }

  /** Reads one row. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Runs a change; the number of rows it touched. */
  int update(String text, @Nullable Object... values) {
    try {
      return bind(text, values).executeUpdate();
    } catch (SQLException e) {
      throw new Failure(e);
    }
  }

  /**
   * The id that {@code INSERT … RETURNING id} gives, or nothing if a conflict left the table as it
   * was.
   */
  Optional<Long> insert(String text, @Nullable Object... values) {
    return first(text, row -> row.getLong(1), values);
  }

  <T> Optional<T> first(String text, Row<T> reader, @Nullable Object... values) {
    try (ResultSet rows = bind(text, values).executeQuery()) {
      return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
    } catch (SQLException e) {
      throw new Failure(e);
    }
  }

  <T> List<T> list(String text, Row<T> reader, @Nullable Object... values) {
    try (ResultSet rows = bind(text, values).executeQuery()) {
      List<T> all = new ArrayList<>();
      while (rows.next()) {
        all.add(reader.read(rows));
      }
      return all;
    } catch (SQLException e) {
      throw new Failure(e);
    }
  }

  /** The id of the row that {@code find} finds, or of the one that {@code insert} then adds. */
  long intern(String find, String insert, @Nullable Object... values) {
    return first(find, row -> row.getLong(1), values)
        .or(() -> insert(insert, values))
        .orElseThrow(() -> new IllegalStateException("neither found nor added: " + insert));
  }

  /**
   * As {@link #intern(String, String, Object...)} with other values for the row than for its key.
   */
  long intern(String find, String insert, Object[] key, @Nullable Object[] row) {
    return first(find, found -> found.getLong(1), key)
        .or(() -> insert(insert, row))
        .orElseThrow(() -> new IllegalStateException("neither found nor added: " + insert));
  }

  private PreparedStatement bind(String text, @Nullable Object... values) throws SQLException {
    PreparedStatement statement = prepared.get(text);
    if (statement == null) {
      statement = connection.prepareStatement(text);
      prepared.put(text, statement);
    }
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  @Override
  public void close() {
    try {
      for (PreparedStatement statement : prepared.values()) {
        statement.close();
      }
    } catch (SQLException e) {
      throw new Failure(e);
    }
  }

  /** A failing statement, in the form that the store translates for people. */
  private static final class Failure extends JdbiException {
    private static final long serialVersionUID = 1L;

    Failure(SQLException cause) {
      super(cause);
    }
  }
}
