package dev.bulla.core;

import static dev.bulla.core.Failing.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
  private static final byte[] ABC = "abc".getBytes(StandardCharsets.US_ASCII);

  @ParameterizedTest
  @CsvSource({ // FIPS 180-4 example "abc"
    "SHA256, sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "SHA384,"
        + " sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    "SHA512,"
        + " sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  })
  void hashesAsTheStandardSays(Digest.Algorithm algorithm, String expected) throws IOException {
    Digest digest = Digest.of(algorithm, ABC);
    assertThat(digest).hasToString(expected);
    assertThat(Digest.parse(expected)).isEqualTo(digest);
    assertThat(Digest.of(algorithm, new ByteArrayInputStream(ABC))).isEqualTo(digest);
    assertThat(digest.matches(ABC)).isTrue();
    assertThat(digest.matches(new byte[0])).isFalse();
    assertThat(Digest.ofHash(algorithm, digest.bytes())).isEqualTo(digest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256",
        "sha256:",
        ":abc",
        "sha256:ABC",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adf",
        "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a/",
        "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f2"
      })
  void whatIsNoDigestIsRefused(String text) {
    assertFails(ErrorCode.DIGEST_INVALID, () -> Digest.parse(text));
  }

  @Test
  void otherBytesAreAMismatch() {
    assertThat(Digest.sha256(ABC).verify(ABC, "x")).isSameAs(ABC);
    assertFails(ErrorCode.DIGEST_MISMATCH, () -> Digest.sha256(ABC).verify(new byte[1], "x"));
  }

  @Test
  void sortsByAlgorithmThenValue() {
    Digest small = new Digest(Digest.Algorithm.SHA256, "0".repeat(64));
    Digest large = new Digest(Digest.Algorithm.SHA256, "f".repeat(64));
    Digest other = new Digest(Digest.Algorithm.SHA512, "0".repeat(128));
    assertThat(new TreeSet<>(java.util.List.of(other, large, small)))
        .containsExactly(small, large, other);
    assertThat(large.shortHex()).isEqualTo("ffffffffffff");
  }

  private static VerifyingInputStream verifying(byte[] content, Digest expected, long size) {
    return new VerifyingInputStream(new ByteArrayInputStream(content), expected, size, "content");
  }

  @ParameterizedTest
  @EnumSource
  void aStreamOfTheRightBytesVerifiesAtItsEnd(Digest.Algorithm algorithm) throws IOException {
    VerifyingInputStream in = verifying(ABC, Digest.of(algorithm, ABC), 3);
    assertThat(in.read(new byte[3])).isEqualTo(3);
    assertThat(in.verified()).isFalse();
    assertThat(in.read()).isEqualTo(-1);
    assertThat(in.read()).isEqualTo(-1);
    assertThat(in.verified()).isTrue();
    assertThat(in.verifies(Digest.of(algorithm, ABC), 3)).isTrue();
    assertThat(in.verifies(Digest.of(algorithm, ABC), 4)).isFalse();
  }

  @Test
  void aStreamOfOtherBytesFailsAtItsEnd() {
    byte[] other = {1, 2, 3};
    assertFails(
        ErrorCode.DIGEST_MISMATCH, () -> verifying(other, Digest.sha256(ABC), 3).readAllBytes());
  }

  @Test
  void aStreamOfAnotherLengthFails() {
    assertFails(
        ErrorCode.SIZE_MISMATCH, () -> verifying(ABC, Digest.sha256(ABC), 4).readAllBytes());
    assertFails(ErrorCode.SIZE_MISMATCH, () -> verifying(ABC, Digest.sha256(ABC), 2).readNBytes(3));
    assertFails(
        ErrorCode.SIZE_MISMATCH,
        () -> {
          InputStream in = verifying(ABC, Digest.sha256(ABC), 0);
          in.read();
        });
  }

  @Test
  void skippedBytesAreHashedToo() throws IOException {
    VerifyingInputStream in = verifying(ABC, Digest.sha256(ABC), 3);
    assertThat(in.skip(2)).isEqualTo(2);
    assertThat(in.markSupported()).isFalse();
    assertThat(in.readAllBytes()).containsExactly('c');
    assertThat(in.verified()).isTrue();
  }
}
