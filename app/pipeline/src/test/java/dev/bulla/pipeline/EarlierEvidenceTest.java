package dev.bulla.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Reference;
import dev.bulla.core.statement.Statement;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Repository;
import dev.bulla.signing.SignImage;
import dev.bulla.signing.SignImage.Sealed;
import dev.bulla.signing.cosign.CosignSigner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlierEvidenceTest {
  private static final Duration ALMOST_A_DAY = Duration.ofHours(24).minusSeconds(1);

  @TempDir Path temp;
  private Workbench bench;
  private Repository layout;

  @BeforeEach
  void open() {
    bench = new Workbench(temp.resolve("home"));
    layout = Layout.create(temp.resolve("layout"));
  }

  @AfterEach
  void close() {
    layout.close();
    bench.close();
  }

  @Test
  void takesOverWhatAnotherRunSaidInBothFormats() {
    Sealed before = bench.seal(bench.provenance("first"));
    bench.advance(Duration.ofDays(40));

    assertThat(takeOver(bench.provenance("second"))).contains(before);
    assertThat(layout.referrers(bench.image.digest(), Optional.empty()))
        .extracting(Descriptor::digest)
        .containsExactly(before.bundle().digest());
    assertThat(layout.referrers(before.bundle().digest(), Optional.empty()))
        .extracting(Descriptor::digest)
        .containsExactly(before.notation().digest());
  }

  @Test
  void statementThatSaysSomethingElseIsNotTakenOver() {
    bench.seal(bench.scan("GHSA-1"));

    assertThat(takeOver(bench.scan("GHSA-2"))).isEmpty();
  }

  @Test
  void scanStandsForADay() {
    Sealed before = bench.seal(bench.scan("GHSA-1"));
    bench.advance(ALMOST_A_DAY);
    assertThat(takeOver(bench.scan("GHSA-1"))).contains(before);

    bench.advance(Duration.ofSeconds(1));
    assertThat(takeOver(bench.scan("GHSA-1"))).isEmpty();
  }

  @Test
  void verdictStandsForADay() {
    Sealed before = bench.seal(bench.verdict(true));
    bench.advance(ALMOST_A_DAY);
    assertThat(takeOver(bench.verdict(true))).contains(before);

    bench.advance(Duration.ofSeconds(1));
    assertThat(takeOver(bench.verdict(true))).isEmpty();
  }

  @Test
  void verdictThatANewerOneHasOvertakenIsNotTakenOver() {
    bench.seal(bench.verdict(true));
    bench.advance(Duration.ofMinutes(1));
    Sealed newer = bench.seal(bench.verdict(false));
    bench.advance(Duration.ofMinutes(1));

    assertThat(takeOver(bench.verdict(true))).isEmpty();
    assertThat(takeOver(bench.verdict(false))).contains(newer);
  }

  @Test
  void whatAnotherKeySealedIsNotTakenOver() {
    HomeIdentity stranger = bench.identity(temp.resolve("stranger"));
    bench.seal(stranger, bench.image, bench.provenance("first"));

    assertThat(takeOver(bench.provenance("second"))).isEmpty();
  }

  @Test
  void statementAboutAnotherImageIsNotTakenOver() {
    Descriptor other = bench.pushImage("two");
    bench.seal(bench.identity, other, bench.verdict(other.digest(), true));

    assertThat(takeOver(bench.verdict(true))).isEmpty();
  }

  @Test
  void statementThatLacksItsNotationSignatureIsSealedAnew() {
    new CosignSigner(bench.identity.identity().signer(), bench.clock)
        .attest(bench.repository, bench.image, bench.provenance("first"));

    assertThat(takeOver(bench.provenance("second"))).isEmpty();
  }

  @Test
  void signaturesOfTheImageAreTakenOverOnlyInBothFormats() {
    CosignSigner cosign = new CosignSigner(bench.identity.identity().signer(), bench.clock);
    cosign.sign(bench.repository, bench.image);
    assertThat(takeOverSignatures()).isEmpty();

    Optional<SignImage.Signatures> both =
        Optional.of(
            new SignImage(bench.identity.identity().signer(), bench.clock)
                .sign(bench.repository, bench.image, Map.of()));
    assertThat(takeOverSignatures().map(SignImage.Signatures::notation))
        .isEqualTo(both.map(SignImage.Signatures::notation));
  }

  @Test
  void anAbsentRepositoryHasNoEvidence() {
    Reference elsewhere = Reference.parse(bench.registry.host() + "/never/pushed");
    try (EarlierEvidence earlier =
        EarlierEvidence.beside(bench.client, elsewhere, bench.image, bench.identity, bench.clock)) {
      assertThat(earlier.takeOver(bench.provenance("x"), layout)).isEmpty();
      assertThat(earlier.takeOverSignatures(layout)).isEmpty();
    }
  }

  private Optional<Sealed> takeOver(Statement fresh) {
    try (EarlierEvidence earlier = earlier()) {
      return earlier.takeOver(fresh, layout);
    }
  }

  private Optional<SignImage.Signatures> takeOverSignatures() {
    try (EarlierEvidence earlier = earlier()) {
      return earlier.takeOverSignatures(layout);
    }
  }

  private EarlierEvidence earlier() {
    return EarlierEvidence.beside(
        bench.client, bench.name, bench.image, bench.identity, bench.clock);
  }
}
