package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.testkit.PostgresServer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresRecordsTest extends RecordsContract {
  private static PostgresServer server;
  private static String url;

  @BeforeAll
  static void begin() {
    server = PostgresServer.shared();
    url = server.newSchema();
  }

  @BeforeEach
  void empty() {
    records.write(
        handle -> handle.execute("TRUNCATE item, outbox, outbox_reader, lease RESTART IDENTITY"));
  }

  @Override
  Records open(List<Schema> schemas) {
    return Records.open(url, schemas);
  }

  @Test
  void aWorkSeesWhatAnotherProcessWroteBefore() throws Exception {
    records.write(handle -> insert(handle, "a", 0));
    List<Future<Integer>> outcomes = new ArrayList<>();
    try (Records other = open(TRIAL);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 100; i++) {
        Records one = i % 2 == 0 ? records : other;
        Callable<Integer> raise =
            () ->
                one.write(handle -> {
                  int next = valueOf(handle, "a") + 1;
                  Outbox.append(handle, Instant.EPOCH, "raised", "" + next, Json.object());
                  handle.execute("UPDATE item SET n = ? WHERE name = 'a'", next);
                  return next;
                });
        outcomes.add(threads.submit(raise));
      }
    }

    assertThat(outcomes).extracting(Future::get).doesNotHaveDuplicates();
    assertThat(valueOfA(records)).isEqualTo(100);
    assertThat(new Outbox(records).after(0, 1000))
        .extracting(event -> Integer.parseInt(event.subject()))
        .isSorted();
  }

  @Test
  void aTextThatItCannotKeepIsTheFaultOfWhoSentIt() {
    assertThatThrownBy(() -> records.write(handle -> insert(handle, "a\0", 1)))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_INVALID));
    assertThat(records.<Integer>write(handle -> insert(handle, "b", 2))).isEqualTo(1);
  }

  @Test
  void aConnectionThatBrokeWhileNobodyUsedItIsReplaced() {
    records.write(handle -> insert(handle, "a", 1));
    server.cutConnections();

    int rows =
        records.write(handle ->
            insert(handle, "b", 2)
                + handle.select("SELECT count(*) FROM item").mapTo(Integer.class).one());

    assertThat(rows).isEqualTo(3);
  }

  @Test
  void aWriteThatIsCutIsNotMadeAndTheNextOneIs() {
    assertThatThrownBy(() ->
            records.write(handle -> {
              insert(handle, "a", 1);
              server.cutConnections();
              return insert(handle, "b", 2);
            }))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORDS_UNAVAILABLE));

    int rows =
        records.write(handle ->
            insert(handle, "c", 3)
                + handle.select("SELECT count(*) FROM item").mapTo(Integer.class).one());
    assertThat(rows).isEqualTo(2);
  }

  /** PostgreSQL undoes the whole transaction then; it must not be acknowledged. */
  @Test
  void aWorkThatHidesAFailedStatementFails() {
    assertThatThrownBy(() ->
            records.write(handle -> {
              insert(handle, "a", 1);
              try {
                insert(handle, "a", 2);
              } catch (RuntimeException e) {
                // hidden
              }
              return 0;
            }))
        .isInstanceOf(BullaException.class);
    assertThat(count()).isZero();
  }

  @Test
  void sortsByBytes() {
    for (String name : List.of("b", "A", "a", "B", "a-b", "ab", "Z")) {
      records.write(handle -> insert(handle, name, 1));
    }

    List<String> names =
        records.read(handle ->
            handle
                .select("SELECT name FROM item WHERE name > ? ORDER BY name", "A")
                .mapTo(String.class)
                .list());

    assertThat(names).containsExactly("B", "Z", "a", "a-b", "ab", "b");
  }

  @Test
  void aServerThatIsNotThereIsUnavailable() {
    assertThatThrownBy(() -> Records.open("postgresql://bulla@127.0.0.1:1/x", TRIAL))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORDS_UNAVAILABLE));
    assertThatThrownBy(() -> Records.open(server.urlOf("absent"), TRIAL))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID));
  }
}
