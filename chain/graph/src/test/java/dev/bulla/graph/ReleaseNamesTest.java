package dev.bulla.graph;

import static dev.bulla.graph.Samples.NOON;
import static dev.bulla.graph.Samples.digest;
import static dev.bulla.graph.Samples.failed;
import static dev.bulla.graph.Samples.log4j;
import static dev.bulla.graph.Samples.release;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How people may name a release. */
class ReleaseNamesTest {
  @TempDir Path folder;
  private Graph graph;

  @BeforeEach
  void open() {
    graph = Samples.emptyGraph(folder);
    graph.record(release("localhost:7080/team/hello:1.0").holding(log4j("2.14.1")).build());
    graph.record(
        release("localhost:7080/team/hello:1.1")
            .at(NOON.plusSeconds(1))
            .holding(log4j("2.17.1"))
            .build());
  }

  @AfterEach
  void close() {
    graph.close();
  }

  private String version(String release) {
    return graph.contents(release, Ask.DEFAULT).items().getFirst().component().version();
  }

  private void assertUnknown(String release, String... parts) {
    assertThatThrownBy(() -> graph.contents(release, Ask.DEFAULT))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.RELEASE_NOT_FOUND);
              assertThat(e.reason() + " " + e.nextStep()).contains(parts);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:7080/team/hello:1.0", "team/hello:1.0"})
  void byName(String name) {
    assertThat(version(name)).isEqualTo("2.14.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:7080/team/hello", "team/hello"})
  void withoutTagTheNewest(String name) {
    assertThat(version(name)).isEqualTo("2.17.1");
  }

  @Test
  void byDigestOrItsBeginning() {
    Digest image = digest("image localhost:7080/team/hello:1.0");
    for (String name :
        List.of(
            image.toString(),
            image.toString().substring(0, 20),
            image.shortHex(),
            "localhost:7080/team/hello@" + image,
            "localhost:7080/team/hello:1.0@" + image,
            "team/hello@" + image)) {
      assertThat(version(name)).as(name).isEqualTo("2.14.1");
    }
  }

  @Test
  void aTagThatMovedMeansWhereItPointsNow() {
    graph.record(moved(digest("another image"), 5, "2.20.0"));
    assertThat(version("team/hello:1.0")).isEqualTo("2.20.0");

    graph.record(
        release("localhost:7080/team/hello:1.0")
            .at(NOON.plusSeconds(9))
            .holding(log4j("2.14.1"))
            .build());
    assertThat(version("team/hello:1.0")).isEqualTo("2.14.1");
  }

  private static ReleaseRecord moved(Digest image, long seconds, String version) {
    ReleaseRecord like =
        release("localhost:7080/team/hello:1.0")
            .at(NOON.plusSeconds(seconds))
            .holding(log4j(version))
            .build();
    return new ReleaseRecord(
        Reference.parseName("localhost:7080/team/hello:1.0"),
        image,
        Optional.empty(),
        Optional.empty(),
        like.decision(),
        like.at(),
        like.documents(),
        like.contents(),
        List.of(),
        List.of(),
        List.of());
  }

  @Test
  void whatWasShippedComesBeforeALaterRefusal() {
    graph.record(
        release("localhost:7080/team/new:2")
            .at(NOON.plusSeconds(5))
            .refused(failed("r", "m"))
            .build());
    assertThat(graph.evidence("team/new:2", Ask.DEFAULT).items()).isEmpty();

    ReleaseRecord shipped =
        release("localhost:7080/team/hello:1.0").holding(log4j("2.14.1")).build();
    ReleaseRecord refused =
        release("localhost:7080/team/hello:1.0")
            .at(NOON.plusSeconds(60))
            .refused(failed("r", "m"))
            .build();
    graph.record(shipped);
    graph.record(
        new ReleaseRecord(
            refused.reference(),
            digest("refused image"),
            Optional.empty(),
            Optional.empty(),
            refused.decision(),
            refused.at(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of()));
    assertThat(version("team/hello:1.0")).isEqualTo("2.14.1");
  }

  @Test
  void unknownNamesGetNearOnes() {
    assertUnknown("team/helo:1.0", "localhost:7080/team/hello");
    assertUnknown("hello:9", "localhost:7080/team/hello");
    assertUnknown("sha256:" + "0".repeat(64), "no image with that digest");
    assertUnknown(
        "other/name@" + digest("image localhost:7080/team/hello:1.0"), "not under the name");
    assertUnknown("", "not the name of a release");
    assertUnknown("Robert'); DROP TABLE release;--", "no release of that name");
    assertUnknown("team/%", "no release of that name");
    assertUnknown("x".repeat(100_000), "not the name of a release");
    assertUnknown("Bad Name@" + digest("image localhost:7080/team/hello:1.0"), "Recorded are");
    assertUnknown("sha256:zz", "no image with that digest");
  }

  @Test
  void ambiguousNamesAreRefused() {
    graph.record(release("registry.example/team/hello:1.0").holding(log4j("2.14.1")).build());
    assertUnknown(
        "team/hello:1.0", "several registries have it", "localhost:7080", "registry.example");
    assertUnknown("sha256:", "more than one image begins so");
  }

  @Test
  void aHomeRegistryThatMovedToAnotherPortIsTheSamePlace() {
    graph.record(
        release("127.0.0.1:7081/team/hello:1.0")
            .at(NOON.plusSeconds(60))
            .holding(log4j("2.25.0"))
            .build());

    assertThat(version("team/hello:1.0")).isEqualTo("2.25.0");
    assertThat(version("localhost:7080/team/hello:1.0")).isEqualTo("2.14.1");
  }

  @Test
  void anEmptyGraphSaysHowToFillIt() {
    try (Graph empty = Graph.open(folder.resolve("empty.db"))) {
      assertThatThrownBy(() -> empty.contents("a/b:1", Ask.DEFAULT))
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.nextStep()).contains("bulla ship"));
    }
  }
}
