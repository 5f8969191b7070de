package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import dev.bulla.store.Blob;
import dev.bulla.store.Blobs;
import dev.bulla.store.Home;
import dev.bulla.store.Records;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A registry and what must be true of it, driven by one source of chance.
 *
 * <p>Longer than most files: every action changes the registry and the model together, so that they
 * are read side by side.
 */
final class ModelledRegistry implements AutoCloseable {
  private static final int CONTENTS = 10;
  private static final List<String> REPOSITORIES = List.of("a/one", "a/two", "b");
  private static final List<String> TAGS = List.of("v1", "v2", "v3");
  private static final CollectionRules RULES = CollectionRules.STANDARD;

  private final Path directory;
  private final Random random;
  private Instant now = Instant.parse("2027-01-01T00:00:00Z");
  private boolean failRetiring;

  private final List<Replica> replicas = new ArrayList<>();

  /** The one that is asked just now. */
  private Registry registry;

  private Blobs blobs;

  /** A process; several if the records can be shared. */
  private record Replica(Records records, Blobs blobs, Registry registry) {}

  // the model
  private record In(String repository, Digest digest) {}

  /** What was pushed: its bytes and parts. */
  private record Pushed(byte[] bytes, Set<Digest> blobs, Set<Digest> manifests) {}

  private final Map<Digest, byte[]> contents = new HashMap<>();
  private final Map<In, Pushed> live = new HashMap<>();
  private final Map<In, Pushed> deleted = new HashMap<>();
  private final Map<In, Instant> deletedAt = new HashMap<>();
  private final Map<In, Digest> tags = new HashMap<>();

  /** Until when a pusher may rely on a blob that it was told is there. */
  private final Map<In, Instant> promised = new HashMap<>();

  private final Set<In> unlinked = new HashSet<>();
  private final List<Open> uploads = new ArrayList<>();
  private final Deque<Runnable> collection = new ArrayDeque<>();

  private record Open(String repository, Digest digest, String id) {}

  ModelledRegistry(Path directory, Random random) {
    this.directory = directory;
    this.random = random;
    for (int i = 0; i < CONTENTS; i++) {
      byte[] content = Caller.content(20 + i);
      contents.put(Digest.sha256(content), content);
    }
    open();
  }

  void step() {
    choose();
    switch (random.nextInt(26)) {
      case 0, 1, 2 -> begin();
      case 3, 4, 5, 6 -> finish();
      case 7 -> ask();
      case 8, 9 -> mount();
      case 10, 11, 12, 13 -> pushImage();
      case 14 -> pushIndex();
      case 15, 16 -> deleteManifest();
      case 17 -> restore();
      case 18 -> deleteBlob();
      case 19 -> time();
      case 20 -> failRetiring = random.nextInt(4) == 0;
      case 21 -> restart();
      default -> collect();
    }
    if (random.nextInt(30) == 0) {
      verify();
    }
  }

  /** Ends with a collection without grace: what is needed stays, what is not is gone. */
  void settle() {
    verify();
    failRetiring = false;
    while (!collection.isEmpty()) {
      collect();
    }
    restart();
    uploads.clear();
    now = now.plus(Duration.ofDays(2));
    for (int i = 0; i < 3; i++) { // times ahead, then links, then files
      registry.upkeep().collect(RULES.withoutGrace(), Progress.UNHEARD);
      now = now.plusSeconds(1);
    }
    verify();
    Set<Digest> needed = new TreeSet<>();
    live.forEach((in, pushed) ->
        pushed.blobs().stream()
            .filter(digest -> !unlinked.contains(new In(in.repository(), digest)))
            .forEach(needed::add));
    assertThat(new TreeSet<>(blobs.list().toList())).isEqualTo(needed);
    assertThat(blobs.retiredBytes()).isZero();
    CheckReport report =
        registry.upkeep().check(CheckRules.STANDARD, RepairSource.NONE, Progress.UNHEARD);
    assertThat(report.isSound()).as(report.toString()).isTrue();
  }

  // Steps

  private void begin() {
    String repository = any(REPOSITORIES);
    Digest digest = any(List.copyOf(new TreeSet<>(contents.keySet())));
    Blobs.Upload upload = registry.beginUpload(repository, Digest.Algorithm.SHA256);
    append(upload, digest, 0, 10);
    uploads.add(new Open(repository, digest, upload.id()));
  }

  private void finish() {
    if (uploads.isEmpty()) {
      return;
    }
    Open open = uploads.remove(random.nextInt(uploads.size()));
    Blobs.Upload upload;
    try {
      upload = registry.upload(open.repository(), open.id());
    } catch (BullaException e) {
      return; // it has expired: the clock went on by more than a day
    }
    append(upload, open.digest(), 10, contents.get(open.digest()).length);
    registry.commit(open.repository(), upload, open.digest());
    told(open.repository(), open.digest());
  }

