package dev.bulla.graph;

import static dev.bulla.graph.Samples.advisories;
import static dev.bulla.graph.Samples.failed;
import static dev.bulla.graph.Samples.log4j;
import static dev.bulla.graph.Samples.log4shell;
import static dev.bulla.graph.Samples.maven;
import static dev.bulla.graph.Samples.passed;
import static dev.bulla.graph.Samples.release;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.PackageQuery;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people see, and what machines get. docs/ask.md shows the same. */
class AnswerTextTest {
  @TempDir Path folder;
  private Graph graph;

  @BeforeEach
  void open() {
    graph = Samples.emptyGraph(folder);
    try (AdvisorySet set = advisories(folder, log4shell("2021-12-10T00:00:00Z", ""))) {
      graph.record(
          release("localhost:7080/shop:1.0")
              .holding(log4j("2.14.1"), maven("a", "b", "1"))
              .build());
      graph.record(
          release("localhost:7080/shop:1.1")
              .holding(log4j("2.12.3"))
              .builtBy(
                  "https://bulla.dev/builder",
                  new ReleaseRecord.Material(
                      "file:shop.jar", Optional.of(Samples.digest("shop.jar"))))
              .build());
      graph.record(
          release("localhost:7080/bad:1")
              .holding(log4j("2.14.1"))
              .refused(
                  passed("sbom-present"),
                  failed("no-critical-vulnerabilities", "log4j-core 2.14.1 has CVE-2021-44228"))
              .build());
      graph.importAdvisories(set);
    }
  }

  @AfterEach
  void close() {
    graph.close();
  }

  @Test
  void releases() {
    assertThat(AnswerText.render(graph.releases(Ask.DEFAULT)))
        .isEqualTo(
            """
            RELEASE                  IMAGE                PLATFORM     RECORDED
            localhost:7080/shop:1.1  sha256:%s  linux/amd64  2026-11-21T12:00:00Z
            localhost:7080/shop:1.0  sha256:%s  linux/amd64  2026-11-21T12:00:00Z
            """
                .formatted(image("shop:1.1"), image("shop:1.0")));
  }

  private static String image(String name) {
    return Samples.digest("image localhost:7080/" + name).shortHex();
  }

  private static String document(Page<Answer.Content> page, int index) {
    return page.items().get(index).sources().getFirst().document().shortHex();
  }

  @Test
  void releasesWith() {
    Page<Answer.Content> page =
        graph.releasesWith(
            PackageQuery.parse("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"),
            Ask.DEFAULT);

    assertThat(AnswerText.render(page))
        .isEqualTo(
            """
            localhost:7080/shop:1.0  sha256:%s
              pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1
                /app/app.jar!BOOT-INF/lib/log4j-core-2.14.1.jar (layer %s)
                said by bom %s, verified by release key

            localhost:7080/bad:1  sha256:%s  (refused, never published)
              pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1
                /app/app.jar!BOOT-INF/lib/log4j-core-2.14.1.jar (layer %2$s)
                said by bom %s, verified by release key
            """
                .formatted(
                    image("shop:1.0"),
                    Samples.APP_LAYER.shortHex(),
                    document(page, 0),
                    image("bad:1"),
                    document(page, 1)));
  }

  @Test
  void exposedTo() {
    assertThat(AnswerText.render(graph.exposedTo("GHSA-jfh8-c2jp-5v3q", Ask.DEFAULT)))
        .startsWith(
            """
            localhost:7080/shop:1.0  sha256:%s
              CVE-2021-44228 (critical), also GHSA-jfh8-c2jp-5v3q
              pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1, fixed in 2.15.0
                /app/app.jar!BOOT-INF/lib/log4j-core-2.14.1.jar (layer %s)
            """
                .formatted(image("shop:1.0"), Samples.APP_LAYER.shortHex()))
        .doesNotContain("shop:1.1")
        .contains("\n\nJudged by: advisory set, 1 record (");
  }

  @Test
  void refusals() {
    assertThat(AnswerText.render(graph.refusals(Ask.DEFAULT)))
        .isEqualTo(
            """
            localhost:7080/bad:1 refused at 2026-11-21T12:00:00Z (phase build.post, policy built-in)
              image %s
              pass  sbom-present
              fail  no-critical-vulnerabilities: log4j-core 2.14.1 has CVE-2021-44228
                    component log4j-core 2.14.1
                    Update log4j-core to 2.17.1.
            """
                .formatted(Samples.digest("image localhost:7080/bad:1")));
  }

