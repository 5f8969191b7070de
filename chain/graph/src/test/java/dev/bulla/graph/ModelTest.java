package dev.bulla.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.PackageQuery;
import dev.bulla.inventory.Component;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories, asked of the graph and of a list that is searched from end to end. */
class ModelTest {
  private static final int RELEASES = 12;
  private static final int NAMES = 4;

  @TempDir Path folder;

  /** What the list remembers of a release: its newest contents, and whether they are believed. */
  private record Remembered(Set<String> components, Trust trust, boolean shipped) {}

  private final Map<String, Remembered> model = new LinkedHashMap<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theGraphAgreesWithASimpleList(long seed) {
    Random random = new Random(seed);
    try (Graph graph = Samples.emptyGraph(folder);
        AdvisorySet set =
            Samples.advisories(
                folder,
                advisory("GHSA-0", "CVE-0", "g:n0", "{\"introduced\":\"0\"},{\"fixed\":\"3\"}"),
                advisory("GHSA-1", "CVE-1", "g:n1", "{\"introduced\":\"2\"},{\"fixed\":\"4\"}"))) {
      for (int i = 0; i < RELEASES; i++) {
        if (i == RELEASES / 2) {
          graph.importAdvisories(set);
        }
        record(graph, "localhost:7080/app:" + i, random);
      }
      assertAgrees(graph);
    }
  }

  private static String advisory(String id, String alias, String name, String events) {
    return Samples.osv(
        id, "2026-01-01T00:00:00Z", "\"aliases\":[\"" + alias + "\"],", "Maven", name, events);
  }

  private void record(Graph graph, String reference, Random random) {
    Trust trust = Trust.values()[random.nextInt(Trust.values().length)];
    boolean shipped = random.nextInt(4) > 0;
    Set<String> held = new TreeSet<>();
    List<Component> components = new ArrayList<>();
    for (int name = 0; name < NAMES; name++) {
      if (random.nextBoolean()) {
        int version = 1 + random.nextInt(4);
        held.add("n" + name + "@" + version);
        components.add(Samples.maven("g", "n" + name, Integer.toString(version)));
      }
    }
    Samples.Draft draft =
        Samples.release(reference).trust(trust).holding(components.toArray(Component[]::new));
    if (!shipped) {
      draft.refused(Samples.failed("rule", "message"));
    }
    graph.record(draft.build());
    if (random.nextBoolean()) {
      graph.record(draft.build());
    }
    model.put(reference, new Remembered(held, trust, shipped));
  }

  private void assertAgrees(Graph graph) {
    for (Trust least : List.of(Trust.VERIFIED, Trust.UNVERIFIED)) {
      Ask ask = Ask.DEFAULT.trusting(least);
      for (int name = 0; name < NAMES; name++) {
        PackageQuery range = PackageQuery.parse("pkg:maven/g/n" + name + "@>=2,<4");
        assertThat(hits(graph.releasesWith(range, ask)))
            .as("%s at %s", range, least)
            .isEqualTo(expected(least, Set.of("n" + name + "@2", "n" + name + "@3")));
      }
      assertThat(exposed(graph.exposedTo("CVE-0", ask)))
          .isEqualTo(expected(least, Set.of("n0@1", "n0@2")));
      assertThat(exposed(graph.exposedTo("ghsa-1", ask)))
          .isEqualTo(expected(least, Set.of("n1@2", "n1@3")));
      model.forEach((reference, remembered) ->
          assertThat(
                  graph.contents(reference, ask).items().stream()
                      .map(one -> shown(one.component()))
                      .toList())
              .isEqualTo(
                  believed(remembered, least) ? List.copyOf(remembered.components()) : List.of()));
    }
  }

  private Set<String> expected(Trust least, Set<String> components) {
    Set<String> expected = new TreeSet<>();
    model.forEach((reference, remembered) -> {
      for (String one : remembered.components()) {
        if (components.contains(one) && believed(remembered, least)) {
          expected.add(reference + " " + one + " " + remembered.shipped());
        }
      }
    });
    return expected;
  }

  private static boolean believed(Remembered remembered, Trust least) {
    return remembered.trust().compareTo(least) >= 0;
  }

  private static Set<String> hits(Page<Answer.Content> page) {
    Set<String> hits = new TreeSet<>();
    page.items().forEach(one -> hits.add(hit(one.release(), one.component())));
    return hits;
  }

  private static Set<String> exposed(Page<Answer.Exposure> page) {
    Set<String> hits = new TreeSet<>();
    page.items().forEach(one -> hits.add(hit(one.release(), one.component())));
    return hits;
  }

  private static String hit(Answer.Release release, Answer.PackageVersion component) {
    return release.reference()
        + " "
        + shown(component)
        + " "
        + (release.status() == Answer.Status.SHIPPED);
  }

  private static String shown(Answer.PackageVersion component) {
    return component.name().substring(2) + "@" + component.version();
  }
}
