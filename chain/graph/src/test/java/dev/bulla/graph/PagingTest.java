package dev.bulla.graph;

import static dev.bulla.graph.Samples.advisories;
import static dev.bulla.graph.Samples.failed;
import static dev.bulla.graph.Samples.log4j;
import static dev.bulla.graph.Samples.log4shell;
import static dev.bulla.graph.Samples.maven;
import static dev.bulla.graph.Samples.release;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.PackageQuery;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PagingTest {
  private static final PackageQuery LOG4J =
      PackageQuery.parse("pkg:maven/org.apache.logging.log4j/log4j-core");
  private static final String RELEASE = "localhost:7080/app:3";

  @TempDir Path folder;
  private Graph graph;

  @BeforeEach
  void open() {
    graph = Samples.emptyGraph(folder);
    try (AdvisorySet set = advisories(folder, log4shell("2021-12-10T00:00:00Z", ""))) {
      for (int i = 0; i < 7; i++) {
        graph.record(
            release("localhost:7080/app:" + i)
                .holding(log4j("2.14." + i % 2), maven("g", "a" + i, "1"), maven("g", "b", "1"))
                .builtBy("https://example.org/builder")
                .build());
        graph.record(
            release("localhost:7080/refused:" + i)
                .holding(log4j("2.14.0"))
                .refused(failed("rule", "message " + i))
                .build());
      }
      graph.importAdvisories(set);
    }
  }

  @AfterEach
  void close() {
    graph.close();
  }

  private static <T extends Answer> void assertPagesGiveTheWhole(Function<Ask, Page<T>> question) {
    List<T> whole = question.apply(Ask.DEFAULT).items();
    assertThat(whole).isNotEmpty();
    for (int limit = 1; limit <= whole.size() + 1; limit++) {
      List<T> pieces = new ArrayList<>();
      Ask ask = Ask.DEFAULT.withLimit(limit);
      Page<T> page = question.apply(ask);
      pieces.addAll(page.items());
      while (page.next().isPresent()) {
        assertThat(page.items()).hasSize(limit);
        page = question.apply(ask.after(page.next().get()));
        assertThat(page.items()).isNotEmpty();
        pieces.addAll(page.items());
      }
      assertThat(pieces).as("pages of %d", limit).isEqualTo(whole);
    }
  }

  @Test
  void pagesOfAnySizeGiveTheWholeAnswer() {
    assertPagesGiveTheWhole(graph::releases);
    assertPagesGiveTheWhole(graph::refusals);
    assertPagesGiveTheWhole(ask -> graph.releasesWith(LOG4J, ask));
    assertPagesGiveTheWhole(ask -> graph.exposedTo("CVE-2021-44228", ask));
    assertPagesGiveTheWhole(ask -> graph.contents(RELEASE, ask));
    assertPagesGiveTheWhole(ask -> graph.findings(RELEASE, ask));
    assertPagesGiveTheWhole(ask -> graph.evidence(RELEASE, ask));
    assertPagesGiveTheWhole(ask -> graph.provenance(RELEASE, ask));
    assertPagesGiveTheWhole(ask -> graph.difference("localhost:7080/app:1", RELEASE, ask));
  }

  @Test
  void aPageIsNotShakenByWhatIsRecordedMeanwhile() {
    Ask two = Ask.DEFAULT.withLimit(2);
    Page<Answer.Release> first = graph.releases(two);
    List<Answer.Release> before = graph.releases(two.after(first.next().orElseThrow())).items();

    graph.record(release("localhost:7080/app:later").holding(log4j("2.14.1")).build());

    assertThat(graph.releases(two.after(first.next().orElseThrow())).items()).isEqualTo(before);
  }

  @Test
  void aCursorOfAnotherQuestionIsRefused() {
    String next = graph.releases(Ask.DEFAULT.withLimit(1)).next().orElseThrow();

    assertRefused(() -> graph.refusals(Ask.DEFAULT.after(next)), "another question");
    assertRefused(() -> graph.contents(RELEASE, Ask.DEFAULT.after(next)), "");
  }

  @Test
  void anInventedCursorIsRefused() {
    for (String cursor : List.of("", "%%%", "bnVsbA", "W10", "WyJhIiwiYiJd", "A".repeat(300_000))) {
      assertRefused(() -> graph.releases(Ask.DEFAULT.after(cursor)), "");
    }
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable ask, String part) {
    assertThatThrownBy(ask)
        .hasMessageContaining(part)
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_INVALID));
  }

  @Test
  void impossiblePageSizesAreRefused() {
    for (int limit : List.of(0, -1, 1001, Integer.MAX_VALUE)) {
      assertThatThrownBy(() -> new Ask(limit, Optional.empty(), Trust.VERIFIED))
          .isInstanceOf(BullaException.class);
    }
    assertThatThrownBy(() -> Ask.DEFAULT.trusting(Trust.REJECTED))
        .isInstanceOf(BullaException.class);
  }
}