  private void ask() {
    In in = new In(any(REPOSITORIES), any(List.copyOf(new TreeSet<>(contents.keySet()))));
    try {
      long size = registry.blobSize(in.repository(), in.digest());
      assertThat(size).isEqualTo(contents.get(in.digest()).length);
      told(in.repository(), in.digest());
    } catch (BullaException e) {
      assertThat(isPromised(in)).as("%s was promised: %s", in, e).isFalse();
    }
  }

  private void mount() {
    String to = any(REPOSITORIES);
    In from = new In(any(REPOSITORIES), any(List.copyOf(new TreeSet<>(contents.keySet()))));
    boolean mounted = registry.mount(to, from.digest(), from.repository());
    if (mounted) {
      told(to, from.digest());
    } else {
      assertThat(isPromised(from)).as("%s was promised", from).isFalse();
    }
  }

  private void pushImage() {
    String repository = any(REPOSITORIES);
    List<Digest> known = new ArrayList<>(new TreeSet<>(contents.keySet()));
    if (random.nextInt(4) > 0) {
      known.removeIf(digest -> !isPromised(new In(repository, digest)));
    }
    if (known.isEmpty()) {
      return;
    }
    Digest config = any(known);
    Digest layer = any(known);
    ObjectNode manifest =
        Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
    manifest.set("config", Caller.descriptor(MediaTypes.OCI_CONFIG, contents.get(config)));
    manifest
        .putArray("layers")
        .add(Caller.descriptor(MediaTypes.OCI_LAYER_GZIP, contents.get(layer)));
    if (random.nextInt(3) == 0) {
      subject(repository).ifPresent(s -> manifest.set("subject", s));
    }
    push(repository, manifest, setOf(config, layer), Set.of());
  }

  private static Set<Digest> setOf(Digest a, Digest b) {
    return a.equals(b) ? Set.of(a) : Set.of(a, b);
  }

  private Optional<ObjectNode> subject(String repository) {
    List<In> there = liveIn(repository);
    return there.isEmpty() ? Optional.empty() : Optional.of(described(any(there)));
  }

  private void pushIndex() {
    String repository = any(REPOSITORIES);
    List<In> there = liveIn(repository);
    if (there.isEmpty()) {
      return;
    }
    In child = any(there);
    ObjectNode index = Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
    ArrayNode manifests = index.putArray("manifests");
    manifests.add(described(child));
    push(repository, index, Set.of(), Set.of(child.digest()));
  }

  private void push(
      String repository, ObjectNode manifest, Set<Digest> parts, Set<Digest> children) {
    byte[] bytes = Json.write(manifest);
    List<String> tag = random.nextBoolean() ? List.of(any(TAGS)) : List.of();
    Set<Digest> unreliable = new HashSet<>(parts);
    unreliable.removeIf(digest -> isPromised(new In(repository, digest)));
    ManifestPush outcome = registry.pushManifest(repository, bytes, "", Optional.empty(), tag);
    switch (outcome) {
      case ManifestPush.Accepted accepted -> {
        In in = new In(repository, accepted.digest());
        live.put(in, new Pushed(bytes, parts, children));
        deleted.remove(in);
        parts.forEach(part -> unlinked.remove(new In(repository, part)));
        tag.forEach(name -> tags.put(tagged(repository, name), accepted.digest()));
      }
      case ManifestPush.Incomplete incomplete ->
          assertThat(unreliable.stream().map(Digest::toString))
              .as("parts that were promised are missing")
              .containsAll(incomplete.digests());
      case ManifestPush.Outdated other ->
          throw new AssertionError("nothing was demanded of " + other.reference());
    }
  }

  private void deleteManifest() {
    if (live.isEmpty()) {
      return;
    }
    In in = any(sorted(live.keySet()));
    registry.deleteManifest(in.repository(), in.digest().toString());
    deleted.put(in, live.remove(in));
    deletedAt.put(in, now);
    tags.keySet()
        .removeIf(tag ->
            tag.repository().startsWith(in.repository() + "\n")
                && in.digest().equals(tags.get(tag)));
  }

  private void restore() {
    if (deleted.isEmpty()) {
      return;
    }
    In in = any(sorted(deleted.keySet()));
    Pushed pushed = deleted.get(in);
    boolean lateEnough = now.isBefore(deletedAt.get(in).plus(RULES.deleted()));
    boolean whole =
        pushed.blobs().stream().noneMatch(d -> unlinked.contains(new In(in.repository(), d)))
            && pushed.manifests().stream()
                .allMatch(d -> live.containsKey(new In(in.repository(), d)));
    try {
      if (registry.deletions().restore(in.repository(), in.digest())
          instanceof ManifestPush.Accepted back) {
        live.put(in, pushed);
        deleted.remove(in);
        back.tags().forEach(name -> tags.put(tagged(in.repository(), name), in.digest()));
      } else {
        assertThat(whole).as("%s cannot be restored, but nothing was deleted", in).isFalse();
      }
    } catch (BullaException e) {
      assertThat(lateEnough && !jumped).as("%s cannot be restored: %s", in, e).isFalse();
    }
  }

