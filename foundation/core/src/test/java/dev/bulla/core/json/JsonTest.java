package dev.bulla.core.json;

import static dev.bulla.core.Failing.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.ErrorCode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Strict JSON and YAML, and reading objects field by field. */
class JsonTest {

  private static JsonNode parse(String json) {
    return Json.parse(json.getBytes(StandardCharsets.UTF_8), "doc");
  }

  private static Fields fields(String json) {
    return Fields.of(parse(json), "doc");
  }

  @Test
  void readsOrdinaryDocuments() {
    JsonNode node = parse(" {\"a\":[1,2.50,null,true],\"b\":\"ä\\u0000\"}\n");
    assertThat(node.path("a").size()).isEqualTo(4);
    assertThat(node.path("a").get(1).decimalValue()).isEqualTo(new BigDecimal("2.50"));
    assertThat(new String(Json.write(node), StandardCharsets.UTF_8))
        .isEqualTo("{\"a\":[1,2.50,null,true],\"b\":\"ä\\u0000\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "\"a\"",
        "{\"a\":{\"b\":[[],{},[null,true,false]]},\"c\":\"\\u00e9\\n\"}",
        "[0,-1,2147483647,2147483648,-2147483649,9223372036854775807,9223372036854775808]",
        "[-0,0.0,-0.0,1.10,1e3,1E-3,123456789012345678901234567890.5,1e400]"
      })
  void treeIsThatOfJacksonsOwnReader(String json) {
    JsonMapper jackson =
        JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    assertThat(parse(json)).isEqualTo(jackson.readTree(json));
    assertThat(parse(json).toString()).isEqualTo(jackson.readTree(json).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "[01]",
        "[+1]",
        "[.5]",
        "[1.]",
        "[NaN]",
        "[Infinity]",
        "[0x1]",
        "nul",
        "{} {}",
        "{}x",
        "1 2",
        "[\"a\nb\"]",
        "[\"\\x\"]",
        "/*c*/{}",
        "{}//c",
        "\ufeff{}"
      })
  void refusesWhatIsNotExactlyOneDocument(String text) {
    assertThatThrownBy(() -> parse(text)).hasMessageStartingWith("doc");
    assertFails(ErrorCode.JSON_MALFORMED, () -> parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"a\":1,\"a\":1}", "{\"x\":{\"a\":1,\"\\u0061\":2}}", "[{\"\":1,\"\":2}]"})
  void refusesAKeyTwice(String text) {
    assertFails(ErrorCode.JSON_DUPLICATE_KEY, () -> parse(text));
  }

  @Test
  void refusesDepthAndSize() {
    assertThat(parse("[".repeat(256) + "]".repeat(256)).isArray()).isTrue();
    assertFails(ErrorCode.JSON_TOO_DEEP, () -> parse("[".repeat(257) + "]".repeat(257)));
    assertFails(ErrorCode.JSON_TOO_DEEP, () -> parse("{\"a\":".repeat(10_000)));
    assertFails(ErrorCode.INPUT_TOO_LARGE, () -> Json.parse(new byte[11], 10, "doc"));
    assertFails(ErrorCode.INPUT_TOO_LARGE, () -> parse("[" + "1".repeat(1000) + "]"));
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    for (byte[] bad :
        List.of(
            new byte[] {'"', (byte) 0xff, '"'},
            new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'}, // overlong
            new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}, // a surrogate
            new byte[] {'"', (byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80, '"'},
            new byte[] {'"', (byte) 0xe2, (byte) 0x82, '"'},
            "{}".getBytes(StandardCharsets.UTF_16LE),
            "{}".getBytes(StandardCharsets.UTF_16BE))) {
      assertFails(ErrorCode.JSON_MALFORMED, () -> Json.parse(bad, "doc"));
    }
  }

  @Test
  void anObjectIsAskedForWhereOneIsNeeded() {
    assertFails(
        ErrorCode.JSON_MALFORMED,
        () -> Json.parseObject("[]".getBytes(StandardCharsets.UTF_8), "doc"));
  }

  @Test
  void prettyEndsWithALineFeed() {
    assertThat(new String(Json.pretty(parse("{\"a\":1}")), StandardCharsets.UTF_8))
        .isEqualTo("{\n  \"a\" : 1\n}\n");
  }

