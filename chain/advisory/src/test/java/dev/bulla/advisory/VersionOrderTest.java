package dev.bulla.advisory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.advisory.version.VersionOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class VersionOrderTest {
  /** Pieces of which hostile and half-valid versions are made. */
  private static final List<String> PIECES =
      List.of(
          "0",
          "1",
          "2",
          "9",
          "10",
          "00",
          "01",
          ".",
          ".",
          ".",
          "-",
          "-",
          "_",
          "~",
          "^",
          "+",
          ":",
          "!",
          "a",
          "b",
          "m",
          "p",
          "r",
          "rc",
          "cr",
          "alpha",
          "beta",
          "dev",
          "post",
          "ga",
          "final",
          "sp",
          "snapshot",
          "x",
          "v",
          "Z",
          "_rc",
          "_p",
          "-r1",
          ".dev1",
          "-0",
          "-alpha",
          "é",
          "99999999999999999999");

  static Stream<String> vectors() {
    return lines("/version-order.txt");
  }

  static Stream<String> unreadable() {
    return lines("/version-unreadable.txt");
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void ordersAsTheEcosystemDoes(String line) {
    String[] parts = line.split(" ");
    VersionOrder order = VersionOrder.valueOf(parts[0]);
    assertThat(order.accepts(parts[1])).isTrue();
    assertThat(order.accepts(parts[3])).isTrue();
    assertThat(sign(order.compare(parts[1], parts[3]))).isEqualTo(parts[2]);
    assertThat(order.compare(parts[3], parts[1])).isEqualTo(-order.compare(parts[1], parts[3]));
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void knowsWhatIsNotAVersion(String line) {
    int space = line.indexOf(' ');
    VersionOrder order = VersionOrder.valueOf(line.substring(0, space));
    assertThat(order.accepts(line.substring(space + 1))).isFalse();
    assertThat(order.compare(line.substring(space + 1), "1.0")).isNegative();
  }

  @ParameterizedTest
  @EnumSource(VersionOrder.class)
  void isATotalPreorderOverAnyText(VersionOrder order) {
    Random random = new Random(20260122);
    for (int i = 0; i < 30_000; i++) {
      String a = version(random);
      String b = version(random);
      String c = version(random);
      int ab = Integer.signum(order.compare(a, b));
      int bc = Integer.signum(order.compare(b, c));
      int ac = Integer.signum(order.compare(a, c));
      assertThat(order.compare(a, a)).as(a).isZero();
      assertThat(Integer.signum(order.compare(b, a))).as("%s | %s", a, b).isEqualTo(-ab);
      if (ab == 0) {
        assertThat(ac).as("%s = %s | %s", a, b, c).isEqualTo(bc);
      } else if (ab == bc || bc == 0) {
        assertThat(ac).as("%s | %s | %s", a, b, c).isEqualTo(ab);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(VersionOrder.class)
  void isNotMisledByLengthAndEmptiness(VersionOrder order) {
    String endless = "1" + ".1".repeat(100_000);
    assertThat(order.accepts(endless)).isFalse();
    assertThat(order.accepts("")).isFalse();
    assertThat(order.accepts(" ")).isFalse();
    assertThat(order.compare(endless, "1")).isNegative();
    assertThat(order.compare("", "1")).isNegative();
  }

  @Test
  void knowsTheOrderOfEachMatchedEcosystem() {
    assertThat(VersionOrder.of("Maven")).contains(VersionOrder.MAVEN);
    assertThat(VersionOrder.of("Maven:https://repo.example")).contains(VersionOrder.MAVEN);
    assertThat(VersionOrder.of("npm")).contains(VersionOrder.SEMVER);
    assertThat(VersionOrder.of("crates.io")).contains(VersionOrder.SEMVER);
    assertThat(VersionOrder.of("PyPI")).contains(VersionOrder.PYPI);
    assertThat(VersionOrder.of("Go")).contains(VersionOrder.GO);
    assertThat(VersionOrder.of("Debian:12")).contains(VersionOrder.DEBIAN);
    assertThat(VersionOrder.of("Ubuntu:22.04:LTS")).contains(VersionOrder.DEBIAN);
    assertThat(VersionOrder.of("Alpine:v3.20")).contains(VersionOrder.ALPINE);
    assertThat(VersionOrder.of("AlmaLinux:9")).contains(VersionOrder.RPM);
    assertThat(VersionOrder.of("RubyGems")).isEmpty();
    assertThat(VersionOrder.of("Middle-earth")).isEmpty();
  }

  private static String version(Random random) {
    StringBuilder text = new StringBuilder(random.nextInt(4) == 0 ? "" : "1");
    for (int i = random.nextInt(6); i > 0; i--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  private static String sign(int comparison) {
    return comparison < 0 ? "<" : comparison > 0 ? ">" : "=";
  }

  private static Stream<String> lines(String resource) {
    return new String(TruthInventory.bytes(resource), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"));
  }
}
