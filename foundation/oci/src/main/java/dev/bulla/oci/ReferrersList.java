package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gathers what a registry lists as referrers of a subject: each once, in the registry's order,
 * filtered here whether or not the registry filters.
 *
 * <p>Some writers of fallback lists leave the artifact type out (go-containerregistry before
 * 0.22.1); then the manifest itself is asked.
 */
final class ReferrersList {
  private static final int MAX_ENTRIES = 10_000;

  private final RegistryRepository repository;
  private final Digest subject;
  private final Optional<String> artifactType;
  private final Map<Digest, Descriptor> found = new LinkedHashMap<>();

  ReferrersList(RegistryRepository repository, Digest subject, Optional<String> artifactType) {
    this.repository = repository;
    this.subject = subject;
    this.artifactType = artifactType;
  }

  void addAll(Fields page) {
    page.objects("manifests").forEach(one -> add(Manifest.descriptorOf(one)));
  }

  void add(Descriptor listed) {
    if (found.size() >= MAX_ENTRIES) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "referrers of %s in %s: more than %d".formatted(subject, repository.name(), MAX_ENTRIES));
    }
    if (found.containsKey(listed.digest()) || listed.digest().equals(subject)) {
      return;
    }
    Optional<Descriptor> known =
        listed.artifactType().isPresent() ? Optional.of(listed) : fromManifest(listed);
    known
        .filter(one -> artifactType.isEmpty() || artifactType.equals(one.artifactType()))
        .ifPresent(one -> found.put(one.digest(), one));
  }

  /**
   * Empty if the manifest is gone or is about something else. One that cannot be read is of no
   * type: it is left to those who want all, and breaks nobody's search for one kind.
   */
  private Optional<Descriptor> fromManifest(Descriptor listed) {
    try {
      Manifest manifest = repository.manifest(listed);
      return manifest.subject().filter(s -> s.digest().equals(subject)).isPresent()
          ? Optional.of(Contents.referrer(manifest))
          : Optional.empty();
    } catch (BullaException e) {
      return switch (e.code()) {
        case MANIFEST_NOT_FOUND -> Optional.empty();
        case MANIFEST_INVALID, JSON_MALFORMED, JSON_DUPLICATE_KEY, JSON_TOO_DEEP, FIELD_INVALID ->
            Optional.of(listed);
        default -> throw e;
      };
    }
  }

  List<Descriptor> all() {
    return List.copyOf(found.values());
  }
}
