package dev.bulla.registry;

import static dev.bulla.registry.Caller.content;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import dev.bulla.registry.CheckFinding.Kind;
import dev.bulla.store.Blobs;
import dev.bulla.store.Home;
import dev.bulla.store.Records;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Collection, check with repair, soft delete and usage, without HTTP. */
class UpkeepTest {
  private static final String APP = "team/app";
  private static final CollectionRules DRY =
      new CollectionRules(
          Duration.ofDays(1),
          Duration.ofDays(1),
          Duration.ofDays(1),
          Duration.ofDays(7),
          Optional.empty(),
          true);

  @TempDir Path directory;
  private Instant now = Instant.parse("2027-01-01T00:00:00Z");
  private Records records;
  private Blobs blobs;
  private Registry registry;

  @BeforeEach
  void open() {
    Home home = new Home(directory);
    blobs = TrialStores.of(directory).openBlobs(home);
    TrialStores.lay(directory, List.of(Registry.SCHEMA));
    records = TrialStores.of(directory).openRecords(home, List.of(Registry.SCHEMA));
    registry = new Registry(records, blobs, () -> now);
  }

  @AfterEach
  void close() {
    registry.close();
    records.close();
  }

  @Test
  void unneededContentGoesAfterItsGraceAndNeededContentStays() {
    Digest image = image(APP, 1, "v1");
    Digest loose = push(APP, content(900));
    Digest shared = push(APP, content(901));
    push("other/app", content(901));
    registry.deleteBlob(APP, shared);

    assertThat(collect(CollectionRules.STANDARD).blobs()).isZero();
    now = now.plus(Duration.ofHours(25));
    registry.blobSize("other/app", shared); // somebody is about to push with it
    CollectionReport planned = collect(DRY);
    CollectionReport done = collect(CollectionRules.STANDARD);

    assertThat(planned).isEqualTo(new CollectionReport(true, 0, 0, 0, 1, 1, 900, 0, 0));
    assertThat(done).isEqualTo(new CollectionReport(false, 0, 0, 0, 1, 1, 900, 0, 0));
    assertThat(blobs.list()).hasSize(3).contains(shared).doesNotContain(loose);
    assertThatThrownBy(() -> registry.blobSize(APP, loose))
        .satisfies(code(ErrorCode.BLOB_NOT_FOUND));
    assertThat(pullable(APP, image)).isTrue();
    now = now.plus(Duration.ofHours(25));
    assertThat(collect(CollectionRules.STANDARD).freed()).isEqualTo(900);
  }

  @Test
  void restingUploadsAndStrayFilesGo() throws IOException {
    TrialStores.needFiles();
    Blobs.Upload upload = registry.beginUpload(APP, Digest.Algorithm.SHA256);
    Path file = directory.resolve("blobs/uploads").resolve(upload.id());
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    Blobs.Upload stray = blobs.begin(Digest.Algorithm.SHA256);
    stray.append(OptionalLong.empty(), new ByteArrayInputStream(content(30)));
    stray.commit(Digest.sha256(content(30)));
    now = Instant.now().plus(Duration.ofHours(23));
    assertThat(collect(CollectionRules.STANDARD).strays()).isZero();
    now = now.plus(Duration.ofHours(2));

    CollectionReport report = collect(CollectionRules.STANDARD);

    assertThat(report.strays()).isEqualTo(1);
    assertThat(blobs.uploads()).isEmpty();
    assertThat(blobs.list()).isEmpty();
  }

  @Test
  void untaggedManifestsGoWithTheirEvidenceUnlessAnIndexOrTagLeadsToThem() {
    Digest tagged = image(APP, 1, "v1");
    Digest child = image(APP, 2);
    ObjectNode index = Caller.index(descriptor(APP, child));
    registry.pushManifest(APP, Json.write(index), "", Optional.empty(), List.of("multi"));
    Digest lost = image(APP, 3);
    Digest evidence = evidence(lost);
    Digest kept = evidence(tagged);
    now = now.plus(Duration.ofDays(31));
    Digest young = image(APP, 4);
    CollectionRules rules =
        new CollectionRules(
            Duration.ofDays(1),
            Duration.ofDays(1),
            Duration.ofDays(1),
            Duration.ofDays(7),
            Optional.of(Duration.ofDays(30)),
            false);

    assertThat(collect(rules).untagged()).isEqualTo(2);

    assertThat(registry.deletions().list(APP, 10))
        .extracting(DeletedManifest::digest)
        .containsExactlyInAnyOrder(lost, evidence);
    for (Digest digest : List.of(tagged, child, kept, young)) {
      assertThat(pullable(APP, digest)).isTrue();
    }
  }

