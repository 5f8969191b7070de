package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteRecordsTest extends RecordsContract {
  @TempDir Path directory;

  @Override
  Records open(List<Schema> schemas) {
    return Records.open(file(), schemas);
  }

  private Path file() {
    return directory.resolve("records.db");
  }

  @Test
  void writesToTheDiskBeforeItAnswers() {
    String modes =
        records.write(handle ->
            handle.select("PRAGMA journal_mode").mapTo(String.class).one()
                + " "
                + handle.select("PRAGMA synchronous").mapTo(String.class).one());

    assertThat(modes).isEqualTo("wal 2"); // 2 is FULL
  }

  @Test
  void aFullDatabaseIsDiskFullAndKeepsWhatItHad() {
    records.write(handle -> insert(handle, "a", 1));
    records.write(handle -> {
      int pages = handle.select("PRAGMA page_count").mapTo(Integer.class).one();
      return handle.select("PRAGMA max_page_count = " + pages).mapTo(Integer.class).one();
    });

    assertThatThrownBy(() -> records.write(handle -> insert(handle, "x".repeat(100_000), 1)))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL));

    assertThat(count()).isEqualTo(1);
    records.write(handle -> handle.execute("UPDATE item SET n = 7"));
    assertThat(valueOfA(records)).isEqualTo(7);
  }

  @Test
  void refusesTablesOfANewerProgram() {
    records.write(handle ->
        handle.execute("UPDATE schema_history_trial SET version = '9' WHERE version = '1'"));
    records.close();

    assertThatThrownBy(() -> Records.open(file(), TRIAL)).isInstanceOf(BullaException.class);
    assertThatThrownBy(() -> Records.openReadOnly(file(), TRIAL))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_SCHEMA_MISSING));
  }

  @Test
  void readingAloneMakesNothing() {
    Path absent = directory.resolve("absent.db");

    assertThatThrownBy(() -> Records.openReadOnly(absent, TRIAL))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_SCHEMA_MISSING));
    assertThatThrownBy(() -> Records.openReadOnly(file(), List.of(new Schema("second", 2))))
        .isInstanceOf(BullaException.class);
    assertThat(absent).doesNotExist();
  }

  @Test
  void readingAloneWorksBesideTheWriterAndCannotWrite() {
    records.write(handle -> insert(handle, "a", 1));
    try (Records reader = Records.openReadOnly(file(), TRIAL)) {
      assertThat(valueOfA(reader)).isEqualTo(1);
      records.write(handle -> handle.execute("UPDATE item SET n = 5"));
      assertThat(valueOfA(reader)).isEqualTo(5);
      assertThatThrownBy(() -> reader.write(handle -> insert(handle, "b", 1)))
          .hasMessageContaining("reading only");
      assertThatThrownBy(() -> reader.read(handle -> insert(handle, "b", 1)))
          .isInstanceOf(BullaException.class);
    }
  }

  @Test
  void aFileThatIsNoDatabaseIsCorrupt() throws IOException {
    Path broken = Files.writeString(directory.resolve("broken.db"), "not a database ".repeat(200));

    assertThatThrownBy(() -> Records.open(broken, TRIAL))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_CORRUPT));
    assertThat(Files.readString(broken)).startsWith("not a database");
  }
}
