package dev.bulla.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.graph.Answer;
import dev.bulla.graph.Ask;
import dev.bulla.graph.Graph;
import dev.bulla.oci.Manifest;
import dev.bulla.signing.SignImage.Sealed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordReleaseTest {
  @TempDir Path temp;
  private Workbench bench;
  private Graph graph;

  @BeforeEach
  void open() {
    bench = new Workbench(temp.resolve("home"));
    graph = Graph.open(temp.resolve("graph.db"));
  }

  @AfterEach
  void close() {
    graph.close();
    bench.close();
  }

  @Test
  void publishedImageWithAPassedVerdictIsRecordedWithItsEvidence() {
    Sealed verdict = bench.seal(bench.verdict(true));

    record(true);

    assertThat(releases())
        .extracting(Answer.Release::status)
        .containsExactly(Answer.Status.SHIPPED);
    assertThat(graph.evidence(bench.image.digest().toString(), Ask.DEFAULT).items())
        .extracting(one -> one.document().manifest())
        .containsExactly(Optional.of(verdict.bundle().digest()));
  }

  @Test
  void publishedImageWithoutAVerdictIsRefused() {
    assertRefused(ErrorCode.STATEMENT_MISSING, () -> record(true));
  }

  @Test
  void publishedImageWithAFailedVerdictIsRefused() {
    bench.seal(bench.verdict(false));

    assertRefused(ErrorCode.POLICY_REFUSED, () -> record(true));
  }

  @Test
  void newerFailedVerdictOutweighsAnOldPassedOne() {
    bench.seal(bench.verdict(true));
    bench.advance(Duration.ofMillis(1));
    bench.seal(bench.verdict(false));

    assertRefused(ErrorCode.POLICY_REFUSED, () -> record(true));
  }

  @Test
  void newerPassedVerdictOutweighsAnOldFailedOne() {
    bench.seal(bench.verdict(false));
    bench.advance(Duration.ofMillis(1));
    bench.seal(bench.verdict(true));

    record(true);

    assertThat(releases())
        .extracting(Answer.Release::status)
        .containsExactly(Answer.Status.SHIPPED);
    assertThat(graph.refusals(Ask.DEFAULT).items()).as("the old refusal is kept").hasSize(1);
  }

  @Test
  void ofTwoVerdictsOfTheSameMomentTheRefusalCounts() {
    bench.seal(bench.verdict(true));
    bench.seal(bench.verdict(false));

    assertRefused(ErrorCode.POLICY_REFUSED, () -> record(true));
  }

  @Test
  void verdictByAnotherKeyIsNone() {
    bench.seal(bench.identity(temp.resolve("stranger")), bench.image, bench.verdict(true));

    assertRefused(ErrorCode.STATEMENT_MISSING, () -> record(true));
  }

  @Test
  void strangersNewerRefusalDoesNotCount() {
    bench.seal(bench.verdict(true));
    bench.advance(Duration.ofSeconds(1));
    bench.seal(bench.identity(temp.resolve("stranger")), bench.image, bench.verdict(false));

    record(true);

    assertThat(releases()).hasSize(1);
    assertThat(graph.refusals(Ask.DEFAULT).items()).isEmpty();
  }

  /** Anybody who may push can hang a genuine bundle on another image. */
  @Test
  void passedVerdictOfAnotherImageHungOnThisOneIsNone() {
    Descriptor other = bench.pushImage("two");
    Sealed genuine = bench.seal(bench.identity, other, bench.verdict(other.digest(), true));
    Manifest bundle = bench.repository.manifest(genuine.bundle());
    String text = new String(bundle.bytes(), StandardCharsets.UTF_8);
    String moved =
        text.replace(other.digest().toString(), bench.image.digest().toString())
            .replace("\"size\":" + other.size() + "}", "\"size\":" + bench.image.size() + "}");
    assertThat(moved).isNotEqualTo(text);
    bench.repository.pushManifest(
        Manifest.parse(moved.getBytes(StandardCharsets.UTF_8), genuine.bundle().mediaType()),
        List.of());

    assertRefused(ErrorCode.STATEMENT_MISSING, () -> record(true));

    bench.seal(bench.verdict(false));
    assertRefused(ErrorCode.POLICY_REFUSED, () -> record(true));
  }

  @Test
  void refusedImageThatWasNeverPublishedIsKeptAsARefusal() {
    Digest never = Digest.sha256("never pushed".getBytes(StandardCharsets.UTF_8));
    Descriptor subject = new Descriptor(bench.image.mediaType(), never, 12);
    bench.seal(bench.identity, subject, bench.verdict(never, false));

    new RecordRelease(bench.identity, bench.client, graph, bench.clock)
        .record(bench.name.withTag("1"), never, false);

    assertThat(releases()).isEmpty();
    assertThat(graph.refusals(Ask.DEFAULT).items())
        .extracting(Answer.Refusal::image)
        .containsExactly(Optional.of(never));
  }

  @Test
  void publishedImageThatIsNotThereIsRefused() {
    Digest never = Digest.sha256("never pushed".getBytes(StandardCharsets.UTF_8));

    assertRefused(
        ErrorCode.MANIFEST_NOT_FOUND,
        () ->
            new RecordRelease(bench.identity, bench.client, graph, bench.clock)
                .record(bench.name.withTag("1"), never, true));
  }

  @Test
  void provenanceIsRecordedAsFarAsItsDigestsAreKnown() {
    bench.seal(bench.provenance("urn:run:1"));
    bench.seal(bench.verdict(true));

    record(true);

    var build =
        graph.provenance(bench.image.digest().toString(), Ask.DEFAULT).items().getFirst().build();
    assertThat(build.invocation()).isEqualTo("urn:run:1");
    assertThat(build.started()).contains(Workbench.START);
    assertThat(build.materials())
        .extracting(material -> material.uri() + " " + material.digest().isPresent())
        .containsExactlyInAnyOrder("file:app.jar true", "source false");
  }

  private void record(boolean published) {
    new RecordRelease(bench.identity, bench.client, graph, bench.clock)
        .record(bench.name.withTag("1"), bench.image.digest(), published);
  }

  private List<Answer.Release> releases() {
    return graph.releases(Ask.DEFAULT).items();
  }

  private void assertRefused(ErrorCode code, ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
    assertThat(releases()).as("releases after a refusal").isEmpty();
  }
}
