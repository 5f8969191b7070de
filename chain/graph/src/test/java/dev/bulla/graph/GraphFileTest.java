package dev.bulla.graph;

import static dev.bulla.graph.Samples.log4j;
import static dev.bulla.graph.Samples.release;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file itself: absent, shared, damaged. */
class GraphFileTest {
  @TempDir Path folder;

  @Test
  void aMissingFileGivesEmptyAnswersThatSaySo() {
    Path file = folder.resolve("graph.db");
    try (Graph graph = Graph.openReadOnly(file)) {
      assertThat(graph.releases(Ask.DEFAULT).items()).isEmpty();
      assertThat(graph.releases(Ask.DEFAULT).note()).contains("There is no knowledge graph yet");
      assertThat(graph.contents("a/b", Ask.DEFAULT).note()).contains("no knowledge graph");
      assertThat(file).doesNotExist();

      try (Graph writer = Graph.open(file)) {
        writer.record(release("localhost:7080/app:1").holding(log4j("2.14.1")).build());
        assertThat(graph.releases(Ask.DEFAULT).items()).hasSize(1);
      }
    }
  }

  @Test
  void readersWorkWhileSomebodyWrites() throws InterruptedException, ExecutionException {
    Path file = folder.resolve("graph.db");
    AtomicBoolean done = new AtomicBoolean();
    try (Graph writer = Graph.open(file);
        Graph reader = Graph.openReadOnly(file);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> most =
          threads.submit(() -> {
            int seen = 0;
            while (!done.get()) {
              int now = reader.releases(Ask.DEFAULT).items().size();
              assertThat(now).isGreaterThanOrEqualTo(seen);
              // a release is there with its contents or not at all
              assertThat(
                      reader
                          .releasesWith(
                              dev.bulla.advisory.PackageQuery.parse(
                                  "pkg:maven/org.apache.logging.log4j/log4j-core"),
                              Ask.DEFAULT)
                          .items())
                  .hasSizeGreaterThanOrEqualTo(now);
              seen = now;
            }
            return seen;
          });
      for (int i = 0; i < 40; i++) {
        writer.record(release("localhost:7080/app:" + i).holding(log4j("2.14.1")).build());
      }
      done.set(true);
      assertThat(most.get()).isBetween(0, 40);
      assertThat(reader.releases(Ask.DEFAULT).items()).hasSize(40);
    }
  }

  @Test
  void readingOnlyMeansReadingOnly() {
    Path file = folder.resolve("graph.db");
    Graph.open(file).close();
    try (Graph graph = Graph.openReadOnly(file)) {
      assertThatThrownBy(() -> graph.record(release("localhost:7080/app:1").build()))
          .isInstanceOf(BullaException.class)
          .hasMessageContaining("reading only");
      assertThat(graph.releases(Ask.DEFAULT).items()).isEmpty();
    }
    try (Graph graph = Graph.openReadOnly(folder.resolve("none.db"))) {
      assertThatThrownBy(() -> graph.record(release("localhost:7080/app:1").build()))
          .hasMessageContaining("reading only");
    }
  }

  @Test
  void somethingElseThanADatabaseIsRefusedWithTheWayOut() throws IOException {
    Path file = folder.resolve("graph.db");
    Files.writeString(file, "this is no database, however long it may be ".repeat(200));

    assertCorrupt(() -> Graph.open(file).close());
    assertCorrupt(() -> {
      try (Graph graph = Graph.openReadOnly(file)) {
        graph.releases(Ask.DEFAULT);
      }
    });
  }

  @Test
  void aDamagedFileIsRefusedWithTheWayOut() throws IOException {
    Path file = folder.resolve("graph.db");
    try (Graph graph = Graph.open(file)) {
      for (int i = 0; i < 50; i++) {
        graph.record(release("localhost:7080/app:" + i).holding(log4j("2." + i)).build());
      }
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      byte[] junk = new byte[4096];
      java.util.Arrays.fill(junk, (byte) 0x5a);
      for (long page = 2; page < channel.size() / 4096; page++) {
        channel.write(ByteBuffer.wrap(junk), page * 4096);
      }
    }

    assertCorrupt(() -> {
      try (Graph graph = Graph.openReadOnly(file)) {
        graph.releases(Ask.DEFAULT);
      }
    });
    assertCorrupt(() -> {
      try (Graph graph = Graph.open(file)) {
        graph.record(release("localhost:7080/app:x").holding(log4j("2.14.1")).build());
      }
    });
  }

  private static void assertCorrupt(org.assertj.core.api.ThrowableAssert.ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.STORE_CORRUPT);
              assertThat(e.nextStep()).contains("Delete the file").contains("ship again");
            });
  }
}
