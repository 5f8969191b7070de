package dev.bulla.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenerTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:7080",
        "http://localhost:0",
        "http://[::1]:7080",
        "http://127.9.9.9:1",
        "https://127.0.0.1:7443",
        "https://localhost:0"
      })
  void takesLoopback(String text) {
    assertThat(Listener.parse(text)).hasToString(text);
    assertThat(Listener.parse(text).isLoopback()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://192.0.2.1:7443", "https://0.0.0.0:7443", "https://[::]:0"})
  void takesOtherAddressesForHttpsOnly(String text) {
    assertThat(Listener.parse(text)).hasToString(text);
    assertThat(Listener.parse(text).isLoopback()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://0.0.0.0:7080",
        "http://192.0.2.1:7080",
        "http://[::]:7080",
        "https://127.0.0.1",
        "http://127.0.0.1",
        "127.0.0.1:7080",
        "ftp://127.0.0.1:1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:1/path",
        "http://user@127.0.0.1:1",
        "http://no such host:1",
        ""
      })
  void refusesEverythingElse(String text) {
    assertThatThrownBy(() -> Listener.parse(text))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LISTENER_REFUSED));
  }
}
