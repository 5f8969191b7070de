package dev.bulla.oci;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A repository whose images have further signatures in another one, as cosign keeps them with
 * {@code COSIGN_REPOSITORY}: referrers are those of both, and cosign's tags are looked for there
 * first. Everything else is read from the first. What is removed is removed where it was found;
 * nothing is written through this.
 */
public final class EvidenceElsewhere implements Repository {
  private static final Pattern EVIDENCE_TAG =
      Pattern.compile("sha(256|384|512)-[0-9a-f]+\\.(sig|att|sbom)");

  private final Repository images;
  private final Repository evidence;

  /** Digests of what was found in the other repository. */
  private final Set<Digest> there = ConcurrentHashMap.newKeySet();

  /** Digests of what was found in both. */
  private final Set<Digest> both = ConcurrentHashMap.newKeySet();

  public EvidenceElsewhere(Repository images, Repository evidence) {
    this.images = images;
    this.evidence = evidence;
  }

  @Override
  public String name() {
    return images.name();
  }

  @Override
  public Optional<Descriptor> resolve(String tagOrDigest) {
    if (EVIDENCE_TAG.matcher(tagOrDigest).matches()) {
      Optional<Descriptor> found = evidence.resolve(tagOrDigest);
      found.ifPresent(one -> there.add(one.digest()));
      return found.isPresent() ? found : images.resolve(tagOrDigest);
    }
    return images.resolve(tagOrDigest);
  }

  @Override
  public List<Descriptor> resolveAll(String tag) {
    if (!EVIDENCE_TAG.matcher(tag).matches()) {
      return images.resolveAll(tag);
    }
    Optional<Descriptor> beside = images.resolve(tag);
    Optional<Descriptor> apart = evidence.resolve(tag);
    apart.ifPresent(one -> {
      boolean same = beside.filter(other -> other.digest().equals(one.digest())).isPresent();
      (same ? both : there).add(one.digest());
    });
    return Stream.concat(
            beside.stream(), apart.stream().filter(one -> !both.contains(one.digest())))
        .toList();
  }

  @Override
  public Manifest manifest(Descriptor descriptor) {
    if (!there.contains(descriptor.digest())) {
      return images.manifest(descriptor);
    }
    Manifest found = evidence.manifest(descriptor);
    Stream.concat(found.config().stream(), found.layers().stream())
        .forEach(one -> there.add(one.digest()));
    return found;
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    return holding(descriptor).blob(descriptor);
  }

  @Override
  public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
    return holding(descriptor).blobBytes(descriptor, maxBytes);
  }

  @Override
  public boolean hasBlob(Descriptor descriptor) {
    return holding(descriptor).hasBlob(descriptor);
  }

  private Repository holding(Descriptor descriptor) {
    return there.contains(descriptor.digest()) ? evidence : images;
  }

  @Override
  public List<Descriptor> referrers(Digest subject, Optional<String> artifactType) {
    Set<Descriptor> all = new LinkedHashSet<>(images.referrers(subject, artifactType));
    Set<Digest> known = ConcurrentHashMap.newKeySet();
    all.forEach(one -> known.add(one.digest()));
    for (Descriptor one : evidence.referrers(subject, artifactType)) {
      if (known.add(one.digest())) {
        there.add(one.digest());
        all.add(one);
      } else if (!there.contains(one.digest())) {
        both.add(one.digest());
      }
    }
    return List.copyOf(all);
  }

  @Override
  public void pushBlob(Descriptor descriptor, BlobSource source) {
    throw new UnsupportedOperationException("read only");
  }

  @Override
  public void pushManifest(Manifest manifest, Collection<String> tags) {
    throw new UnsupportedOperationException("read only");
  }

  @Override
  public boolean delete(Manifest manifest) {
    Digest digest = manifest.descriptor().digest();
    boolean apart = (there.contains(digest) || both.contains(digest)) && evidence.delete(manifest);
    boolean beside = !there.contains(digest) && images.delete(manifest);
    return apart || beside;
  }

  /** Those of the images, and those of cosign's that are kept apart. */
  @Override
  public List<String> tags() {
    return Stream.concat(
            images.tags().stream(),
            evidence.tags().stream().filter(tag -> EVIDENCE_TAG.matcher(tag).matches()))
        .distinct()
        .sorted()
        .toList();
  }

  /** Closes both. */
  @Override
  public void close() {
    evidence.close();
    images.close();
  }
}
