package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.sql.Connection;
import java.sql.PreparedStatement;
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

  static void apply(Database database, List<Schema> schemas) {
    for (Schema schema : schemas) {
      if (versionOf(database, database.writing(), schema) != schema.version()) {
        migrate(database, schema);
      }
    }
  }

  /**
   * Refuses to read tables of another version.
   *
   * @throws BullaException {@link ErrorCode#STORE_SCHEMA_MISSING}
   */
  static void require(Database database, List<Schema> schemas) {
    for (Schema schema : schemas) {
      int found = versionOf(database, database.reading(), schema);
      if (found != schema.version()) {
        throw new BullaException(
            ErrorCode.STORE_SCHEMA_MISSING,
            "%s has version %d of the tables of %s, expected %d"
                .formatted(database.name(), found, schema.module(), schema.version()),
            "Start 'bulla serve' once with this version of Bulla; reading alone never changes"
                + " tables.");
      }
    }
  }

  private static void migrate(Database database, Schema schema) {
    if (FLYWAY.getLevel() == null) {
      FLYWAY.setLevel(Level.WARNING);
    }
    try {
      Flyway.configure(Migrations.class.getClassLoader())
          .dataSource(database.writing())
          .locations(schema.location(database.folder()))
          .table(schema.historyTable())
          .baselineOnMigrate(true)
          .baselineVersion("0")
          .validateMigrationNaming(true)
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw database
          .find(e)
          .orElseGet(() ->
              new BullaException(
                  ErrorCode.STORE_CORRUPT,
                  "the tables of %s in %s cannot be brought to version %d: %s"
                      .formatted(
                          schema.module(), database.name(), schema.version(), e.getMessage()),
                  e));
    }
    int found = versionOf(database, database.writing(), schema);
    if (found != schema.version()) {
      throw new BullaException(
          ErrorCode.STORE_SCHEMA_MISSING,
          "%s has version %d of the tables of %s, this program knows %d"
              .formatted(database.name(), found, schema.module(), schema.version()),
          "Use the version of Bulla that wrote this home, or a newer one.");
    }
  }

  /** The newest applied version; 0 if there is none. */
  private static int versionOf(Database database, DataSource source, Schema schema) {
    try (Connection connection = source.getConnection()) {
      try (PreparedStatement statement = connection.prepareStatement(database.hasTable())) {
        statement.setString(1, schema.historyTable());
        try (ResultSet rows = statement.executeQuery()) {
          if (!rows.next()) {
            return 0;
          }
        }
      }
      String sql =
          "SELECT coalesce(max(CAST(version AS INTEGER)), 0) FROM "
              + schema.historyTable()
              + " WHERE success";
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(sql)) {
        return rows.next() ? rows.getInt(1) : 0;
      }
    } catch (SQLException e) {
      throw database.fault(e);
    }
  }
}