  private void deleteBlob() {
    In in = new In(any(REPOSITORIES), any(List.copyOf(new TreeSet<>(contents.keySet()))));
    if (random.nextInt(3) > 0) {
      return;
    }
    try {
      registry.deleteBlob(in.repository(), in.digest());
    } catch (BullaException e) {
      assertThat(isPromised(in)).isFalse();
    }
    unlinked.add(in);
    promised.remove(in);
  }

  private boolean jumped;

  private void time() {
    int kind = random.nextInt(12);
    if (kind == 0) {
      now = now.plus(Duration.ofDays(400));
    } else if (kind == 1) {
      // a promise is about time that passes; a clock that goes back starts no new one
      now = now.minus(Duration.ofDays(2));
      promised.clear();
      jumped = true;
    } else {
      now = now.plus(Duration.ofMinutes(random.nextInt(900)));
    }
  }

  private void restart() {
    collection.clear();
    close();
    open();
  }

  private void collect() {
    if (collection.isEmpty()) {
      Collector collector = registry.upkeep().collector(RULES);
      collection.add(collector::mendTimes);
      collection.add(collector::uploads);
      collection.add(collector::deleted);
      collection.add(collector::links);
      collection.add(collector::blobs);
      collection.add(collector::strays);
      collection.add(collector::freed);
    }
    try {
      collection.remove().run();
    } catch (InjectedFault e) {
      restart();
    }
  }

  // The model's questions

  private void verify() {
    choose();
    live.forEach(this::verify);
    tags.forEach((tag, digest) -> {
      String[] name = tag.repository().split("\n");
      assertThat(registry.manifest(name[0], name[1]).digest()).isEqualTo(digest);
    });
  }

  private void verify(In in, Pushed pushed) {
    assertThat(registry.manifest(in.repository(), in.digest().toString()).bytes())
        .isEqualTo(pushed.bytes());
    for (Digest digest : pushed.blobs()) {
      if (!unlinked.contains(new In(in.repository(), digest))) {
        assertThat(read(in.repository(), digest))
            .as("%s of %s", digest, in)
            .isEqualTo(contents.get(digest));
      }
    }
  }

  private byte[] read(String repository, Digest digest) {
    try (Blob blob = registry.blob(repository, digest)) {
      return Channels.newInputStream(blob.from(0)).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void told(String repository, Digest digest) {
    In in = new In(repository, digest);
    unlinked.remove(in);
    promised.put(in, now.plus(RULES.grace()).minus(BlobTable.PROMISE));
  }

  private boolean isPromised(In in) {
    boolean needed =
        live.entrySet().stream()
            .anyMatch(e ->
                e.getKey().repository().equals(in.repository())
                    && e.getValue().blobs().contains(in.digest())
                    && !unlinked.contains(in));
    return needed || promised.containsKey(in) && now.isBefore(promised.get(in));
  }

  private List<In> liveIn(String repository) {
    return sorted(live.keySet()).stream().filter(in -> in.repository().equals(repository)).toList();
  }

  private ObjectNode described(In in) {
    byte[] bytes = live.get(in).bytes();
    return Caller.descriptor(
        Json.parseObject(bytes, "manifest").get("mediaType").stringValue(), bytes);
  }

  private static In tagged(String repository, String tag) {
    return new In(repository + "\n" + tag, Digest.sha256(tag.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<In> sorted(Set<In> set) {
    return set.stream()
        .sorted(java.util.Comparator.comparing(In::repository).thenComparing(In::digest))
        .toList();
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private void append(Blobs.Upload upload, Digest digest, int from, int to) {
    try {
      upload.append(
          OptionalLong.of(from), new ByteArrayInputStream(contents.get(digest), from, to - from));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void open() {
    Home home = new Home(directory);
    TrialStores.lay(directory, List.of(Registry.SCHEMA));
    for (int i = 0; i < (TrialStores.isShared() ? 2 : 1); i++) {
      Records records = TrialStores.of(directory).openRecords(home, List.of(Registry.SCHEMA));
      Blobs files = failing(TrialStores.of(directory).openBlobs(home));
      replicas.add(new Replica(records, files, new Registry(records, files, () -> now)));
    }
    choose();
  }

  /** Goes on at any of the replicas, by a request of its own. */
  private void choose() {
    Replica chosen = any(replicas);
    chosen.records().changes().refresh();
    registry = chosen.registry();
    blobs = chosen.blobs();
  }

  /** The same blobs, whose {@code retire} fails when chance wants it: a crash after the row. */
  private Blobs failing(Blobs real) {
    return (Blobs)
        Proxy.newProxyInstance(
            Blobs.class.getClassLoader(),
            new Class<?>[] {Blobs.class},
            (proxy, method, arguments) -> {
              assertThat(method.getName())
                  .as("nothing needs to be brought back")
                  .isNotEqualTo("revive");
              if (failRetiring && method.getName().equals("retire")) {
                failRetiring = false;
                throw new InjectedFault();
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static final class InjectedFault extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @Override
  public void close() {
    replicas.forEach(replica -> {
      replica.registry().close();
      replica.records().close();
    });
    replicas.clear();
  }
}
