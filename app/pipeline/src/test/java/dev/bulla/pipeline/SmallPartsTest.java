package dev.bulla.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.graph.Ask;
import dev.bulla.graph.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Sizes, questions, the ship file, stages and work directories. */
class SmallPartsTest {
  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "1572864, 1.5 MiB",
    "629145600, 600.0 MiB"
  })
  void sizesAreInPowersOf1024(long bytes, String text) {
    assertThat(Sizes.text(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @EnumSource
  void everyQuestionIsFoundByItsNameAndRefusesAWrongNumberOfArguments(Question question) {
    assertThat(Question.parse(question.id())).isEqualTo(question);
    try (Graph graph = Graph.openReadOnly(temp.resolve("graph.db"))) {
      assertThatThrownBy(() -> question.ask(graph, List.of("a", "b", "c"), Ask.DEFAULT))
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
    }
  }

  @Test
  void unknownQuestionNamesTheNearest() {
    assertThatThrownBy(() -> Question.parse("exposedto"))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.nextStep()).contains("'exposed-to'"));
  }

  @Test
  void pathsOfTheShipFileAreRelativeToIt() throws IOException {
    Files.writeString(temp.resolve(ShipFile.NAME), "advisories: ../osv\npolicy: [own.yaml]\n");

    ShipFile file = ShipFile.load(temp);

    assertThat(file.advisories()).contains(temp.resolve("../osv"));
    assertThat(file.policies()).containsExactly(temp.resolve("own.yaml"));
  }

  @Test
  void unknownFieldOfTheShipFileIsRefusedWithTheNearest() throws IOException {
    Files.writeString(temp.resolve(ShipFile.NAME), "advisory: ../osv\n");

    assertThatThrownBy(() -> ShipFile.load(temp))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.FIELD_UNKNOWN);
              assertThat(e.reason() + e.nextStep()).contains("advisories");
            });
  }

  @Test
  void stageThatFailsIsToldAsRefusedWithItsCode() {
    List<String> told = new ArrayList<>();
    StageClock stages = new StageClock(listener(told));

    stages.run(Stage.BUILD, () -> StageClock.Outcome.of(1, "built"));
    assertThatThrownBy(() ->
            stages.run(
                Stage.SCAN,
                () -> {
                  throw new BullaException(ErrorCode.ADVISORY_INVALID, "no");
                }))
        .isInstanceOf(BullaException.class);

    assertThat(told).containsExactly("build false built", "scan true advisory-invalid");
    assertThat(stages.times())
        .extracting(ShipResult.StageTime::stage)
        .containsExactly(Stage.BUILD, Stage.SCAN);
  }

  @Test
  void workDirectoryGoesWithAllThatIsInIt() throws IOException {
    Path path;
    try (WorkDirectory work = WorkDirectory.create()) {
      path = work.path();
      Files.writeString(work.directory("a").resolve("file"), "x");
    }
    assertThat(path).doesNotExist();
  }

  private static ShipListener listener(List<String> told) {
    return new ShipListener() {
      @Override
      public void started(Stage stage) {}

      @Override
      public void progress(Stage stage, String text) {}

      @Override
      public void ended(Stage stage, boolean refused, Duration took, String result) {
        told.add(stage.label() + " " + refused + " " + result);
      }
    };
  }
}