  @Test
  void fieldsAreReadByTheirKind() {
    Fields root =
        fields(
            "{\"s\":\"x\",\"n\":7,\"b\":true,\"o\":{\"p\":\"q\"},\"l\":[\"a\"],\"os\":[{}],\"nul\":null}");
    assertThat(root.string("s")).isEqualTo("x");
    assertThat(root.integer("n")).isEqualTo(7);
    assertThat(root.optionalBoolean("b")).contains(true);
    assertThat(root.object("o").pointer()).isEqualTo("/o");
    assertThat(root.stringMap("o")).isEqualTo(Map.of("p", "q"));
    assertThat(root.strings("l")).containsExactly("a");
    assertThat(root.objects("os")).hasSize(1);
    assertThat(root.optionalString("nul")).isEmpty();
    assertThat(root.has("nul")).isFalse();
    assertThat(root.strings("absent")).isEmpty();
  }

  @Test
  void aFieldOfAnotherKindIsToldWithItsPlace() {
    Fields root = fields("{\"o\":{\"x\":[1]},\"n\":1.5,\"big\":99999999999999999999}");
    assertThatThrownBy(() -> root.object("o").string("x"))
        .hasMessage("doc: /o/x is an array, expected a string");
    assertThatThrownBy(() -> root.string("missing")).hasMessage("doc: /missing is missing");
    assertFails(ErrorCode.FIELD_INVALID, () -> root.integer("n"));
    assertFails(ErrorCode.FIELD_INVALID, () -> root.integer("big"));
    assertFails(ErrorCode.FIELD_INVALID, () -> root.object("o").strings("x"));
    assertFails(ErrorCode.FIELD_INVALID, () -> root.object("o").objects("x"));
    assertFails(ErrorCode.FIELD_INVALID, () -> root.stringMap("o"));
    assertFails(ErrorCode.FIELD_INVALID, () -> root.optionalBoolean("n"));
    assertFails(ErrorCode.FIELD_INVALID, () -> fields("[]"));
  }

  @Test
  void anUnknownFieldIsToldWithTheNearestName() {
    Fields root = fields("{\"custmize\":[]}");
    assertThatThrownBy(() -> root.only("customize", "source"))
        .hasMessageContaining("unknown field 'custmize'")
        .extracting("nextStep")
        .isEqualTo("Did you mean 'customize'?");
    assertThatThrownBy(() -> fields("{\"zzz\":1}").only("a", "b"))
        .extracting("nextStep")
        .isEqualTo("Known fields: a, b.");
    assertThat(fields("{\"a\":1}").only("a").has("a")).isTrue();
  }

  @Test
  void theNearestNameIsNearEnough() {
    assertThat(Nearest.to("sourse", List.of("source", "customize"))).contains("source");
    assertThat(Nearest.to("SOURCE", List.of("source"))).contains("source");
    assertThat(Nearest.to("abc", List.of("xyz"))).isEmpty();
    assertThat(Nearest.to("abc", List.of())).isEmpty();
  }

  private static JsonNode yaml(String text) {
    return Yaml.parse(text.getBytes(StandardCharsets.UTF_8), "doc");
  }

  @Test
  void yamlIsReadIntoTheSameModel() {
    assertThat(yaml("a: [1, x]\nb:\n  c: true\n"))
        .isEqualTo(parse("{\"a\":[1,\"x\"],\"b\":{\"c\":true}}"));
  }

  @Test
  void yamlIsHeldToTheSameRules() {
    assertFails(ErrorCode.JSON_DUPLICATE_KEY, () -> yaml("a: 1\na: 2\n"));
    assertThatThrownBy(() -> yaml("a: [1\n")).isInstanceOf(dev.bulla.core.BullaException.class);
    assertThatThrownBy(() -> yaml("a: 1\n---\nb: 2\n"))
        .isInstanceOf(dev.bulla.core.BullaException.class);
    assertFails(ErrorCode.JSON_MALFORMED, () -> yaml(""));
    assertFails(
        ErrorCode.JSON_MALFORMED, () -> Yaml.parse(new byte[] {'a', ':', ' ', (byte) 0xff}, "doc"));
    assertFails(ErrorCode.JSON_MALFORMED, () -> yaml("a: &x 1\nb: *x\n"));
    assertFails(ErrorCode.JSON_MALFORMED, () -> yaml("a: *none\n"));
    assertThat(yaml("a: &x 1\nb: '*x'\n")).isEqualTo(parse("{\"a\":1,\"b\":\"*x\"}"));
    assertThatThrownBy(() -> yaml("a: " + "[".repeat(10_000)))
        .isInstanceOf(dev.bulla.core.BullaException.class);
  }

