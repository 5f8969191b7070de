package dev.bulla.keys.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of keys in tokens (RFC 7512). */
class Pkcs11UriTest {
  @Test
  void readsTheExamplesOfTheRfc() {
    Pkcs11Uri uri =
        Pkcs11Uri.parse(
            "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;object=my-certificate;"
                + "id=%69%95%3E%5C%F4%BD%EC%91;x-vend-aaa=value-a"
                + "?pin-source=file:///etc/token_pin&module-path=/usr/lib/my.so");
    assertThat(uri.attribute("token")).contains("The Software PKCS#11 Softtoken");
    assertThat(uri.attribute("id")).contains("69953e5cf4bdec91");
    assertThat(uri.pinFile()).contains("/etc/token_pin");
    assertThat(uri.modulePath()).contains("/usr/lib/my.so");
    assertThat(Pkcs11Uri.parse("pkcs11:?pin-source=file:pin").pinFile()).contains("pin");
    assertThat(Pkcs11Uri.parse("pkcs11:?pin-source=/run/pin").pinFile()).contains("/run/pin");
    assertThat(Pkcs11Uri.parse("pkcs11:").path()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "pkcs11:object=a?pin-value=1234, shows the PIN to everybody",
    "pkcs11:object=a?pin-source=|cat, names a program",
    "pkcs11:object=a;type=cert, names no key",
    "pkcs11:object=a;object=b, stands twice",
    "pkcs11:objekt=a, is no attribute",
    "pkcs11:object, is no NAME=VALUE",
    "pkcs11:object=%4, without two hexadecimal digits",
    "pkcs11:object=%zz, without two hexadecimal digits",
    "pkcs11:slot-id=-1, is not a number",
    "pkcs11:slot-description=x, is not supported",
    "pkcs11:a?module-name=softhsm, is no NAME=VALUE",
    "pkcs11:object=a?module-name=softhsm, give module-path",
    "object=a, a PKCS#11 URI begins with"
  })
  void whatIsNoNameOfAKeyIsRefused(String text, String message) {
    assertThatThrownBy(() -> Pkcs11Uri.parse(text))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .hasMessageContaining(message)
        .hasMessageNotContaining("1234");
  }
}