  @Test
  void whatWasDeletedCanBeRestoredWithItsTagsForAWeek() {
    Digest image = image(APP, 1, "v1", "v2");
    registry.deleteManifest(APP, image.toString());
    Digest other = image(APP, 2, "v2");
    now = now.plus(Duration.ofDays(6));
    collect(CollectionRules.STANDARD);

    assertThat(registry.deletions().restore(APP, image))
        .isEqualTo(new ManifestPush.Accepted(image, Optional.empty(), List.of("v1")));
    assertThat(pullable(APP, image)).isTrue();
    assertThat(registry.manifest(APP, "v1").digest()).isEqualTo(image);
    assertThat(registry.manifest(APP, "v2").digest()).isEqualTo(other);
    assertThat(registry.deletions().list(APP, 10)).isEmpty();

    registry.deleteManifest(APP, image.toString());
    now = now.plus(Duration.ofDays(8));
    assertThat(collect(CollectionRules.STANDARD).deleted()).isEqualTo(1);
    assertThatThrownBy(() -> registry.deletions().restore(APP, image))
        .satisfies(code(ErrorCode.MANIFEST_NOT_FOUND));
  }

  @Test
  void rottenBlobsAreFoundToldAndRepaired() throws IOException {
    Digest image = image(APP, 1, "v1");
    Digest rotten = Digest.sha256(content(501));
    overwrite(rotten, content(500));
    assertThat(check(new CheckRules(false, 0, false), RepairSource.NONE).findings())
        .extracting(CheckFinding::kind)
        .containsExactly(Kind.BLOB_DAMAGED, Kind.MANIFEST_INCOMPLETE);
    overwrite(rotten, other(501));

    CheckReport found = check(CheckRules.STANDARD, RepairSource.NONE);

    assertThat(found.isSound()).isFalse();
    assertThat(found.findings())
        .extracting(CheckFinding::kind, CheckFinding::what, CheckFinding::repositories)
        .contains(
            org.assertj.core.api.Assertions.tuple(
                Kind.BLOB_DAMAGED, rotten.toString(), List.of(APP)));
    assertThatThrownBy(() -> registry.blobSize(APP, rotten))
        .as("a pusher sends it again")
        .satisfies(code(ErrorCode.BLOB_NOT_FOUND));

    RepairSource liar = (d, size, where) -> Optional.of(new ByteArrayInputStream(other(501)));
    assertThat(check(new CheckRules(true, 0, true), liar).isSound()).isFalse();
    assertThatThrownBy(() -> registry.blob(APP, rotten)).satisfies(code(ErrorCode.STORE_CORRUPT));

    RepairSource peer = (d, size, where) -> Optional.of(new ByteArrayInputStream(content(501)));
    CheckReport repaired = check(new CheckRules(true, 0, true), peer);
    assertThat(repaired.isSound()).isTrue();
    assertThat(repaired.findings()).extracting(CheckFinding::repaired).contains(true);
    assertThat(pullable(APP, image)).isTrue();
    assertThat(check(CheckRules.STANDARD, RepairSource.NONE).findings()).isEmpty();
  }

