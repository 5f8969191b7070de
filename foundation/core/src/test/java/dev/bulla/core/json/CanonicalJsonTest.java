package dev.bulla.core.json;

import static dev.bulla.core.Failing.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of RFC 8785 and what they leave open. */
class CanonicalJsonTest {

  private static String canonical(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return new String(Json.canonical(Json.parse(bytes, "test")), StandardCharsets.UTF_8);
  }

  @ParameterizedTest // RFC 8785 appendix B
  @CsvSource({
    "0000000000000000, 0",
    "8000000000000000, 0",
    "0000000000000001, 5e-324",
    "8000000000000001, -5e-324",
    "7fefffffffffffff, 1.7976931348623157e+308",
    "ffefffffffffffff, -1.7976931348623157e+308",
    "4340000000000000, 9007199254740992",
    "c340000000000000, -9007199254740992",
    "4430000000000000, 295147905179352830000",
    "44b52d02c7e14af5, 9.999999999999997e+22",
    "44b52d02c7e14af6, 1e+23",
    "44b52d02c7e14af7, 1.0000000000000001e+23",
    "444b1ae4d6e2ef4e, 999999999999999700000",
    "444b1ae4d6e2ef4f, 999999999999999900000",
    "444b1ae4d6e2ef50, 1e+21",
    "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d, 0.000001",
    "41b3de4355555553, 333333333.3333332",
    "41b3de4355555554, 333333333.33333325",
    "41b3de4355555555, 333333333.3333333",
    "41b3de4355555556, 333333333.3333334",
    "41b3de4355555557, 333333333.33333343",
    "becbf647612f3696, -0.0000033333333333333333",
    "43143ff3c1cb0959, 1424953923781206.2",
  })
  void printsNumbersAsEcmaScript(String bits, String text) {
    assertThat(EcmaNumber.text(Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16))))
        .isEqualTo(text);
  }

  @ParameterizedTest // Java gives these two digits
  @CsvSource({
    "4.9E-324, 5e-324",
    "9.9E-324, 1e-323",
    "2.0E-323, 2e-323",
    "1.5E-323, 1.5e-323",
    "2.0E22, 2e+22"
  })
  void theShortestDigitsMayBeOne(double value, String text) {
    assertThat(EcmaNumber.text(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void numbersWithoutJsonFormAreRefused(double value) {
    assertFails(ErrorCode.JSON_MALFORMED, () -> EcmaNumber.text(value));
  }

  @Test
  void everyPrintedNumberReadsBackAsItself() {
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < 20_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        assertThat(Double.parseDouble(EcmaNumber.text(value))).isEqualTo(value == 0 ? 0.0 : value);
      }
    }
  }

  @Test // RFC 8785 section 3.2.2
  void writesTheExampleOfTheSpecification() {
    String input =
        """
        {
          "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
          "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
          "literals": [null, true, false]
        }\
        """;
    assertThat(canonical(input))
        .isEqualTo(
            "{\"literals\":[null,true,false],"
                + "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                + "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
  }

  @Test // RFC 8785 section 3.2.3
  void sortsNamesByUtf16CodeUnits() {
    String input =
        """
        {"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh",
         "1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control",
         "\\u00f6":"Latin Small Letter O With Diaeresis"}\
        """;
    assertThat(canonical(input))
        .isEqualTo(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
                + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
                + "\"\ud83d\ude00\":\"Emoji: Grinning Face\","
                + "\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
  }

  @Test
  void nestedObjectsAreSortedAndArraysAreNot() {
    assertThat(canonical("{\"b\":[3,{\"z\":1,\"a\":2},1],\"a\":{}}"))
        .isEqualTo("{\"a\":{},\"b\":[3,{\"a\":2,\"z\":1},1]}");
  }

  @Test
  void wholeNumbersThatWouldLoseDigitsAreRefused() {
    assertThat(canonical("[9007199254740992,-9007199254740992]"))
        .isEqualTo("[9007199254740992,-9007199254740992]");
    assertThat(canonical("[1152921504606846976]")).isEqualTo("[1152921504606847000]"); // 2^60
    assertFails(ErrorCode.JSON_MALFORMED, () -> canonical("[9007199254740993]"));
    assertFails(ErrorCode.JSON_MALFORMED, () -> canonical("[1152921504606846977]"));
    assertFails(ErrorCode.JSON_MALFORMED, () -> canonical("[" + "9".repeat(390) + "]"));
    assertFails(ErrorCode.JSON_MALFORMED, () -> canonical("[1e999]"));
  }

  @Test
  void aLoneSurrogateHasNoForm() {
    assertFails(ErrorCode.JSON_MALFORMED, () -> canonical("[\"\\ud83d\"]"));
    assertFails(ErrorCode.JSON_MALFORMED, () -> canonical("[\"\\ude00x\"]"));
  }
}
