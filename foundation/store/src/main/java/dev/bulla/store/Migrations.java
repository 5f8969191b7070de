package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * Brings tables to the version that the program was written for.
 *
 * <p>The usual start finds all versions right with one query each and never loads Flyway, which
 * costs some 200 ms.
 */
final class Migrations {
  /**
   * Held, because java.util.logging forgets a level with its logger. Flyway tells each step at
   * INFO.
   */
  private static final Logger FLYWAY = Logger.getLogger("org.flywaydb");

  private Migrations() {}

  static void apply(DataSource source, List<Schema> schemas, Path file) {
    for (Schema schema : schemas) {
      if (versionOf(source, schema, file) != schema.version()) {
        migrate(source, schema, file);
      }
    }
  }

  /**
   * Refuses to read tables of another version.
   *
   * @throws BullaException {@link ErrorCode#STORE_SCHEMA_MISSING}
   */
  static void require(DataSource source, List<Schema> schemas, Path file) {
    for (Schema schema : schemas) {
      int found = versionOf(source, schema, file);
      if (found != schema.version()) {
        throw new BullaException(
            ErrorCode.STORE_SCHEMA_MISSING,
            "%s has version %d of the tables of %s, expected %d"
                .formatted(file, found, schema.module(), schema.version()),
            "Start 'bulla serve' once with this version of Bulla; reading alone never changes"
                + " tables.");
      }
    }
  }

  private static void migrate(DataSource source, Schema schema, Path file) {
    if (FLYWAY.getLevel() == null) {
      FLYWAY.setLevel(Level.WARNING);
    }
    try {
      Flyway.configure(Migrations.class.getClassLoader())
          .dataSource(source)
          .locations(schema.location())
          .table(schema.historyTable())
          .baselineOnMigrate(true)
          .baselineVersion("0")
          .validateMigrationNaming(true)
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw SqlFaults.find(e, file)
          .orElseGet(() ->
              new BullaException(
                  ErrorCode.STORE_CORRUPT,
                  "the tables of %s in %s cannot be brought to version %d: %s"
                      .formatted(schema.module(), file, schema.version(), e.getMessage()),
                  e));
    }
    int found = versionOf(source, schema, file);
    if (found != schema.version()) {
      throw new BullaException(
          ErrorCode.STORE_SCHEMA_MISSING,
          "%s has version %d of the tables of %s, this program knows %d"
              .formatted(file, found, schema.module(), schema.version()),
          "Use the version of Bulla that wrote this home, or a newer one.");
    }
  }

  /** The newest applied version; 0 if there is none. */
  private static int versionOf(DataSource source, Schema schema, Path file) {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      if (!hasTable(statement, schema.historyTable())) {
        return 0;
      }
      String sql =
          "SELECT coalesce(max(CAST(version AS INTEGER)), 0) FROM "
              + schema.historyTable()
              + " WHERE success";
      try (ResultSet rows = statement.executeQuery(sql)) {
        return rows.next() ? rows.getInt(1) : 0;
      }
    } catch (SQLException e) {
      throw SqlFaults.of(e, file);
    }
  }

  private static boolean hasTable(Statement statement, String table) throws SQLException {
    String sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '" + table + "'";
    try (ResultSet rows = statement.executeQuery(sql)) {
      return rows.next();
    }
  }
}
