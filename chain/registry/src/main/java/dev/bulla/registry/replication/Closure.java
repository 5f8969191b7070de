package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Page;
import dev.bulla.registry.Referrer;
import dev.bulla.registry.Registry;
import dev.bulla.registry.StoredManifest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Everything that belongs to a manifest: itself, its parts, and all evidence about any of that,
 * with the evidence's own parts; as descriptors in one order, with a hash over all of them. Two
 * registries with the same root hash have the same.
 *
 * <p>The hash is SHA-256 over a line {@code DIGEST SIZE MEDIATYPE\n} for each descriptor, in the
 * order of the list: by digest, then media type, then size. Evidence is found by its subject, and
 * under the tags by which cosign finds it. In a copy, what the registry itself has signed about its
 * decisions is no part of it: that never was at the home. For one thread.
 */
public final class Closure {
  private static final int MAX_MANIFESTS = 10_000;
  private static final int PAGE = 1_000;
  private static final List<String> SUFFIXES = List.of("", ".sig", ".att", ".sbom");

  private record Entry(String digest, long size, String mediaType) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int order = digest.compareTo(other.digest);
      order = order != 0 ? order : mediaType.compareTo(other.mediaType);
      return order != 0 ? order : Long.compare(size, other.size);
    }
  }

  private final Registry registry;
  private final String repository;
  private final Digest root;
  private final boolean copy;
  private final int limit;
  private final TreeSet<Entry> entries = new TreeSet<>();
  private final Set<Digest> manifests = new HashSet<>();
  private final Deque<StoredManifest> left = new ArrayDeque<>();

  private Closure(Registry registry, String repository, Digest root, boolean copy, int limit) {
    this.registry = registry;
    this.repository = repository;
    this.root = root;
    this.copy = copy;
    this.limit = limit;
  }

  /**
   * @param copy whether the repository has its home elsewhere
   * @throws BullaException {@link ErrorCode#MANIFEST_NOT_FOUND}; {@link ErrorCode#INPUT_TOO_LARGE}
   *     with more than 10 000 manifests
   */
  public static Closure of(Registry registry, String repository, Digest root, boolean copy) {
    return of(registry, repository, root, copy, MAX_MANIFESTS);
  }

  /**
   * @param limit of manifests
   * @throws BullaException {@link ErrorCode#MANIFEST_NOT_FOUND}; {@link ErrorCode#INPUT_TOO_LARGE}
   */
  static Closure of(Registry registry, String repository, Digest root, boolean copy, int limit) {
    Closure closure = new Closure(registry, repository, root, copy, limit);
    closure.add(registry.manifest(repository, root.toString()));
    while (!closure.left.isEmpty()) {
      closure.visit(closure.left.remove());
    }
    return closure;
  }

  /** Its manifests but the first, by their digests. */
  List<String> others() {
    return manifests.stream()
        .filter(one -> !one.equals(root))
        .map(Digest::toString)
        .sorted()
        .toList();
  }

  private void add(StoredManifest manifest) {
    if (!manifests.add(manifest.digest())) {
      return;
    }
    if (manifests.size() > limit) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "more than %d manifests belong together in %s".formatted(limit, repository));
    }
    entries.add(
        new Entry(manifest.digest().toString(), manifest.bytes().length, manifest.mediaType()));
    left.add(manifest);
  }

  private void add(String digest) {
    try {
      registry.findManifest(repository, Digest.parse(digest)).ifPresent(this::add);
    } catch (BullaException e) {
      if (e.code() != ErrorCode.DIGEST_INVALID) {
        throw e;
      }
      // of an algorithm that is not computed here: it stands in the list, and is elsewhere
    }
  }

  private void visit(StoredManifest manifest) {
    JsonNode document = Json.parse(manifest.bytes(), "manifest");
    part(document.path("config"));
    document.path("layers").forEach(this::part);
    for (JsonNode child : document.path("manifests")) {
      part(child);
      add(child.path("digest").asString(""));
    }
    Set<Digest> own =
        copy ? registry.trust().receiptsAbout(repository, manifest.digest()) : Set.of();
    String last = "";
    Page<Referrer> page;
    do {
      page = registry.referrers(repository, manifest.digest(), Optional.empty(), last, PAGE);
      for (Referrer one : page.entries()) {
        if (own.stream().noneMatch(receipt -> receipt.toString().equals(one.digest()))) {
          add(one.digest());
        }
        last = one.digest();
      }
    } while (page.more());
    String prefix = RepositoryPass.tagPrefix(manifest.digest());
    for (String suffix : SUFFIXES) {
      tagged(prefix + suffix).ifPresent(this::add);
    }
  }

  private Optional<StoredManifest> tagged(String tag) {
    try {
      return Optional.of(registry.manifest(repository, tag));
    } catch (BullaException e) {
      if (e.code() == ErrorCode.MANIFEST_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void part(JsonNode descriptor) {
    if (descriptor.isObject()) {
      entries.add(
          new Entry(
              descriptor.path("digest").asString(""),
              descriptor.path("size").asLong(0),
              descriptor.path("mediaType").asString("")));
    }
  }

  /** The hash over all of it. */
  Digest rootHash() {
    StringBuilder lines = new StringBuilder();
    for (Entry one : entries) {
      lines.append(one.digest).append(' ').append(one.size).append(' ');
      lines.append(one.mediaType).append('\n');
    }
    return Digest.sha256(lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  public ObjectNode toJson() {
    ObjectNode body = Json.object().put("repository", repository).put("digest", root.toString());
    ArrayNode descriptors = body.putArray("descriptors");
    for (Entry one : entries) {
      descriptors
          .addObject()
          .put("mediaType", one.mediaType)
          .put("digest", one.digest)
          .put("size", one.size);
    }
    return body.put("manifests", manifests.size()).put("rootHash", rootHash().toString());
  }
}
