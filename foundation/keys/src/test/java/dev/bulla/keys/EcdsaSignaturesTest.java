package dev.bulla.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EcdsaSignaturesTest {

  @Test
  void bothEncodingsCarryTheSameNumbers() {
    SecureRandom random = new SecureRandom();
    for (int width : new int[] {32, 48, 66}) {
      for (int i = 0; i < 200; i++) {
        byte[] raw = new byte[2 * width];
        random.nextBytes(raw);
        if (i % 3 == 0) {
          raw[0] = 0;
          raw[width] = 0;
        }
        assertThat(EcdsaSignatures.toRaw(EcdsaSignatures.toDer(raw, width), width)).isEqualTo(raw);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3006020101020101ff", // a byte after the end
        "300702020001020101", // r with a needless zero
        "3006020181020101", // r negative
        "308106020101020101", // length in two bytes where one is enough
        "3080020101020101", // indefinite length
        "30060201010201", // cut
        "3106020101020101", // a set
        "3005020002010101", // r empty
        "30090201010201010201" + "01", // three numbers
        "" // nothing
      })
  void spellingsOtherThanStrictDerAreRefused(String hex) {
    assertThatThrownBy(() -> EcdsaSignatures.toRaw(HexFormat.of().parseHex(hex), 32))
        .isInstanceOf(BullaException.class);
  }

  @Test
  void numbersWiderThanTheCurveAreRefused() {
    String tooWide = "0221" + "01" + "00".repeat(32); // 2^256
    for (String hex : new String[] {"3026" + tooWide + "020101", "3026" + "020101" + tooWide}) {
      byte[] der = HexFormat.of().parseHex(hex);
      assertThatThrownBy(() -> EcdsaSignatures.toRaw(der, 32))
          .hasMessageContaining("not strict DER");
      assertThat(EcdsaSignatures.toRaw(der, 48)).hasSize(96);
    }
  }

  @Test
  void rawSignaturesHaveExactlyTheirWidth() {
    assertThatThrownBy(() -> EcdsaSignatures.toDer(new byte[63], 32))
        .hasMessageContaining("63 bytes");
    byte[] der = Keys.bytes("p256.sig");
    assertThatThrownBy(() -> EcdsaSignatures.toDer(der, 32)).hasMessageContaining("looks like DER");
  }
}