  @Test
  void everyOtherQuestion() {
    assertThat(AnswerText.render(graph.difference("shop:1.0", "shop:1.1", Ask.DEFAULT)))
        .containsPattern("removed +maven a:b +1\n")
        .containsPattern("changed +maven org.apache.logging.log4j:log4j-core +2.14.1 +2.12.3\n")
        .containsPattern(
            "finding-lost +maven org.apache.logging.log4j:log4j-core +2.14.1 +CVE-2021-44228\n")
        .contains("From localhost:7080/shop:1.0");
    assertThat(AnswerText.render(graph.evidence("shop:1.1", Ask.DEFAULT)))
        .contains(
            "https://slsa.dev/provenance/v1", "sigstore-bundle", "verified", "release key", "1234");
    assertThat(AnswerText.render(graph.provenance("shop:1.1", Ask.DEFAULT)))
        .contains(
            "https://bulla.dev/builder",
            "file:shop.jar sha256:" + Samples.digest("shop.jar").shortHex());
    assertThat(AnswerText.render(graph.contents("shop:1.0", Ask.DEFAULT)))
        .startsWith("localhost:7080/shop:1.0  sha256:")
        .containsPattern("pkg:maven/a/b@1 +Apache-2.0 +/app/app.jar!")
        .containsPattern("said by bom [0-9a-f]{12}, verified by release key\n$");
    assertThat(AnswerText.render(graph.findings("shop:1.1", Ask.DEFAULT)))
        .startsWith("Nothing found.\n\nJudged by");
  }

  @Test
  void jsonHasTheSameForEveryQuestion() {
    for (Page<?> page :
        List.of(
            graph.releases(Ask.DEFAULT),
            graph.releasesWith(PackageQuery.parse("pkg:maven/a/b"), Ask.DEFAULT),
            graph.contents("shop:1.0", Ask.DEFAULT),
            graph.exposedTo("CVE-2021-44228", Ask.DEFAULT),
            graph.difference("shop:1.0", "shop:1.1", Ask.DEFAULT),
            graph.evidence("shop:1.1", Ask.DEFAULT),
            graph.provenance("shop:1.1", Ask.DEFAULT),
            graph.refusals(Ask.DEFAULT))) {
      assertThat(page.items()).isNotEmpty();
      assertThat(page.toJson().propertyNames()).containsExactly("items", "note");
      assertThat(page.toJson().get("items").size()).isEqualTo(page.items().size());
    }
    assertThat(graph.releases(Ask.DEFAULT.withLimit(1)).toJson().propertyNames())
        .containsExactly("items", "next", "note");
  }

  @Test
  void theJsonOfAnExposureIsStable() {
    Page<Answer.Exposure> page = graph.exposedTo("CVE-2021-44228", Ask.DEFAULT.withLimit(1));
    Answer.Exposure one = page.items().getFirst();

    assertThat(new String(Json.pretty(one.toJson()), StandardCharsets.UTF_8).replace(" : ", ": "))
        .isEqualTo(
            """
            {
              "release": {
                "reference": "localhost:7080/shop:1.0",
                "image": "%s",
                "status": "shipped",
                "created": "2026-11-21T11:59:00Z",
                "platform": "linux/amd64",
                "recorded": "2026-11-21T12:00:00Z"
              },
              "vulnerability": [ "CVE-2021-44228", "GHSA-jfh8-c2jp-5v3q" ],
              "severity": "critical",
              "component": {
                "type": "maven",
                "name": "org.apache.logging.log4j:log4j-core",
                "version": "2.14.1",
                "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"
              },
              "fixed": [ "2.15.0" ],
              "advisories": [ "GHSA-jfh8-c2jp-5v3q" ],
              "basis": "advisories",
              "places": [ {
                "layer": "%s",
                "path": "/app/app.jar",
                "nested": [ "BOOT-INF/lib/log4j-core-2.14.1.jar" ]
              } ],
              "sources": [ {
                "document": "%s",
                "kind": "https://cyclonedx.org/bom",
                "trust": "verified",
                "authority": "release key",
                "identity": "sha256:0a0b0c"
              } ]
            }
            """
                .formatted(
                    one.release().image(), Samples.APP_LAYER, one.sources().getFirst().document()));
  }
}
