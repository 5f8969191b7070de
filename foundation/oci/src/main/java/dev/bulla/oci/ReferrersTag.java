package dev.bulla.oci;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The list of referrers as an index under the tag {@code sha256-HEX}, for registries without the
 * referrers API (OCI distribution specification, "Referrers Tag Schema").
 *
 * <p>The registry cannot guard the list against two writers. Within one process writers wait for
 * each other; after writing, the list is read again and the entry added anew if somebody else's
 * list has replaced it.
 */
final class ReferrersTag {
  private static final int ATTEMPTS = 4;

  private final RegistryRepository repository;
  private final Map<Digest, Object> locks = new ConcurrentHashMap<>();

  ReferrersTag(RegistryRepository repository) {
    this.repository = repository;
  }

  /** {@code sha256-} and at most 64 characters of the hash. */
  static String tag(Digest subject) {
    return subject.algorithm().id()
        + "-"
        + subject.hex().substring(0, Math.min(64, subject.hex().length()));
  }

  List<Descriptor> read(Digest subject) {
    Optional<Descriptor> index = repository.resolve(tag(subject));
    if (index.isEmpty() || !Manifest.isIndexType(index.get().mediaType())) {
      return List.of();
    }
    return repository.manifest(index.get()).manifests();
  }

  /** Takes an entry out of the list, if there is a list that has it. */
  void remove(Digest subject, Digest referrer) {
    synchronized (locks.computeIfAbsent(subject, any -> new Object())) {
      List<Descriptor> listed = read(subject);
      List<Descriptor> left =
          listed.stream().filter(one -> !one.digest().equals(referrer)).toList();
      if (left.size() < listed.size()) {
        repository.pushManifest(Manifest.index(left, Map.of()), List.of(tag(subject)));
      }
    }
  }

  void add(Digest subject, Descriptor referrer) {
    synchronized (locks.computeIfAbsent(subject, any -> new Object())) {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        List<Descriptor> listed = new ArrayList<>(read(subject));
        if (listed.stream().anyMatch(one -> one.digest().equals(referrer.digest()))) {
          return;
        }
        listed.add(referrer);
        repository.pushManifest(Manifest.index(listed, Map.of()), List.of(tag(subject)));
      }
    }
  }
}