  @Test
  void wrongRecordsAreFound() {
    Digest image = image(APP, 1, "v1");
    records.write(h -> h.execute("DELETE FROM edge WHERE role = 'LAYER'"));
    assertThat(check(CheckRules.STANDARD, RepairSource.NONE).findings())
        .extracting(CheckFinding::kind)
        .containsExactly(Kind.RECORD_WRONG);
    records.write(h -> h.execute("UPDATE manifest SET bytes = ?", (Object) new byte[2]));
    records.write(h -> h.execute("UPDATE tag SET digest = 'sha256:0'"));

    CheckReport report = check(CheckRules.STANDARD, RepairSource.NONE);

    assertThat(report.findings())
        .extracting(CheckFinding::kind, CheckFinding::what)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple(Kind.MANIFEST_DAMAGED, image.toString()),
            org.assertj.core.api.Assertions.tuple(Kind.RECORD_WRONG, APP + ":v1"));
  }

  @Test
  void usageCountsSharedBlobsOnceInAProject() {
    image(APP, 1, "v1");
    image("team/web", 1, "v1", "v2");
    Usage usage = registry.upkeep().usage();

    assertThat(usage.projects()).containsExactly(new Usage.Project("team", 2, 508, Quota.NONE));
    assertThat(usage.repositories())
        .containsExactly(
            new Usage.Repository(APP, 1, 1, 2, 508),
            new Usage.Repository("team/web", 1, 2, 2, 508));
    assertThat(usage.storedBytes()).isEqualTo(508);
  }

  @Test
  void collectionWithoutGraceBesidePushesTakesNothingThatWasAcknowledged() throws Exception {
    Map<Digest, String> acknowledged = new ConcurrentHashMap<>();
    AtomicBoolean enough = new AtomicBoolean();
    Registry real = new Registry(records, blobs, Instant::now);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        String repository = "load/r" + i;
        int first = i * 1_000;
        running.add(
            threads.submit(() -> {
              for (int n = 0; !enough.get(); n++) {
                pushAndForget(real, repository, first + n % 5, n, acknowledged);
              }
            }));
      }
      running.add(
          threads.submit(() -> {
            CollectionRules rules = CollectionRules.STANDARD.withoutGrace();
            while (!enough.get()) {
              real.upkeep().collect(rules, Progress.UNHEARD);
            }
          }));
      Thread.sleep(Integer.getInteger("bulla.load.millis", 500));
      enough.set(true);
      for (Future<?> one : running) {
        one.get();
      }
    }
    registry = real;
    acknowledged.forEach((digest, repository) -> assertThat(pullable(repository, digest)).isTrue());
    assertThat(check(CheckRules.STANDARD, RepairSource.NONE).findings())
        .noneMatch(finding -> finding.kind() != Kind.STRAY_FILE);
  }

  /** Pushes an image and deletes it again every other time; parts may have to be sent again. */
  private static void pushAndForget(
      Registry registry, String repository, int seed, int round, Map<Digest, String> acknowledged) {
    byte[] config = ("{\"seed\":" + seed + "}").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] layer = content(500 + seed % 3);
    push(registry, repository, config);
    push(registry, repository, layer);
    byte[] bytes = Json.write(manifest(config, layer));
    if (registry.pushManifest(repository, bytes, "", Optional.empty(), List.of())
        instanceof ManifestPush.Accepted accepted) {
      acknowledged.put(accepted.digest(), repository);
      if (round % 2 == 0) {
        acknowledged.remove(accepted.digest());
        registry.deleteManifest(repository, accepted.digest().toString());
      }
    }
  }

  private CollectionReport collect(CollectionRules rules) {
    return registry.upkeep().collect(rules, Progress.UNHEARD);
  }

  private CheckReport check(CheckRules rules, RepairSource source) {
    return registry.upkeep().check(rules, source, Progress.UNHEARD);
  }

  private Digest image(String repository, int seed, String... tags) {
    byte[] config = ("{\"s\":" + seed + "}").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] layer = content(500 + seed);
    push(repository, config);
    push(repository, layer);
    return accepted(repository, manifest(config, layer), tags);
  }

  private Digest evidence(Digest subject) {
    byte[] empty = "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    push(APP, empty);
    ObjectNode manifest = manifest(empty, empty).put("artifactType", "application/x");
    manifest.set("subject", Caller.descriptor(descriptor(APP, subject)));
    return accepted(APP, manifest);
  }

  private Digest accepted(String repository, ObjectNode manifest, String... tags) {
    ManifestPush push =
        registry.pushManifest(
            repository, Json.write(manifest), "", Optional.empty(), List.of(tags));
    return ((ManifestPush.Accepted) push).digest();
  }

  private static ObjectNode manifest(byte[] config, byte[] layer) {
    ObjectNode manifest =
        Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
    manifest.set("config", Caller.descriptor(MediaTypes.OCI_CONFIG, config));
    manifest.putArray("layers").add(Caller.descriptor(MediaTypes.OCI_LAYER_GZIP, layer));
    return manifest;
  }

  private ObjectNode descriptor(String repository, Digest digest) {
    return Json.parseObject(registry.manifest(repository, digest.toString()).bytes(), "manifest");
  }

  private Digest push(String repository, byte[] content) {
    return push(registry, repository, content);
  }

  private static Digest push(Registry registry, String repository, byte[] content) {
    Digest digest = Digest.sha256(content);
    Blobs.Upload upload = registry.beginUpload(repository, Digest.Algorithm.SHA256);
    try {
      upload.append(OptionalLong.empty(), new ByteArrayInputStream(content));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    registry.commit(repository, upload, digest);
    return digest;
  }

  private boolean pullable(String repository, Digest digest) {
    ObjectNode manifest = descriptor(repository, digest);
    List<String> parts = new ArrayList<>();
    parts.add(manifest.path("config").path("digest").asString());
    manifest.path("layers").forEach(layer -> parts.add(layer.path("digest").asString()));
    for (String part : parts) {
      try (dev.bulla.store.Blob blob = registry.blob(repository, Digest.parse(part))) {
        byte[] bytes = java.nio.channels.Channels.newInputStream(blob.from(0)).readAllBytes();
        assertThat(Digest.sha256(bytes)).hasToString(part);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    return digest.matches(registry.manifest(repository, digest.toString()).bytes());
  }

  private void overwrite(Digest digest, byte[] content) throws IOException {
    TrialStores.overwrite(directory, digest, content);
  }

  private static byte[] other(int length) {
    byte[] bytes = content(length);
    bytes[length / 2] ^= 1;
    return bytes;
  }

  private static java.util.function.Consumer<Throwable> code(ErrorCode expected) {
    return e ->
        assertThat(e)
            .isInstanceOfSatisfying(
                BullaException.class, b -> assertThat(b.code()).isEqualTo(expected));
  }
}
