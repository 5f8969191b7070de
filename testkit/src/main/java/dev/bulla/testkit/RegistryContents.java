package dev.bulla.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What a registry in memory holds. */
final class RegistryContents {

  /** A manifest with the media type that it was pushed as. */
  record Stored(String mediaType, byte[] bytes) {}

  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<String, Map<String, Stored>> manifests = new ConcurrentHashMap<>();
  private final Map<String, byte[]> uploads = new ConcurrentHashMap<>();

  void putBlob(String repository, String digest, byte[] content) {
    blobs.put(repository + "@" + digest, content.clone());
  }

  Optional<byte[]> blob(String repository, String digest) {
    return Optional.ofNullable(blobs.get(repository + "@" + digest));
  }

  void putManifest(String repository, String tagOrDigest, String mediaType, byte[] content) {
    Map<String, Stored> all =
        manifests.computeIfAbsent(
            repository, any -> java.util.Collections.synchronizedMap(new TreeMap<>()));
    all.put(tagOrDigest, new Stored(mediaType, content.clone()));
  }

  /** With every tag and digest that names it. */
  void removeManifest(String repository, Stored manifest) {
    Map<String, Stored> all = manifests.getOrDefault(repository, Map.of());
    synchronized (all) {
      all.values().removeIf(one -> java.util.Arrays.equals(one.bytes(), manifest.bytes()));
    }
  }

  Optional<Stored> manifest(String repository, String tagOrDigest) {
    return Optional.ofNullable(manifests.getOrDefault(repository, Map.of()).get(tagOrDigest));
  }

  /** Digest to manifest, sorted. */
  Map<String, Stored> manifests(String repository) {
    Map<String, Stored> byDigest = new TreeMap<>();
    Map<String, Stored> all = manifests.getOrDefault(repository, Map.of());
    synchronized (all) {
      all.forEach((name, stored) -> {
        if (name.indexOf(':') >= 0) {
          byDigest.put(name, stored);
        }
      });
    }
    return byDigest;
  }

  List<String> tags(String repository) {
    Map<String, Stored> all = manifests.getOrDefault(repository, Map.of());
    synchronized (all) {
      return new ArrayList<>(all.keySet().stream().filter(name -> name.indexOf(':') < 0).toList());
    }
  }

  boolean knows(String repository) {
    return manifests.containsKey(repository);
  }

  Map<String, byte[]> uploads() {
    return uploads;
  }
}