  @Test
  void aNumberHasItsLimitWhereAliasesAreWrittenOutToo() {
    assertThat(expanded("a: " + "9".repeat(400)).path("a").isIntegralNumber()).isTrue();
    assertThatThrownBy(() -> expanded("a: " + "9".repeat(401)))
        .hasMessageContaining("a number of more than 400 characters");
    assertThat(expanded("a: '" + "9".repeat(401) + "'").path("a").isString()).isTrue();
  }

  private static JsonNode expanded(String text) {
    return Yaml.parseWithAliases(text.getBytes(StandardCharsets.UTF_8), "doc");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          a: &x 1; b: *x                               | {"a":1,"b":1}
          a: &x [1, {c: null}]; b: [*x, *x]            | {"a":[1,{"c":null}],"b":[[1,{"c":null}],[1,{"c":null}]]}
          a: &x {c: y}; b: {<<: *x, d: z}              | {"a":{"c":"y"},"b":{"d":"z","c":"y"}}
          a: &x {c: y}; b: {<<: *x, c: z}              | {"a":{"c":"y"},"b":{"c":"z"}}
          a: &x {c: y}; b: {c: y, <<: *x}              | {"a":{"c":"y"},"b":{"c":"y"}}
          a: &x {c: 1}; b: {<<: [*x, {c: 2, d: 3}]}    | {"a":{"c":1},"b":{"c":1,"d":3}}
          a: &x {c: 1}; b: &y {<<: *x, d: 2}; e: {<<: *y} | {"a":{"c":1},"b":{"d":2,"c":1},"e":{"d":2,"c":1}}
          a: &x 1; b: &x 2; c: *x                      | {"a":1,"b":2,"c":2}
          a: {<<: {b: 1.5, c: true}}                   | {"a":{"b":1.5,"c":true}}
          a: {"<<": {b: 0x10}, d: !!str 7, e: ! "f"}   | {"a":{"<<":{"b":16},"d":"7","e":"f"}}
          &k a: *k; c: {*k : b}                        | {"a":"a","c":{"a":"b"}}
          """)
  void aliasesAndMergeKeysAreWrittenOutAsKubectlDoes(String text, String json) {
    JsonNode read = expanded(text.replace("; ", "\n"));
    assertThat(read).hasToString(parse(json).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a: *none                       | JSON_MALFORMED
          a: &x [*x]                     | JSON_MALFORMED
          a: &x 1; b: &x [*x]            | JSON_MALFORMED
          a: &x {c: 1}; b: {c: 2, <<: *x} | JSON_MALFORMED
          a: &x 1; b: {<<: *x}           | JSON_MALFORMED
          a: {<<: [1]}                   | JSON_MALFORMED
          a: 1; --- ; b: 2               | JSON_MALFORMED
          a: 1; a: 2                     | JSON_DUPLICATE_KEY
          &k a: *k; *k : b               | JSON_DUPLICATE_KEY
          a: !!binary YQ==               | JSON_MALFORMED
          a: .inf                        | JSON_MALFORMED
          ? [x]; : y                     | JSON_MALFORMED
          a: [                           | JSON_MALFORMED
          ;                              | JSON_MALFORMED
          """)
  void aliasesThatMeanNothingCertainAreRefused(String text, ErrorCode code) {
    assertFails(code, () -> expanded(text.replace(";", "\n").replace("\n ", "\n")));
  }

  @Test
  void aliasesCannotGrowWithoutEnd() {
    StringBuilder doubling = new StringBuilder("a0: &a0 [x, x]\n");
    StringBuilder nesting = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 300; i++) {
      doubling.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
      nesting.append("a%d: &a%d [*a%d]\n".formatted(i, i, i - 1));
    }
    assertFails(ErrorCode.INPUT_TOO_LARGE, () -> expanded(doubling.toString()));
    assertThatThrownBy(() -> expanded(nesting.toString()))
        .isInstanceOf(dev.bulla.core.BullaException.class);
  }
}
