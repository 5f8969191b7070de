package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What records are to their users, whatever database they lie in. */
abstract class RecordsContract {
  private static final Instant NOW = Instant.ofEpochMilli(1_800_000_000_000L);
  static final List<Schema> TRIAL = List.of(new Schema("trial", 1));

  Records records;

  /** Opens the database of this test, which is empty at first. */
  abstract Records open(List<Schema> schemas);

  @BeforeEach
  void open() {
    records = open(TRIAL);
  }

  @AfterEach
  void close() {
    records.close();
  }

  @Test
  void keepsWhatWasWritten() {
    records.write(handle -> insert(handle, "a", 1));
    records.close();
    records = open(TRIAL);

    assertThat(valueOfA(records)).isEqualTo(1);
  }

  @Test
  void aFailingWorkIsUndoneAlone() throws Exception {
    CountDownLatch gathered = new CountDownLatch(1);
    List<Callable<Integer>> works = new ArrayList<>();
    works.add(() -> records.write(handle -> waitFor(gathered)));
    for (int i = 0; i < 20; i++) {
      int n = i;
      works.add(() -> records.write(handle -> insertUnlessOdd(handle, n)));
    }

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> outcomes = works.stream().map(threads::submit).toList();
      Thread.sleep(100); // the twenty gather behind the first and share a commit
      gathered.countDown();
      for (int i = 0; i < 20; i++) {
        Future<Integer> outcome = outcomes.get(i + 1);
        if (i % 2 == 1) {
          assertThatThrownBy(outcome::get).hasRootCauseMessage("odd");
        } else {
          assertThat(outcome.get()).isEqualTo(1);
        }
      }
    }

    assertThat(count()).isEqualTo(10);
  }

  @Test
  void aFailingStatementIsNotTheEndOfTheWriter() {
    records.write(handle -> insert(handle, "a", 1));

    assertThatThrownBy(() -> records.write(handle -> insert(handle, "a", 2)))
        .isInstanceOf(BullaException.class);
    records.write(handle -> insert(handle, "b", 2));

    assertThat(count()).isEqualTo(2);
  }

  @Test
  void aReadSeesOneSnapshot() {
    records.write(handle -> insert(handle, "a", 1));

    int both =
        records.read(handle -> {
          int before = valueOf(handle, "a");
          records.write(w -> w.execute("UPDATE item SET n = 2"));
          return before * 10 + valueOf(handle, "a");
        });

    assertThat(both).isEqualTo(11);
    assertThat(valueOfA(records)).isEqualTo(2);
  }

  @Test
  void migratesEachModuleByItself() {
    records.close();
    records = open(List.of(new Schema("trial", 1), new Schema("second", 2)));

    int rows = records.write(handle -> handle.execute("INSERT INTO other VALUES ('a', 'note')"));
    assertThat(rows).isEqualTo(1);
  }

  @Test
  void eventsComeWithTheirChangeOrNotAtAll() {
    Outbox outbox = new Outbox(records);
    Instant at = Instant.ofEpochMilli(1_700_000_000_123L);
    records.write(handle -> {
      Outbox.append(handle, at, "item.made", "a", Json.object().put("n", 1));
      return insert(handle, "a", 1);
    });
    assertThatThrownBy(() ->
            records.write(handle -> {
              Outbox.append(handle, at, "item.made", "b", Json.object());
              throw new IllegalStateException("no");
            }))
        .hasMessage("no");
    records.write(handle -> {
      Outbox.append(handle, at, "item.made", "c", Json.object());
      return 0;
    });

    List<Event> events = outbox.after(0, 10);

    assertThat(events).extracting(Event::subject).containsExactly("a", "c");
    assertThat(events.getFirst().at()).isEqualTo(at);
    assertThat(events.getFirst().payload().get("n").intValue()).isEqualTo(1);
    assertThat(outbox.after(events.getFirst().sequence(), 10))
        .extracting(Event::subject)
        .containsExactly("c");
  }

  @Test
  void readersOfTheOutboxRememberTheirPlace() {
    Outbox outbox = new Outbox(records, () -> NOW);
    List<Long> sequences = append(outbox, "a", "b", "c");
    long second = sequences.get(1);

    assertThat(outbox.position("graph")).isZero();
    outbox.advance("graph", 0);
    assertThat(outbox.trim(second, NOW, 10)).isZero();
    outbox.advance("graph", second);
    outbox.advance("graph", 1);
    assertThat(outbox.position("graph")).isEqualTo(second);
    assertThat(outbox.trim(Long.MAX_VALUE, NOW, 10)).isEqualTo(2);
    assertThat(outbox.after(0, 10)).extracting(Event::subject).containsExactly("c");
  }

  @Test
  void whoComesBackAfterTheTrimIsToldWhereToGoOn() {
    Outbox outbox = new Outbox(records, () -> NOW);
    List<Long> sequences = append(outbox, "a", "b", "c", "d");
    outbox.advance("asleep", 0);
    long third = sequences.get(2);

    assertThat(outbox.surplus(NOW, 1)).isEqualTo(third);
    assertThat(outbox.surplus(Instant.EPOCH, 4)).isZero();
    assertThat(outbox.surplus(NOW.plusSeconds(1), 10)).isGreaterThanOrEqualTo(sequences.get(3));
    assertThat(outbox.trim(third, NOW.plusMillis(1), 2)).isEqualTo(2);
    assertThat(outbox.trim(third, NOW.plusMillis(1), 2)).isEqualTo(1);

    assertThat(outbox.trimmed()).isEqualTo(third);
    assertThat(outbox.last()).isEqualTo(sequences.get(3));
    assertThat(outbox.allAfter(third, 10)).extracting(Event::subject).containsExactly("d");
    assertThatThrownBy(() -> outbox.allAfter(third - 1, 10))
        .hasMessageContaining("events up to %d are no longer kept", third);
    assertThat(outbox.trim(Long.MAX_VALUE, NOW.plusMillis(1), 10)).isEqualTo(1);
    assertThat(outbox.allAfter(outbox.last(), 10)).isEmpty();
    outbox.leave("asleep");
    assertThat(outbox.position("asleep")).isZero();
  }

  @Test
  void eventsNameOnWhoseBehalfTheyHappened() {
    Outbox outbox = new Outbox(records, () -> NOW);
    Actor robot = new Actor("service_account", "ci");

    robot.call(() -> append(outbox, "a"));
    append(outbox, "b");

    assertThat(outbox.after(0, 10)).extracting(Event::author).containsExactly(robot, Actor.SYSTEM);
  }

  private List<Long> append(Outbox outbox, String... subjects) {
    for (String subject : subjects) {
      records.write(handle -> {
        Outbox.append(handle, NOW, "t", subject, Json.object());
        return 0;
      });
    }
    return outbox.after(0, 10).stream().map(Event::sequence).toList();
  }

  int count() {
    return records.read(
        handle -> handle.select("SELECT count(*) FROM item").mapTo(Integer.class).one());
  }

  static int valueOfA(Records records) {
    return records.read(handle -> valueOf(handle, "a"));
  }

  static int insert(Handle handle, String name, int n) {
    return handle.execute("INSERT INTO item VALUES (?, ?)", name, n);
  }

  static int insertUnlessOdd(Handle handle, int n) {
    int inserted = insert(handle, "n" + n, n);
    if (n % 2 == 1) {
      throw new IllegalStateException("odd");
    }
    return inserted;
  }

  static int valueOf(Handle handle, String name) {
    return handle.select("SELECT n FROM item WHERE name = ?", name).mapTo(Integer.class).one();
  }

  static int waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }
}
