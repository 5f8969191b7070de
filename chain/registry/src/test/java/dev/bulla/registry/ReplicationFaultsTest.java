package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.registry.replication.PassReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * Replication through a source that lies, fails and forgets, against what the source really has.
 *
 * <p>{@code -Dreplication.seed=N} repeats a run, {@code -Dreplication.steps=N} makes it longer.
 */
class ReplicationFaultsTest {
  private static final String APP = "team/app";

  @TempDir Path homes;
  private final Set<String> before = new HashSet<>();

  @Test
  void aReplicaNeverShowsMoreThanItsPolicyAcceptsNorLessThanTheWholeAndGetsThereInTheEnd() {
    long seed = Long.getLong("replication.seed", new Random().nextLong());
    int steps = Integer.getInteger("replication.steps", 60);
    Random random = new Random(seed);
    try (TrialRegion east = new TrialRegion("east", homes.resolve("east"));
        TrialRegion west = new TrialRegion("west", homes.resolve("west"))) {
      west.bind("team/*", "alice");
      Changes changes = new Changes(east.registry, random);
      LyingSource source = new LyingSource(east, random);
      List<String> told = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        changes.some();
        if (random.nextInt(3) == 0) {
          source.lies(true);
          Optional<PassReport> report = pull(west, source);
          report.ifPresent(one -> told.add(one.toJson().toString()));
          check(west, east, report, "seed %d, step %d: %s".formatted(seed, step, source.last()));
        }
      }
      source.lies(false);
      PassReport last = pull(west, source).orElseThrow();
      assertThat(last.complete()).as("seed %d: %s", seed, last.toJson()).isTrue();
      assertThat(manifests(west)).as("seed %d", seed).isEqualTo(manifests(east));
      assertThat(newestTags(west)).as("seed %d", seed).isEqualTo(newestTags(east));
    }
  }

  @Test
  void aKeyThatOneDamagedAnswerBroughtIsNotBelievedForGood() {
    try (TrialRegion east = new TrialRegion("east", homes.resolve("east"));
        TrialRegion west = new TrialRegion("west", homes.resolve("west"));
        TrialRegion south = new TrialRegion("south", homes.resolve("south"))) {
      String otherKey = south.pages.page(APP, 0, 1).path("key").asString();
      west.bind("team/*", "alice");
      west.follows = true;
      new Changes(east.registry, new Random(1)).push();
      LyingSource exchanged =
          new LyingSource(east, new Random(1)) {
            @Override
            public byte[] page(String repository, long after) {
              ObjectNode page = Json.parseObject(super.page(repository, after), "page");
              return Json.write(page.put("key", otherKey));
            }
          };

      PassReport refused = pull(west, exchanged).orElseThrow();
      PassReport honest = pull(west, new LyingSource(east, new Random(1))).orElseThrow();

      assertThat(refused.repositories().getFirst().code()).isEqualTo("replication-untrusted");
      assertThat(honest.complete()).as("%s", honest.toJson()).isTrue();
    }
  }

  private static Optional<PassReport> pull(TrialRegion west, LyingSource source) {
    try {
      return Optional.of(west.pull(source, "team/*"));
    } catch (BullaException e) {
      return Optional.empty(); // the source could not be reached
    }
  }

  private void check(TrialRegion west, TrialRegion east, Optional<PassReport> report, String as) {
    Set<String> now = manifests(west);
    for (String digest : now) {
      StoredManifest stored = west.registry.manifest(APP, digest);
      boolean evidence = west.registry.trust().isEvidence(stored.bytes(), List.of());
      boolean visible = west.registry.trust().isVisible(APP, stored.digest());
      if (!evidence && visible) {
        // itself, or the index that it is a part of
        String via = west.registry.trust().admission(APP, stored.digest()).via();
        Digest admitted = via.isEmpty() ? stored.digest() : Digest.parse(via);
        assertThat(signers(west, admitted)).as(as).contains("alice");
      }
      ObjectNode manifest = Json.parseObject(stored.bytes(), "manifest");
      for (var layer : manifest.path("layers")) {
        west.registry.blobSize(APP, Digest.parse(layer.path("digest").asString()));
      }
      if (!evidence && !before.contains(digest)) {
        // what the source had before the replica read its feed came with the image
        assertThat(signers(west, stored.digest()))
            .as(as)
            .containsAll(
                report.filter(PassReport::complete).isPresent()
                    ? signers(east, stored.digest())
                    : List.of());
      }
    }
    before.clear();
    before.addAll(now);
  }

  private static List<String> signers(TrialRegion region, Digest image) {
    return region.registry.stored(APP).referrers(image, Optional.empty()).stream()
        .map(one -> one.annotations().getOrDefault("signer", "?"))
        .sorted()
        .toList();
  }

  private static Set<String> manifests(TrialRegion region) {
    return Set.copyOf(
        region.records.read(
            handle -> handle.select("SELECT digest FROM manifest").mapTo(String.class).list()));
  }

  private static Map<String, String> newestTags(TrialRegion region) {
    Map<String, String> tags = new TreeMap<>();
    for (String table : List.of("tag", "pending_tag")) {
      region.records.read(handle -> {
        handle
            .select("SELECT name, digest FROM " + table)
            .map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
            .forEach(one -> tags.put(one.getKey(), one.getValue()));
        return true;
      });
    }
    return tags;
  }

  /** Somebody works at the source. */
  private static final class Changes {
    private final Registry registry;
    private final Random random;
    private final List<Descriptor> images = new ArrayList<>();
    private final List<Digest> evidence = new ArrayList<>();

    Changes(Registry registry, Random random) {
      this.registry = registry;
      this.random = random;
    }

    void some() {
      switch (images.isEmpty() ? 0 : random.nextInt(8)) {
        case 0, 1 -> push();
        case 2, 3 -> sign(random.nextBoolean() ? "alice" : "mallory");
        case 4 -> tag(any());
        case 5 -> gone("t" + random.nextInt(4));
        case 6 -> gone(any().digest().toString());
        default -> {
          if (!evidence.isEmpty()) {
            gone(evidence.get(random.nextInt(evidence.size())).toString());
          }
        }
      }
    }

    private Descriptor any() {
      return images.get(random.nextInt(images.size()));
    }

    private void push() {
      ObjectNode image = TrialRegion.image(registry, APP, random.nextInt(6));
      images.add(TrialRegion.describe(image));
      registry.pushManifest(APP, Json.write(image), "", Optional.empty(), List.of());
      if (random.nextInt(3) == 0) {
        ObjectNode index = Caller.index(image);
        index.putObject("annotations").put("n", "" + random.nextInt(3));
        images.add(TrialRegion.describe(index));
        registry.pushManifest(APP, Json.write(index), "", Optional.empty(), List.of());
      }
      tag(images.getLast());
    }

    private void tag(Descriptor image) {
      registry
          .findManifest(APP, image.digest())
          .ifPresent(one ->
              registry.pushManifest(
                  APP, one.bytes(), "", Optional.empty(), List.of("t" + random.nextInt(4))));
    }

    private void sign(String signer) {
      ObjectNode bundle = TrialRegion.bundle(registry, APP, any(), signer);
      evidence.add(Digest.sha256(Json.write(bundle)));
      registry.pushManifest(APP, Json.write(bundle), "", Optional.empty(), List.of());
    }

    /** An index goes before its parts, as a careful client does it. */
    private void gone(String reference) {
      try {
        boolean part =
            registry.findManifest(APP, part(reference)).isPresent()
                && images.stream()
                    .map(one -> registry.findManifest(APP, one.digest()))
                    .flatMap(Optional::stream)
                    .anyMatch(one ->
                        !one.digest().toString().equals(reference)
                            && new String(one.bytes()).contains(reference));
        if (!part) {
          registry.deleteManifest(APP, reference);
        }
      } catch (BullaException e) {
        // it was gone already
      }
    }

    private static Digest part(String reference) {
      return Registry.isDigest(reference)
          ? Digest.parse(reference)
          : Digest.sha256(reference.getBytes());
    }
  }
}
