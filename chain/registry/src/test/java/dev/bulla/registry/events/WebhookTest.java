package dev.bulla.registry.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where messages may go, and what counts as an answer. */
class WebhookTest {
  @ParameterizedTest
  @CsvSource({
    "8.8.8.8, true",
    "192.0.1.1, true",
    "2606:4700::1111, true",
    "127.0.0.1, false",
    "0.0.0.0, false",
    "10.1.2.3, false",
    "172.16.0.1, false",
    "192.168.1.1, false",
    "169.254.169.254, false",
    "100.64.0.1, false",
    "198.18.0.1, false",
    "203.0.113.9, false",
    "224.0.0.1, false",
    "255.255.255.255, false",
    "::, false",
    "::1, false",
    "::ffff:10.0.0.1, false",
    "64:ff9b::a00:1, false",
    "2002:a00:1::1, false",
    "2001:0:1::1, false",
    "2001:db8::1, false",
    "fe80::1, false",
    "fd00::1, false",
    "ff02::1, false"
  })
  void onlyPublicAddressesAreSomebodysOnTheInternet(String address, boolean expected)
      throws UnknownHostException {
    assertThat(TargetAddress.isPublic(InetAddress.getByName(address))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:8080/x, false, true",
    "https://[::1]/, false, true",
    "https://10.0.0.1/x, false, false",
    "https://10.0.0.1/x, true, true",
    "http://10.0.0.1/x, true, true",
    "http://169.254.169.254/latest, false, false",
    "http://8.8.8.8/, false, false",
    "http://8.8.8.8/, true, false",
    "https://8.8.8.8/, false, true",
    "https://2130706433/, false, true",
    "https://167772161/, false, false"
  })
  void privateNetworksAreForThoseWhoAllowThemAndPlainHttpIsForThisMachine(
      URI url, boolean allowed, boolean expected) {
    boolean taken;
    try {
      TargetAddress.check(url, allowed);
      taken = true;
    } catch (BullaException e) {
      taken = false;
    }
    assertThat(taken).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ftp://a/", "https:///x", "https://u:p@a/", "https://a/#f", "mailto:a", "x"})
  void addressesOfOtherKindsAreRefused(String url) {
    assertThatThrownBy(
            () -> new Webhook("a", Webhook.address(url), "**", List.of(), false, Webhook.GIVE_UP))
        .isInstanceOf(BullaException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'HTTP/1.1 200 OK\r\n\r\n', 200, 0",
    "'HTTP/1.0 503\r\nRetry-After: 7\r\n\r\nbody', 503, 7",
    "'HTTP/1.1 429 X\nretry-after:  999999999 \n\n', 429, 3600",
    "'HTTP/1.1 429 X\r\nRetry-After: Wed, 21 Oct\r\n\r\n', 429, 0",
    "'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 X\r\n\r\n', 204, 0"
  })
  void answersAreRead(String text, int status, long pause) throws IOException {
    AnswerHead head = AnswerHead.read(in(text));

    assertThat(head).isEqualTo(new AnswerHead(status, Duration.ofSeconds(pause)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 2000 X\r\n\r\n",
        "HTTP/1.1 200 OK\r\n",
        "SSH-2.0\r\n\r\n"
      })
  void whatIsNoAnswerIsRefused(String text) {
    assertThatThrownBy(() -> AnswerHead.read(in(text))).isInstanceOf(IOException.class);
  }

  /** The example of Standard Webhooks' reference libraries. */
  @Test
  void secretsSignAsStandardWebhooksHasIt() {
    byte[] signed =
        "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}"
            .getBytes(StandardCharsets.UTF_8);

    assertThat(WebhookSignatures.mac("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", signed))
        .asBase64Encoded()
        .isEqualTo("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void pausesGrowWithJitterToAnHour() {
    RandomGenerator random = RandomGenerator.of("L64X128MixRandom");

    for (int attempt = 0; attempt < 100; attempt++) {
      long whole = Math.min(3_600_000, 2_000L << Math.min(attempt, 30));
      assertThat(Courier.Pace.STANDARD.pause(attempt, random).toMillis())
          .isBetween(whole / 2, whole);
    }
  }

  private static ByteArrayInputStream in(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
