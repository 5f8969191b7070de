package dev.bulla.registry;

import static dev.bulla.registry.Caller.digestOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.store.Event;
import dev.bulla.store.FilesystemBlobs;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Which tags and manifests rules let go, with a clock that the test moves. */
class RetentionTest {
  private static final String APP = "team/app";

  @TempDir Path home;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private Records records;
  private Registry registry;

  @BeforeEach
  void open() {
    TrialStores.lay(home, List.of(Registry.SCHEMA));
    records = Records.open(home.resolve("records.db"), List.of(Registry.SCHEMA));
    registry = new Registry(records, FilesystemBlobs.open(home.resolve("blobs")), () -> now);
  }

  @AfterEach
  void close() {
    registry.close();
    records.close();
  }

  @Test
  void aTagGoesUnlessARuleThatNamesItKeepsIt() {
    for (int day = 0; day < 6; day++) {
      push(image(day), "pr-" + day);
      pass(Duration.ofDays(1));
    }
    push(image(9), "release");
    pass(Duration.ofDays(10));
    registry.pulled(APP, digestOf(image(0)));
    rule("pr-*", Optional.of(2L), Optional.empty(), Optional.of(Duration.ofDays(1)));

    RetentionReport would = run(true);
    assertThat(tags(would)).containsExactlyInAnyOrder("pr-1", "pr-2", "pr-3");
    assertThat(tags()).as("a dry run is undone").hasSize(7);
    assertThat(run(false).removed()).isEqualTo(would.removed());
    assertThat(tags()).containsExactly("pr-0", "pr-4", "pr-5", "release");
    assertThat(registry.deletions().list(APP, 10)).as("and can be restored").hasSize(3);
    registry.deletions().restore(APP, digestOf(image(1)));
    assertThat(tags()).contains("pr-1");

    pass(Duration.ofDays(2));
    rule("pr-0", Optional.empty(), Optional.of(Duration.ofDays(100)), Optional.empty());
    run(false);
    assertThat(tags())
        .as("another rule keeps it, and what was restored counts as moved now")
        .containsExactly("pr-0", "pr-1", "pr-5", "release");
  }

  @Test
  void whatIsHeldLockedOrPartOfSomethingStaysAndEvidenceGoesWithItsSubject() {
    ObjectNode held = image(1);
    ObjectNode locked = image(2);
    ObjectNode shared = image(3);
    ObjectNode gone = image(4);
    push(held, "held");
    push(locked, "locked");
    push(shared, "shared");
    push(gone, "gone", "latest");
    ObjectNode index = Caller.index(shared);
    push(index, "index");
    ObjectNode alone = image(5);
    push(alone);
    ObjectNode old = Caller.index(alone);
    push(old, "old");
    ObjectNode ofGone = evidence(gone);
    ObjectNode ofHeld = evidence(held);
    push(ofGone);
    push(ofHeld);
    push(image(6), tagOf(gone));
    registry.locks().hold(APP, digestOf(held), "case", "anna");
    registry.locks().lockTag(APP, "locked", new Attributes(false, true, true, true), "anna");
    rule("*", Optional.of(0L), Optional.empty(), Optional.empty());
    rule("index", Optional.of(1L), Optional.empty(), Optional.empty());
    rule("latest", Optional.of(1L), Optional.empty(), Optional.empty());
    run(false);
    assertThat(tags()).containsExactlyInAnyOrder("held", "index", "latest", "locked", tagOf(gone));
    assertThat(has(shared)).as("a part of an index that stays").isTrue();
    assertThat(has(ofGone)).as("its subject is there by another tag").isTrue();
    assertThat(has(old)).isFalse();
    assertThat(has(alone)).as("a part of nothing any longer").isFalse();

    registry.retention().remove("team/**", "latest", "anna");
    run(false);
    assertThat(tags()).containsExactlyInAnyOrder("held", "index", "locked");
    assertThat(has(gone)).isFalse();
    assertThat(has(ofGone)).isFalse();
    assertThat(has(image(6))).as("evidence by a tag").isFalse();
    assertThat(has(ofHeld)).isTrue();
    assertThat(run(false).removed()).isEmpty();
  }

  @Test
  void whatNoTagLeadsToGoesInItsTimeAndAMovedTagIsJudgedByItsNewAge() {
    push(image(1), "v1");
    pass(Duration.ofDays(3));
    push(image(2), "v1");
    registry
        .retention()
        .set(
            new RetentionRule(
                "team/**",
                "*",
                Optional.empty(),
                Optional.of(Duration.ofDays(1)),
                Optional.empty(),
                Optional.of(Duration.ofDays(2))),
            "anna");
    RetentionReport report = run(false);
    assertThat(report.removed()).singleElement();
    assertThat(report.removed().getFirst().reason()).isEqualTo("no tag leads to it");
    assertThat(has(image(2))).isTrue();
    assertThat(registry.retention().rules()).singleElement();
  }

