package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.Repository;
import dev.bulla.registry.Registry;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an upstream says belongs to an image, asked now; and what it does not say any more. For one
 * thread.
 */
final class LiveEvidence implements Adoption.Belongings {
  private static final List<String> SUFFIXES = List.of("", ".sig", ".att", ".sbom");

  private final Repository upstream;
  private final Map<Digest, Set<Digest>> told = new HashMap<>();

  LiveEvidence(Repository upstream) {
    this.upstream = upstream;
  }

  @Override
  public Collection<Descriptor> about(Digest subject) {
    List<Descriptor> about = upstream.referrers(subject, Optional.empty());
    Set<Digest> there = told(subject); // also if there is nothing
    about.forEach(one -> there.add(one.digest()));
    return about;
  }

  @Override
  public Map<String, Descriptor> taggedFor(Digest subject) {
    Map<String, Descriptor> found = new TreeMap<>();
    for (String tag : tags(subject)) {
      upstream.resolve(tag).ifPresent(one -> found.put(tag, one));
    }
    found.values().forEach(one -> told(subject).add(one.digest()));
    return found;
  }

  private Set<Digest> told(Digest subject) {
    return told.computeIfAbsent(subject, any -> new HashSet<>());
  }

  private static List<String> tags(Digest subject) {
    String prefix = RepositoryPass.tagPrefix(subject);
    return SUFFIXES.stream().map(suffix -> prefix + suffix).toList();
  }

  /**
   * Takes back evidence that is here and that the upstream does not have any more: whoever deletes
   * a signature there means it for readers here as well. What this registry says itself stays.
   */
  void withdraw(Registry registry, String repository, CacheTable table) {
    told.forEach((subject, there) -> {
      for (Digest one : table.evidence(repository, subject, tags(subject))) {
        if (!there.contains(one)) {
          delete(registry, repository, one);
          registry.trust().doubt(repository, subject);
        }
      }
    });
  }

  private static void delete(Registry registry, String repository, Digest evidence) {
    try {
      registry.deleteManifest(repository, evidence.toString());
    } catch (BullaException e) {
      // what is held here stays: who holds it here has the last word here
      if (e.code() != ErrorCode.MANIFEST_NOT_FOUND && e.code() != ErrorCode.CONTENT_LOCKED) {
        throw e;
      }
    }
  }

  @Override
  public boolean isHeld(Digest digest) {
    return false;
  }

  @Override
  public void held(Digest digest) {
    // asked anew next time
  }

  @Override
  public void tagHeld(String tag, Digest digest) {
    // asked anew next time
  }
}
