package dev.bulla.graph;

import static dev.bulla.graph.Samples.advisories;
import static dev.bulla.graph.Samples.log4j;
import static dev.bulla.graph.Samples.log4shell;
import static dev.bulla.graph.Samples.release;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.PackageQuery;
import dev.bulla.inventory.Component;
import dev.bulla.inventory.Inventory;
import dev.bulla.inventory.Location;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many releases of 300 components: 240 of one of five base images, 60 of their own of which a few
 * change each time. {@code -Dbulla.scale=2000} makes it large and prints times; they are not
 * judged.
 */
class ScaleTest {
  private static final boolean TOLD = Integer.getInteger("bulla.scale") != null;
  private static final int RELEASES = Integer.getInteger("bulla.scale", 40);
  private static final int BASES = 5;

  @TempDir Path folder;

  @Test
  void answersStayCompleteAndQuickAsReleasesGrow() throws Exception {
    try (Graph graph = Samples.emptyGraph(folder);
        AdvisorySet set = advisories(folder, log4shell("2021-12-10T00:00:00Z", ""))) {
      timed(
          "import into the empty graph",
          () -> {
            graph.importAdvisories(set);
            return 0;
          });
      timed(
          "record",
          () -> {
            recordAll(graph);
            return RELEASES;
          });
      Page<Answer.Content> holders =
          timed(
              "releases-with (half of all)",
              () ->
                  graph.releasesWith(
                      PackageQuery.parse("pkg:maven/org.apache.logging.log4j/log4j-core@<2.15"),
                      Ask.DEFAULT));
      Page<Answer.Exposure> exposed =
          timed("exposed-to (half of all)", () -> graph.exposedTo("CVE-2021-44228", Ask.DEFAULT));
      timed("contents", () -> graph.contents("localhost:7080/app:7", Ask.DEFAULT));
      timed(
          "diff",
          () -> graph.difference("localhost:7080/app:7", "localhost:7080/app:8", Ask.DEFAULT));
      timed("findings", () -> graph.findings("localhost:7080/app:8", Ask.DEFAULT));

      assertThat(holders.items()).hasSize(Math.min(100, RELEASES / 2));
      assertThat(exposed.items()).hasSize(Math.min(100, RELEASES / 2));
    }
    if (TOLD) {
      System.out.printf("graph.db: %d KiB%n", Files.size(folder.resolve("graph.db")) / 1024);
    }
  }

  private static <T> T timed(String what, Supplier<T> work) {
    long start = System.nanoTime();
    T result = work.get();
    if (TOLD) {
      System.out.printf("%-30s %8.1f ms%n", what, (System.nanoTime() - start) / 1e6);
    }
    return result;
  }

  private static void recordAll(Graph graph) {
    Random random = new Random(7);
    List<List<Component>> bases = new ArrayList<>();
    for (int base = 0; base < BASES; base++) {
      List<Component> components = new ArrayList<>();
      for (int i = 0; i < 240; i++) {
        components.add(in("base " + base, "deb", "lib" + i, "1." + base, "/var/lib/dpkg/status"));
      }
      bases.add(components);
    }
    int[] versions = new int[60];
    for (int release = 0; release < RELEASES; release++) {
      for (int change = 0; change < 5; change++) {
        versions[random.nextInt(versions.length)]++;
      }
      List<Component> components = new ArrayList<>(bases.get(release % BASES));
      for (int i = 0; i < 59; i++) {
        components.add(
            in("app " + release, "maven", "g:a" + i, "1." + versions[i], "/app/lib" + i + ".jar"));
      }
      components.add(log4j(release % 2 == 0 ? "2.14.1" : "2.17.1"));
      graph.record(
          release("localhost:7080/app:" + release)
              .holding(
                  new Inventory(Optional.empty(), "app", Optional.empty(), components, List.of()))
              .build());
    }
  }

  private static Component in(String layer, String type, String name, String version, String path) {
    return new Component(
        type,
        name,
        version,
        Optional.of(
            "pkg:"
                + type
                + "/"
                + (type.equals("deb") ? "debian/" : "")
                + name.replace(':', '/')
                + "@"
                + version),
        List.of("Apache-2.0"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(new Location(Optional.of(Samples.digest(layer)), path, List.of())),
        Map.of(),
        Map.of());
  }
}