  @Test
  void whatNobodySignsExpiresIsCollectedAsIfUntaggedAndEvidenceStillAdmitsIt() {
    AtomicBoolean signed = new AtomicBoolean();
    ContentTrust trust = registry.trust();
    trust.judgeBy((binding, repository, subject, tag) ->
        new ImageJudge.Judgement(
            signed.get(), List.of(), List.of(), signed.get() ? "" : "unsigned", false));
    trust.bind(
        new Binding(
            "team/*",
            Binding.Mode.ENFORCE,
            Binding.UnsignedPush.PEND,
            false,
            "localhost",
            "rules".getBytes(StandardCharsets.UTF_8)));
    push(image(1), "v1");
    push(image(2), "v2");
    pass(Decisions.PENDING_LIFE.minusSeconds(1));
    trust.sweep(10);
    assertThat(state(image(1))).isEqualTo(Admission.State.PENDING);
    pass(Duration.ofHours(2));
    trust.sweep(10);

    assertThat(new Outbox(records).allAfter(0, 1_000).stream().map(Event::type))
        .as("noticed before somebody asks")
        .filteredOn(type -> type.equals("registry.trust.expired"))
        .hasSize(2);
    assertThatThrownBy(() -> trust.visible(APP, "v1"))
        .isInstanceOf(BullaException.class)
        .hasMessageContaining("EXPIRED");
    signed.set(true);
    trust.reconsider(APP, digestOf(image(1)));
    assertThat(trust.visible(APP, "v1").digest()).isEqualTo(digestOf(image(1)));
    Duration week = Duration.ofDays(7);
    registry
        .upkeep()
        .collect(
            new CollectionRules(week, week, week, week, Optional.of(week), false),
            Progress.UNHEARD);
    assertThat(has(image(1))).isTrue();
    assertThat(has(image(2))).as("its tag waits for nothing any more").isFalse();
  }

  private Admission.State state(ObjectNode manifest) {
    return registry.trust().admission(APP, digestOf(manifest)).state();
  }

  private ObjectNode image(int seed) {
    byte[] config = ("{\"seed\":" + seed + "}").getBytes(StandardCharsets.UTF_8);
    blob(config);
    ObjectNode manifest =
        Json.object()
            .put("schemaVersion", 2)
            .put("mediaType", dev.bulla.core.MediaTypes.OCI_MANIFEST);
    manifest.set("config", Caller.descriptor(dev.bulla.core.MediaTypes.OCI_CONFIG, config));
    manifest.putArray("layers");
    return manifest;
  }

  private ObjectNode evidence(ObjectNode subject) {
    ObjectNode manifest = image(100);
    manifest.put("artifactType", "application/vnd.cyclonedx+json");
    manifest.set("subject", Caller.descriptor(subject));
    return manifest;
  }

  private static String tagOf(ObjectNode subject) {
    return digestOf(subject).toString().replace(':', '-') + ".sig";
  }

  private void blob(byte[] content) {
    dev.bulla.store.Blobs.Upload upload = registry.beginUpload(APP, Digest.Algorithm.SHA256);
    try {
      upload.append(java.util.OptionalLong.empty(), new java.io.ByteArrayInputStream(content));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    registry.commit(APP, upload, Digest.sha256(content));
  }

  private void push(ObjectNode manifest, String... tags) {
    ManifestPush push =
        registry.pushManifest(
            APP,
            Json.write(manifest),
            manifest.path("mediaType").asString(),
            Optional.empty(),
            List.of(tags));
    assertThat(push).isInstanceOf(ManifestPush.Accepted.class);
  }

  private void rule(
      String tags, Optional<Long> last, Optional<Duration> newer, Optional<Duration> pulled) {
    registry
        .retention()
        .set(new RetentionRule("team/**", tags, last, newer, pulled, Optional.empty()), "anna");
  }

  private RetentionReport run(boolean dryRun) {
    return registry.upkeep().retain(registry.retention(), dryRun, Progress.UNHEARD);
  }

  private boolean has(ObjectNode manifest) {
    return registry
        .properties()
        .manifests(APP, RegistryProperties.Order.NAME, RegistryProperties.After.BEGINNING, 100)
        .entries()
        .stream()
        .anyMatch(row -> row.digest().equals(digestOf(manifest)));
  }

  private List<String> tags() {
    return registry.tags(APP, "", 100).entries();
  }

  private static List<String> tags(RetentionReport report) {
    return report.removed().stream().flatMap(one -> one.tags().stream()).toList();
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }
}
