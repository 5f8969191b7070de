package dev.bulla.signing.notation;

import static dev.bulla.signing.Workshop.CLOCK;
import static dev.bulla.signing.Workshop.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.oci.Repository;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.Workshop;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.timestamp.TimestampSource;
import dev.bulla.signing.trust.TrustPolicy;
import dev.bulla.signing.trust.TrustStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NotationSignerTest {
  private static final Instant EXPIRES = NOW.plus(Duration.ofDays(10));
  private static final NotaryCertificates CERTIFICATES =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), EXPIRES);
  private static final NotaryCertificates STRANGERS =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), EXPIRES);

  @TempDir Path directory;

  private Repository layout;
  private Descriptor image;

  @BeforeEach
  void makeAnImage() {
    layout = Workshop.layout(directory);
    image = Workshop.image(layout, "v1");
  }

  @ParameterizedTest
  @CsvSource({"EC,256", "EC,384", "EC,521", "RSA,2048"})
  void bothEnvelopesAreAcceptedForEveryKindOfKey(String algorithm, int bits) {
    NotationSigner signer = new NotationSigner(CERTIFICATES.signer(algorithm, bits), CLOCK);
    signer.sign(layout, image, Map.of("stage", "<prod>"), Optional.of(Duration.ofHours(1)));
    signer
        .withCose()
        .sign(layout, image, Map.of("stage", "<prod>"), Optional.of(Duration.ofHours(1)));
    signer.withCose().sign(layout, image);
    Verification verification = verify(NOW, "ca:own");
    assertThat(verification.verified())
        .extracting(SignatureRecord::format)
        .containsExactlyInAnyOrder("notation-jws", "notation-cose", "notation-cose");
    assertThat(verify(NOW.plus(Duration.ofHours(1)), "ca:own").verified()).hasSize(1);
  }

  @Test
  void aTimestampLetsASignatureOutliveItsCertificate() {
    for (boolean cose : List.of(false, true)) {
      NotationSigner signer = stamped(CERTIFICATES.stamping(NOW.plusSeconds(1)));
      (cose ? signer.withCose() : signer).sign(layout, image);
    }
    Instant later = EXPIRES.plus(Duration.ofDays(1));
    assertThat(verify(later, "ca:own\",\"tsa:time").verified()).hasSize(2);
    assertThat(verify(later, "ca:own").failure().orElseThrow().code())
        .isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
  }

  @Test
  void aStampThatNobodyWouldBelieveIsNotUsed() {
    TimestampSource good = CERTIFICATES.stamping(NOW);
    refused(stamped(STRANGERS.stamping(NOW)), ErrorCode.SIGNER_NOT_TRUSTED);
    refused(
        stamped((signature, hash) -> good.stamp(new byte[] {1}, hash)),
        ErrorCode.TIMESTAMP_INVALID);
    refused(stamped((signature, hash) -> new byte[] {0x30, 0}), ErrorCode.TIMESTAMP_INVALID);
    assertThat(layout.referrers(image.digest(), Optional.empty())).isEmpty();
  }

  @Test
  void aLifeOfNothingIsRefused() {
    assertThatThrownBy(() ->
            new NotationSigner(CERTIFICATES.signer("EC", 256), CLOCK)
                .withCose()
                .sign(layout, image, Map.of(), Optional.of(Duration.ofMillis(999))))
        .hasMessageContaining("at least one second");
  }

  @Test
  void numbersAreWrittenInTheirShortestForm() {
    // RFC 8949 appendix A
    Map<Long, String> vectors =
        Map.of(
            0L,
            "00",
            23L,
            "17",
            24L,
            "1818",
            255L,
            "18ff",
            256L,
            "190100",
            1_000_000L,
            "1a000f4240",
            1_000_000_000_000L,
            "1b000000e8d4a51000",
            -1L,
            "20",
            -100L,
            "3863",
            -1000L,
            "3903e7");
    vectors.forEach((value, hex) ->
        assertThat(HexFormat.of().formatHex(new CborWriter().whole(value).bytes())).isEqualTo(hex));
    assertThat(
            HexFormat.of()
                .formatHex(new CborWriter().items(2).text("ü").tag(1).string(new byte[24]).bytes()))
        .isEqualTo("82" + "62c3bc" + "c1" + "5818" + "00".repeat(24));
  }

  private static NotationSigner stamped(TimestampSource source) {
    return new NotationSigner(CERTIFICATES.signer("EC", 384), CLOCK)
        .withTimestamp(source, List.of(CERTIFICATES.root()), RevocationSource.none());
  }

  private void refused(NotationSigner signer, ErrorCode code) {
    assertThatThrownBy(() -> signer.sign(layout, image))
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private Verification verify(Instant now, String stores) {
    String json =
        """
        {"version":"1.0","trustPolicies":[{"name":"own","registryScopes":["*"],
          "signatureVerification":{"level":"strict"},"trustStores":["%s"],"trustedIdentities":["*"]}]}\
        """
            .formatted(stores);
    List<java.security.cert.X509Certificate> roots = List.of(CERTIFICATES.root());
    NotationTrust trust =
        new NotationTrust(
            TrustPolicy.parse(json.getBytes(StandardCharsets.UTF_8)),
            TrustStore.of(
                Map.of(
                    new TrustStore.Name("ca", "own"), roots,
                    new TrustStore.Name("tsa", "time"), roots)),
            "registry.example/app");
    return new VerifyImage(InstantSource.fixed(now))
        .verify(layout, image, new Trust.ByPolicy(trust));
  }
}
