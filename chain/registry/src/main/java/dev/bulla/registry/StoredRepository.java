package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.VerifyingInputStream;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.store.Blob;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A repository of this registry as a verifier reads it: everything that is stored, and the manifest
 * that is judged, which need not be; no writing.
 */
class StoredRepository implements Repository {
  private static final int PAGE = 1_000;
  static final int MAX_REFERRERS = 10_000;

  private final Registry registry;
  private final String repository;
  private final StoredManifest judged;
  private final Set<Digest> hidden;
  private final List<String> first;
  private boolean cut;

  /** All that is stored. */
  StoredRepository(Registry registry, String repository, StoredManifest judged) {
    this(registry, repository, judged, Set.of(), List.of());
  }

  /**
   * @param hidden referrers that are not shown
   * @param first digests of referrers that come before others
   */
  StoredRepository(
      Registry registry,
      String repository,
      StoredManifest judged,
      Set<Digest> hidden,
      List<String> first) {
    this.registry = registry;
    this.repository = repository;
    this.judged = judged;
    this.hidden = hidden;
    this.first = first;
  }

  @Override
  public String name() {
    return repository;
  }

  @Override
  public Optional<Descriptor> resolve(String tagOrDigest) {
    try {
      StoredManifest found = registry.manifest(repository, tagOrDigest);
      return Optional.of(new Descriptor(found.mediaType(), found.digest(), found.bytes().length));
    } catch (BullaException e) {
      if (e.code() == ErrorCode.MANIFEST_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public Manifest manifest(Descriptor descriptor) {
    StoredManifest found =
        descriptor.digest().equals(judged.digest())
            ? judged
            : registry.manifest(repository, descriptor.digest().toString());
    return Manifest.parse(found.bytes(), found.mediaType(), descriptor.digest().algorithm());
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    Blob blob = registry.blob(repository, descriptor.digest());
    try {
      InputStream in = Channels.newInputStream(blob.from(0));
      return new VerifyingInputStream(
          closing(in, blob), descriptor.digest(), descriptor.size(), "blob " + descriptor.digest());
    } catch (IOException | RuntimeException e) {
      blob.close();
      throw e;
    }
  }

  @Override
  public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
    if (descriptor.size() > maxBytes) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "blob %s has %d bytes, at most %d are read"
              .formatted(descriptor.digest(), descriptor.size(), maxBytes));
    }
    try (InputStream in = blob(descriptor)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.STORE_CORRUPT, "blob %s cannot be read".formatted(descriptor.digest()), e);
    }
  }

  @Override
  public boolean hasBlob(Descriptor descriptor) {
    try {
      registry.blobSize(repository, descriptor.digest());
      return true;
    } catch (BullaException e) {
      return false;
    }
  }

  @Override
  public void pushBlob(Descriptor descriptor, BlobSource source) {
    throw readOnly();
  }

  @Override
  public void pushManifest(Manifest manifest, Collection<String> tags) {
    throw readOnly();
  }

  @Override
  public List<Descriptor> referrers(Digest subject, Optional<String> artifactType) {
    List<Descriptor> all = new ArrayList<>();
    String last = "";
    Page<Referrer> page;
    do {
      page = registry.referrers(repository, subject, artifactType, last, PAGE);
      page.entries().stream()
          .map(StoredRepository::descriptor)
          .filter(one -> !hidden.contains(one.digest()))
          .forEach(all::add);
      last = page.entries().isEmpty() ? last : page.entries().getLast().digest();
    } while (page.more() && !page.entries().isEmpty() && all.size() < MAX_REFERRERS);
    if (page.more()) {
      cut = true;
      all.addAll(0, known(subject, artifactType, all));
    }
    all.sort(Comparator.comparing(one -> !first.contains(one.digest().toString())));
    return all;
  }

  /** Whether a list of referrers was asked for that is longer than what was given. */
  boolean wasCut() {
    return cut;
  }

  /** Those that come first and are not among the ones that were found. */
  private List<Descriptor> known(
      Digest subject, Optional<String> artifactType, List<Descriptor> found) {
    Set<String> there = new HashSet<>();
    found.forEach(one -> there.add(one.digest().toString()));
    List<Descriptor> all = new ArrayList<>();
    for (String digest : first) {
      String before = digest.substring(0, digest.length() - 1); // sorts next to it
      registry.referrers(repository, subject, artifactType, before, 1).entries().stream()
          .filter(one -> one.digest().equals(digest) && !there.contains(digest))
          .map(StoredRepository::descriptor)
          .forEach(all::add);
    }
    return all;
  }

  private static Descriptor descriptor(Referrer one) {
    Descriptor descriptor =
        new Descriptor(one.mediaType(), Digest.parse(one.digest()), one.size())
            .withAnnotations(annotations(one));
    return one.artifactType().map(descriptor::withArtifactType).orElse(descriptor);
  }

  @Override
  public List<String> tags() {
    return registry.tags(repository, "", MAX_REFERRERS).entries();
  }

  @Override
  public void close() {
    // nothing is held
  }

  private static Map<String, String> annotations(Referrer referrer) {
    Map<String, String> pairs = new HashMap<>();
    referrer
        .annotations()
        .properties()
        .forEach(entry -> pairs.put(entry.getKey(), entry.getValue().asString("")));
    return pairs;
  }

  private static InputStream closing(InputStream in, Blob blob) {
    return new FilterInputStream(in) {
      @Override
      public void close() throws IOException {
        blob.close();
      }
    };
  }

  private static BullaException readOnly() {
    return new BullaException(ErrorCode.INTERNAL, "this view of a repository cannot be written");
  }
}
