package dev.bulla.signing.keyless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SigningConfigTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private static SigningConfig config(String members) {
    return SigningConfig.parse(
        ("{\"mediaType\":\"application/vnd.dev.sigstore.signingconfig.v0.2+json\""
                + (members.isEmpty() ? "" : "," + members)
                + "}")
            .getBytes(StandardCharsets.UTF_8));
  }

  private static String service(
      String url, int version, String operator, String start, String end) {
    return """
    {"url":"https://%s","majorApiVersion":%d,"operator":"%s","validFor":{"start":"%s"%s}}\
    """
        .formatted(url, version, operator, start, end.isEmpty() ? "" : ",\"end\":\"" + end + "\"");
  }

  private static final String LOGS =
      "\"rekorTlogUrls\":["
          + String.join(
              ",",
              service("old.a", 1, "a", "2021-01-01T00:00:00Z", ""),
              service("ended.a", 2, "a", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
              service("current.a", 2, "a", "2026-01-01T00:00:00Z", ""),
              service("later.a", 2, "a", "2027-01-01T00:00:00Z", ""),
              service("future.a", 3, "a", "2026-01-01T00:00:00Z", ""),
              service("only.b", 1, "b", "2021-01-01T00:00:00Z", ""))
          + "]";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"selector\":\"ANY\"} | https://current.a",
        "{\"selector\":\"ALL\"} | https://current.a https://only.b",
        "{\"selector\":\"EXACT\",\"count\":2} | https://current.a https://only.b",
        "{\"selector\":3,\"count\":1} | https://current.a",
      })
  void oneServiceOfEachOperatorIsTakenTheHighestVersionFirst(String selector, String taken) {
    SigningServices services = config(LOGS + ",\"rekorTlogConfig\":" + selector).select(NOW);
    assertThat(services.logs())
        .extracting(log -> log.address().toString())
        .containsExactly(taken.split(" "));
    assertThat(services.authority()).isEmpty();
  }

  @Test
  void anAuthorityIsTakenIfItMayBeUsedNow() {
    String ended = service("ca", 1, "a", "2021-01-01T00:00:00Z", "2022-01-01T00:00:00Z");
    SigningConfig config =
        config(
            "\"caUrls\":["
                + ended
                + ","
                + service("new.ca", 1, "a", "2022-01-01T00:00:00Z", "")
                + "]");
    assertThat(config.select(NOW).authority()).hasToString("Optional[https://new.ca]");
    refused("\"caUrls\":[" + ended + "]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"rekorTlogConfig\":{\"selector\":\"EXACT\",\"count\":3}",
        "\"rekorTlogConfig\":{\"selector\":\"EXACT\"}",
        "\"rekorTlogConfig\":{\"selector\":\"SOME\"}",
        "\"rekorTlogConfig\":{}",
        "\"unknown\":1",
        "\"tsaUrls\":[{\"url\":\"ftp://x\",\"validFor\":{\"start\":\"2021-01-01T00:00:00Z\"}}]",
        "\"tsaUrls\":[{\"url\":\"https://x\"}]",
      })
  void whatTheDocumentDemandsAndDoesNotHaveIsRefused(String members) {
    refused(LOGS + "," + members);
  }

  private static void refused(String members) {
    assertThatThrownBy(() -> config(members).select(NOW))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID));
  }

  @Test
  void aTokenIsNotSentInTheClear() {
    assertThat(SigningServices.checkedForSecrets(SigningServices.address("http://127.0.0.1:1")))
        .isNotNull();
    for (String open :
        new String[] {"http://fulcio.example.test", "http://127.0.0.1.example.test"}) {
      assertThatThrownBy(() -> SigningServices.checkedForSecrets(SigningServices.address(open)))
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
    }
  }
}
