package dev.bulla.advisory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ScanReportTest {
  private static final Digest IMAGE = Digest.sha256(new byte[0]);
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00.123Z");

  private static AdvisorySet set;

  @BeforeAll
  static void loadsTheSnapshot() throws URISyntaxException {
    set =
        AdvisorySet.load(
            Path.of(
                Objects.requireNonNull(ScanReportTest.class.getResource("/advisories.zip"))
                    .toURI()));
  }

  @AfterAll
  static void closes() {
    set.close();
  }

  @Test
  void aReportIsReadBackFromItsStatementAsItWas() {
    ScanReport report = report("large");
    Statement statement = report.toStatement(IMAGE, NOW, "0.1.0");
    Statement read = Statement.parse(statement.toJson());
    assertThat(ScanReport.fromStatement(read)).isEqualTo(report);
    assertThat(read.isAbout(IMAGE)).isTrue();
    assertThat(report.toStatement(IMAGE, NOW, "0.1.0").toJson()).isEqualTo(statement.toJson());
  }

  @Test
  void theStatementHasWhatTheSpecificationRequires() {
    JsonNode predicate = report("small").toStatement(IMAGE, NOW, "0.1.0").predicate();
    assertThat(predicate.at("/metadata/scanStartedOn").asString())
        .isEqualTo("2026-11-21T12:00:00Z");
    assertThat(predicate.at("/metadata/scanFinishedOn").asString())
        .isEqualTo("2026-11-21T12:00:00Z");
    assertThat(predicate.at("/scanner/uri").asString()).isEqualTo("https://bulla.dev/scan");
    assertThat(predicate.at("/scanner/version").asString()).isEqualTo("0.1.0");
    assertThat(predicate.at("/scanner/db/version").asString()).startsWith("sha256:");
    assertThat(predicate.at("/scanner/db/lastUpdate").asString()).endsWith("Z");
    assertThat(predicate.at("/scanner/db/records").asInt()).isEqualTo(1597);
    assertThat(predicate.at("/scanner/result").isArray()).isTrue();
    for (JsonNode result : predicate.at("/scanner/result")) {
      assertThat(result.path("id").asString()).isNotEmpty();
      assertThat(result.at("/severity/0/method").asString()).isEqualTo("level");
      for (JsonNode severity : result.path("severity")) {
        assertThat(severity.path("score").isString()).isTrue();
      }
      assertThat(result.path("annotations")).hasSize(1);
    }
  }

  @Test
  void theExampleInTheDocumentationIsWhatTheProgramWritesAndReads() throws IOException {
    String page = Files.readString(Path.of("../../docs/scan.md"));
    String json =
        page.substring(
            page.indexOf("```json\n") + 8, page.indexOf("```\n", page.indexOf("```json\n") + 8));
    JsonNode example = Json.parse(json.getBytes(StandardCharsets.UTF_8), "docs/scan.md");
    ScanReport report =
        ScanReport.fromStatement(
            Statement.about(IMAGE, PredicateTypes.VULNERABILITIES_V02, example));
    assertThat(
            report.toStatement(IMAGE, Instant.parse("2026-11-21T12:00:00Z"), "0.1.0").predicate())
        .isEqualTo(example);
  }

  @Test
  void refusesStatementsOfAnotherKindOrScanner() {
    ObjectNode predicate =
        (ObjectNode) report("small-apk").toStatement(IMAGE, NOW, "0.1.0").predicate().deepCopy();
    assertCode(PredicateTypes.SPDX, predicate, ErrorCode.STATEMENT_INVALID);
    ((ObjectNode) predicate.path("scanner")).remove("report");
    assertCode(PredicateTypes.VULNERABILITIES_V02, predicate, ErrorCode.STATEMENT_INVALID);
    predicate.remove("scanner");
    assertCode(PredicateTypes.VULNERABILITIES_V02, predicate, ErrorCode.FIELD_INVALID);
  }

  @Test
  void refusesADamagedReport() {
    ObjectNode predicate =
        (ObjectNode) report("small").toStatement(IMAGE, NOW, "0.1.0").predicate().deepCopy();
    ((ObjectNode) predicate.at("/scanner/result/0")).remove("annotations");
    assertCode(PredicateTypes.VULNERABILITIES_V02, predicate, ErrorCode.FIELD_INVALID);
    ObjectNode other =
        (ObjectNode) report("small").toStatement(IMAGE, NOW, "0.1.0").predicate().deepCopy();
    ((ObjectNode) other.at("/scanner/db")).put("lastUpdate", "lately");
    assertCode(PredicateTypes.VULNERABILITIES_V02, other, ErrorCode.FIELD_INVALID);
  }

  private static void assertCode(String type, JsonNode predicate, ErrorCode code) {
    Statement statement = Statement.about(IMAGE, type, predicate);
    assertThatThrownBy(() -> ScanReport.fromStatement(statement))
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static ScanReport report(String image) {
    return Matcher.match(TruthInventory.of(image), set);
  }
}
