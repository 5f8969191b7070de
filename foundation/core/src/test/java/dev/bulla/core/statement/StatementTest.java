package dev.bulla.core.statement;

import static dev.bulla.core.Failing.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class StatementTest {
  private static final Digest DIGEST = Digest.sha256(new byte[] {1});

  private static Statement parse(String json) {
    return Statement.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String json(String type, String subject) {
    return "{\"_type\":\"%s\",\"subject\":[%s],\"predicateType\":\"p\",\"predicate\":{\"x\":1}}"
        .formatted(type, subject);
  }

  @Test
  void isWrittenInOneWay() {
    ObjectNode predicate = Json.object();
    predicate.put("b", 1);
    predicate.put("a", 2);
    Statement statement = Statement.about(DIGEST, PredicateTypes.SLSA_PROVENANCE_V1, predicate);

    assertThat(new String(statement.toJson(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"digest\":{\"sha256\":\"%s\"}}],"
                    .formatted(DIGEST.hex())
                + "\"predicateType\":\"https://slsa.dev/provenance/v1\",\"predicate\":{\"b\":1,\"a\":2}}");
    assertThat(Statement.parse(statement.toJson())).isEqualTo(statement);
  }

  @Test
  void keepsNamesAndAnnotationsOfItsSubjects() {
    Subject subject =
        new Subject(
            Optional.of("app"),
            Map.of("sha256", DIGEST.hex(), "gitCommit", "abc"),
            Map.of("k", "v"));
    Statement statement = new Statement(List.of(subject), "p", Json.object());
    assertThat(Statement.parse(statement.toJson()).subjects()).containsExactly(subject);
  }

  @Test
  void isAboutADigestOnlyUnderItsAlgorithm() {
    Statement statement = Statement.about(DIGEST, "p", Json.object());
    assertThat(statement.isAbout(DIGEST)).isTrue();
    assertThat(statement.isAbout(Digest.sha256(new byte[] {2}))).isFalse();
    Subject confused = new Subject(Optional.empty(), Map.of("sha512", DIGEST.hex()), Map.of());
    assertThat(confused.matches(DIGEST)).isFalse();
  }

  @Test
  void readsTheOldTypeThatCosignWrites() {
    String subject = "{\"name\":\"a\",\"digest\":{\"sha256\":\"%s\"}}".formatted(DIGEST.hex());
    assertThat(parse(json(Statement.TYPE_V01, subject)).isAbout(DIGEST)).isTrue();
  }

  @Test
  void anSpdxDocumentInTagValueFormIsAText() {
    String text =
        json(Statement.TYPE_V01, "{\"digest\":{\"sha256\":\"%s\"}}".formatted(DIGEST.hex()))
            .replace("\"p\"", '"' + PredicateTypes.SPDX + '"')
            .replaceFirst("\"predicate\":\\{.*?\\}", "\"predicate\":\"SPDXVersion: SPDX-2.3\"");
    assertThat(parse(text).predicate().asString()).isEqualTo("SPDXVersion: SPDX-2.3");
    assertFails(
        ErrorCode.FIELD_INVALID,
        () -> parse(text.replace(PredicateTypes.SPDX, PredicateTypes.CYCLONEDX)));
  }

  @Test
  void refusesWhatIsNoStatement() {
    String subject = "{\"digest\":{\"sha256\":\"%s\"}}".formatted(DIGEST.hex());
    assertFails(ErrorCode.STATEMENT_INVALID, () -> parse(json("https://in-toto.io/Link", subject)));
    assertFails(ErrorCode.STATEMENT_INVALID, () -> parse(json(Statement.TYPE_V1, "")));
    assertFails(ErrorCode.STATEMENT_INVALID, () -> parse(json(Statement.TYPE_V1, "{}")));
    assertFails(
        ErrorCode.STATEMENT_INVALID,
        () -> parse(json(Statement.TYPE_V1, subject + ("," + subject).repeat(1024))));
    assertFails(
        ErrorCode.STATEMENT_INVALID,
        () -> parse(json(Statement.TYPE_V1, subject).replace("\"p\"", "\"\"")));
    assertFails(ErrorCode.JSON_MALFORMED, () -> parse(json(Statement.TYPE_V1, subject) + "x"));
    assertFails(
        ErrorCode.JSON_DUPLICATE_KEY,
        () ->
            parse(
                json(Statement.TYPE_V1, subject)
                    .replace("{\"_type\"", "{\"_type\":\"x\",\"_type\"")));
  }

  @Test
  void nobodyChangesThePredicateFromOutside() {
    ObjectNode predicate = Json.object();
    Statement statement = Statement.about(DIGEST, "p", predicate);
    predicate.put("late", true);
    assertThat(statement.predicate().isEmpty()).isTrue();
  }
}
