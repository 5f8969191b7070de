package dev.bulla.graph;

import static dev.bulla.graph.Samples.NOON;
import static dev.bulla.graph.Samples.advisories;
import static dev.bulla.graph.Samples.component;
import static dev.bulla.graph.Samples.failed;
import static dev.bulla.graph.Samples.inventory;
import static dev.bulla.graph.Samples.log4j;
import static dev.bulla.graph.Samples.log4shell;
import static dev.bulla.graph.Samples.maven;
import static dev.bulla.graph.Samples.release;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.PackageQuery;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.inventory.Component;
import dev.bulla.inventory.Location;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written, and what is not written twice. */
class RecordingTest {
  @TempDir Path folder;
  private Graph graph;

  @BeforeEach
  void open() {
    graph = Samples.emptyGraph(folder);
  }

  @AfterEach
  void close() {
    graph.close();
  }

  private Map<String, Long> rows() throws SQLException {
    Map<String, Long> rows = new TreeMap<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("graph.db"));
        Statement statement = connection.createStatement()) {
      List<String> tables = new ArrayList<>();
      try (ResultSet all =
          statement.executeQuery("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
        while (all.next()) {
          tables.add(all.getString(1));
        }
      }
      for (String table : tables) {
        try (ResultSet count = statement.executeQuery("SELECT count(*) FROM " + table)) {
          rows.put(table, count.getLong(1));
        }
      }
    }
    return rows;
  }

  @Test
  void theSameRecordTwiceAddsNothing() throws SQLException {
    try (AdvisorySet set = advisories(folder, log4shell("2021-12-10T00:00:00Z", ""))) {
      graph.importAdvisories(set);
      Samples.Draft draft =
          release("localhost:7080/app:1")
              .holding(log4j("2.14.1"), maven("a", "b", "1"))
              .scanned(set)
              .builtBy(
                  "https://example.org/builder",
                  new ReleaseRecord.Material("file:x", Optional.empty()))
              .refused(failed("rule", "message"));
      graph.record(draft.build());
      Map<String, Long> once = rows();

      graph.record(draft.build());
      graph.record(draft.at(NOON.plusSeconds(5)).build());
      graph.importAdvisories(set);

      assertThat(rows()).isEqualTo(once);
      assertThat(once)
          .containsEntry("release", 1L)
          .containsEntry("finding", 1L)
          .containsEntry("affects", 1L);
    }
  }

  @Test
  void aChangedVerificationIsAddedToTheHistory() throws SQLException {
    graph.record(release("localhost:7080/app:1").holding(log4j("2.14.1")).build());
    graph.record(
        release("localhost:7080/app:1")
            .at(NOON.plusSeconds(1))
            .trust(Trust.REJECTED)
            .holding(log4j("2.14.1"))
            .build());

    assertThat(rows()).containsEntry("verification", 2L).containsEntry("evidence", 1L);
  }

  @Test
  void imagesShareTheSetsOfTheLayersThatTheyShare() throws SQLException {
    Digest base = Samples.digest("layer: base");
    for (int i = 0; i < 10; i++) {
      List<Component> components = new ArrayList<>();
      for (int p = 0; p < 50; p++) {
        components.add(
            in(
                base,
                component(
                    "deb",
                    "lib" + p,
                    "1",
                    "pkg:deb/debian/lib" + p + "@1",
                    "/var/lib/dpkg/status")));
      }
      components.add(maven("app", "app", "1." + i));
      graph.record(
          release("localhost:7080/app:" + i).holding(components.toArray(Component[]::new)).build());
    }

    assertThat(rows())
        .containsEntry("component_set", 11L)
        .containsEntry("set_member", 60L)
        .containsEntry("place", 60L)
        .containsEntry("image_set", 20L);
    assertThat(graph.releasesWith(PackageQuery.parse("pkg:deb/debian/lib7"), Ask.DEFAULT).items())
        .hasSize(10);
  }

  private static Component in(Digest layer, Component component) {
    return new Component(
        component.type(),
        component.name(),
        component.version(),
        component.purl(),
        component.licences(),
        component.sourceName(),
        component.sourceVersion(),
        component.ownedBy(),
        List.of(
            new Location(Optional.of(layer), component.locations().getFirst().path(), List.of())),
        Map.of(),
        Map.of());
  }

  @Test
  void differentSpellingsOfAPurlAreOnePackage() throws SQLException {
    graph.record(
        release("localhost:7080/app:1")
            .holding(
                component("pypi", "django", "1.0", "pkg:pypi/Django@1.0?checksum=sha1:ad", "/a"))
            .build());
    graph.record(
        release("localhost:7080/app:2")
            .holding(component("pypi", "django", "1.0", "pkg:pypi/django@1.0#sub/path", "/a"))
            .build());

    assertThat(rows()).containsEntry("package_version", 1L);
  }

  @Test
  void aComponentWithoutPurlIsAskedForByName() {
    graph.record(
        release("localhost:7080/app:1")
            .holding(component("maven", "unknown", "", "", "/x.jar"))
            .build());

    assertThat(graph.contents("localhost:7080/app:1", Ask.DEFAULT).items().getFirst().component())
        .hasToString("unknown");
    assertThat(graph.releasesWith(PackageQuery.parse("pkg:maven/unknown"), Ask.DEFAULT).items())
        .hasSize(1);
  }

  @Test
  void anInventoryWithoutComponentsIsAStatementToo() {
    graph.record(release("localhost:7080/empty:1").holding().build());
    graph.record(release("localhost:7080/silent:1").build());

    assertThat(graph.contents("localhost:7080/empty:1", Ask.DEFAULT).note())
        .contains("lists no component");
    assertThat(graph.contents("localhost:7080/silent:1", Ask.DEFAULT).note())
        .contains("No document says");
  }

  @Test
  void allPlacesOfAComponentAreKept() {
    Component twice =
        new Component(
            "maven",
            "a:b",
            "1",
            Optional.of("pkg:maven/a/b@1"),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(
                new Location(Optional.empty(), "/one.jar", List.of()),
                new Location(Optional.empty(), "/two.jar", List.of("inner.jar", "deep.jar"))),
            Map.of(),
            Map.of());
    graph.record(release("localhost:7080/app:1").holding(twice).build());

    assertThat(graph.contents("localhost:7080/app:1", Ask.DEFAULT).items().getFirst().places())
        .extracting(Location::toString)
        .containsExactly("/one.jar", "/two.jar!inner.jar!deep.jar");
  }

  @Test
  void hostileTextIsDataLikeAnyOther() {
    String quote = "x'); DROP TABLE release; --\"`%_\\";
    String longName = "n".repeat(10_000);
    graph.record(
        release("localhost:7080/app:1")
            .holding(
                component("maven", quote, quote, "", "/" + quote),
                component("maven", longName, "1\u0000\u202e2", "", "/" + longName),
                component("maven", "lone \ud800 surrogate", "\u001b[31m", "pkg:not a purl", ""))
            .build());

    Page<Answer.Content> page = graph.contents("localhost:7080/app:1", Ask.DEFAULT);
    assertThat(page.items()).hasSize(3);
    assertThat(page.items()).extracting(item -> item.component().name()).contains(quote, longName);
    assertThat(AnswerText.render(page)).doesNotContain("\u001b", "\u202e", "\u0000");
    assertThat(page.toJson().toString()).contains("DROP TABLE");
    assertThat(graph.exposedTo(quote, Ask.DEFAULT).items()).isEmpty();
    assertThat(graph.releases(Ask.DEFAULT).items()).hasSize(1);
  }

  @Test
  void textBeyondAllMeasureIsRefusedAndNothingIsWritten() throws SQLException {
    Map<String, Long> before = rows();
    ReleaseRecord record =
        release("localhost:7080/app:1")
            .holding(component("maven", "n".repeat(70_000), "1", "", "/x"))
            .build();

    assertThatThrownBy(() -> graph.record(record))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INPUT_TOO_LARGE));
    assertThat(rows()).isEqualTo(before);
  }

  @Test
  void aFactWithoutItsDocumentIsRefused() {
    assertThatThrownBy(() ->
            new ReleaseRecord(
                dev.bulla.core.Reference.parse("a.example/b:1"),
                Samples.digest("image"),
                Optional.empty(),
                Optional.empty(),
                ReleaseRecord.Decision.PASSED,
                NOON,
                List.of(),
                List.of(new ReleaseRecord.Contents(Samples.digest("sbom"), inventory())),
                List.of(),
                List.of(),
                List.of()))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STATEMENT_MISSING));
  }

  @Test
  void scansMayJoinNamesAndTheJoinCanBeTakenBack() {
    try (AdvisorySet joined =
            advisories(
                folder,
                Samples.osv(
                    "GHSA-a",
                    "2026-01-01T00:00:00Z",
                    "\"aliases\":[\"CVE-1\",\"CVE-2\"],",
                    "Maven",
                    "a:b",
                    "{\"introduced\":\"0\"}"));
        AdvisorySet apart =
            advisories(
                folder,
                Samples.osv(
                    "GHSA-a",
                    "2026-01-02T00:00:00Z",
                    "\"aliases\":[\"CVE-1\"],",
                    "Maven",
                    "a:b",
                    "{\"introduced\":\"0\"}"),
                Samples.osv(
                    "GHSA-b",
                    "2026-01-02T00:00:00Z",
                    "\"aliases\":[\"CVE-2\"],",
                    "Maven",
                    "c:d",
                    "{\"introduced\":\"0\"}"))) {
      graph.record(release("localhost:7080/app:1").holding(maven("a", "b", "1")).build());
      graph.importAdvisories(joined);
      assertThat(graph.exposedTo("CVE-2", Ask.DEFAULT).items()).hasSize(1);

      graph.importAdvisories(apart);
      assertThat(graph.exposedTo("CVE-2", Ask.DEFAULT).items()).isEmpty();
      assertThat(graph.exposedTo("CVE-1", Ask.DEFAULT).items()).hasSize(1);
    }
  }
}
