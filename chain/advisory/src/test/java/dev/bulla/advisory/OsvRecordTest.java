package dev.bulla.advisory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.advisory.Advisory.Event;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OsvRecordTest {
  @Test
  void readsWhatMatchingNeedsAndOverlooksTheRest() {
    Advisory advisory =
        parse(
            """
            {"schema_version":"1.9.0","id":"GHSA-1","modified":"2026-01-02T03:04:05.5+01:00","aliases":["CVE-2026-1"],
             "upstream":["CVE-2026-2"],"related":["CVE-2026-3"],"summary":"A\\nb","published":"2026-01-01T00:00:00Z",
             "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"new":{"x":[1]},
             "affected":[{"package":{"ecosystem":"npm","name":"left","purl":"pkg:npm/left"},"versions":["1.0.0"],
              "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.1.0"}]}],
              "ecosystem_specific":{"urgency":"high"}}],"database_specific":{"severity":"MODERATE"}}
            """);
    assertThat(advisory.id()).isEqualTo("GHSA-1");
    assertThat(advisory.modified()).isEqualTo(Instant.parse("2026-01-02T02:04:05.5Z"));
    assertThat(advisory.aliases()).containsExactly("CVE-2026-1");
    assertThat(advisory.upstream()).containsExactly("CVE-2026-2");
    assertThat(advisory.related()).containsExactly("CVE-2026-3");
    assertThat(advisory.summary()).isEqualTo("A b");
    assertThat(advisory.withdrawn()).isEmpty();
    assertThat(advisory.severityWord()).contains("MODERATE");
    assertThat(advisory.severity()).hasSize(1);
    Advisory.Affected affected = advisory.affected().getFirst();
    assertThat(affected.key()).isEqualTo(new PackageKey("npm", "left"));
    assertThat(affected.severityWord()).contains("high");
    assertThat(affected.versions()).containsExactly("1.0.0");
    assertThat(affected.ranges().getFirst().events())
        .containsExactly(
            new Event(Event.Kind.INTRODUCED, "0"), new Event(Event.Kind.FIXED, "1.1.0"));
  }

  @Test
  void readsEventsThatAFeedWritesAsOneObject() {
    Advisory advisory =
        parse(
            """
            {"id":"X-1","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"a"},
             "ranges":[{"type":"ECOSYSTEM","events":{"introduced":"0","fixed":"1"}}]}]}
            """);
    assertThat(advisory.affected().getFirst().ranges().getFirst().events())
        .containsExactlyInAnyOrder(
            new Event(Event.Kind.INTRODUCED, "0"), new Event(Event.Kind.FIXED, "1"));
  }

  @Test
  void leavesOutPackagesWithoutNameButKeepsTheRecord() {
    Advisory advisory =
        parse(
            """
            {"id":"X-1","modified":"2026-01-01T00:00:00Z","affected":[{"ranges":[{"type":"GIT","events":[{"introduced":"0"}]}]}]}
            """);
    assertThat(advisory.affected()).isEmpty();
  }

  @Test
  void takesTheFirstLineOfTheDetailsForAMissingSummary() {
    assertThat(
            parse(
                    "{\"id\":\"X\",\"modified\":\"2026-01-01T00:00:00Z\",\"details\":\"\\n#"
                        + " What\\nmore\"}")
                .summary())
        .isEqualTo("What");
  }

  @Test
  void readsTheUnknownTimeOfSomeFeeds() {
    assertThat(parse("{\"id\":\"X\",\"modified\":\"1-01-01T00:00:00Z\"}").modified())
        .isEqualTo(Instant.parse("0001-01-01T00:00:00Z"));
  }

  @Test
  void makesTextFitToBeWrittenAgain() {
    String text = "\\ud800" + "x".repeat(5000);
    assertThat(
            parse(
                    "{\"id\":\"X\",\"modified\":\"2026-01-01T00:00:00Z\",\"summary\":\""
                        + text
                        + "\"}")
                .summary())
        .startsWith("\ufffdx")
        .hasSize(300);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"id\":\"X\"}",
        "{\"id\":\"\",\"modified\":\"2026-01-01T00:00:00Z\"}",
        "{\"id\":\"a b\",\"modified\":\"2026-01-01T00:00:00Z\"}",
        "{\"id\":\"X\",\"modified\":\"yesterday\"}",
        "{\"id\":\"X\",\"modified\":\"2026-01-01T00:00:00Z\",\"withdrawn\":\"no\"}",
        "{\"id\":\"X\",\"modified\":\"2026-01-01T00:00:00Z\",\"aliases\":[\"\\u0000\"]}",
        "{\"id\":\"X\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{\"package\":{\"ecosystem\":\"\",\"name\":\"a\"}}]}"
      })
  void refusesWhatIsNoRecord(String json) {
    assertCode(json, ErrorCode.ADVISORY_INVALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{\"id\":1,\"modified\":\"2026-01-01T00:00:00Z\"}",
        "{\"id\":\"X\",\"modified\":\"2026-01-01T00:00:00Z\",\"aliases\":\"CVE-1\"}",
        "{\"id\":\"X\",\"modified\":\"2026-01-01T00:00:00Z\",\"aliases\":[1]}",
        "{\"id\":\"X\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":{}}",
        "{\"id\":\"X\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"a\"},"
            + "\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":0}]}]}]}"
      })
  void refusesMembersOfAnotherKind(String json) {
    assertCode(json, ErrorCode.FIELD_INVALID);
  }

  @Test
  void refusesHostileJson() {
    assertCode(
        "{\"id\":\"X\",\"id\":\"Y\",\"modified\":\"2026-01-01T00:00:00Z\"}",
        ErrorCode.JSON_DUPLICATE_KEY);
    assertCode("[".repeat(10_000) + "]".repeat(10_000), ErrorCode.JSON_TOO_DEEP);
    assertCode("{\"id\":\"X\"", ErrorCode.JSON_MALFORMED);
    assertCode("", ErrorCode.JSON_MALFORMED);
    assertThatThrownBy(() -> OsvRecord.parse(new byte[OsvRecord.MAX_BYTES + 1], "x"))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INPUT_TOO_LARGE));
  }

  @Test
  void refusesEndlessLists() {
    String events =
        IntStream.rangeClosed(0, 10_000)
            .mapToObj(i -> "{\"fixed\":\"" + i + "\"}")
            .collect(Collectors.joining(","));
    assertCode(
        "{\"id\":\"X\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"a\"},"
            + "\"ranges\":[{\"type\":\"SEMVER\",\"events\":["
            + events
            + "]}]}]}",
        ErrorCode.ADVISORY_INVALID);
    String aliases = String.join(",", List.copyOf(Collections.nCopies(10_001, "\"CVE-1\"")));
    assertCode(
        "{\"id\":\"X\",\"modified\":\"2026-01-01T00:00:00Z\",\"aliases\":[" + aliases + "]}",
        ErrorCode.ADVISORY_INVALID);
  }

  private static void assertCode(String json, ErrorCode code) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static Advisory parse(String json) {
    return OsvRecord.parse(json.getBytes(StandardCharsets.UTF_8), "test.json");
  }
}
