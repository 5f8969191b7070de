package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.VerifyingInputStream;
import dev.bulla.core.json.Fields;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An OCI layout as a repository. {@code index.json} is read anew for each question, since others
 * may write it meanwhile; manifests are remembered, since they cannot change.
 */
final class LayoutRepository implements Repository {
  private static final int MAX_MANIFESTS = 10_000;
  private static final int MAX_REMEMBERED_BYTES = 64 * 1024;

  private final String name;
  private final LayoutFiles files;
  private final Optional<LayoutWriter> writer;
  private final Map<Digest, Manifest> remembered = new ConcurrentHashMap<>();
  private @Nullable List<Manifest> loose;

  LayoutRepository(String name, LayoutFiles files, Optional<LayoutWriter> writer) {
    this.name = name;
    this.files = files;
    this.writer = writer;
    check();
  }

  /** Refuses what does not say that it is a layout of version 1. */
  private void check() {
    Optional<byte[]> marker = read("oci-layout", 64 * 1024);
    if (marker.isEmpty()) {
      throw invalid("there is no file oci-layout");
    }
    Fields fields = Contents.fields(marker.get(), name + ": oci-layout");
    String version = fields.optionalString("imageLayoutVersion").orElse("");
    if (!version.startsWith("1.")) {
      throw invalid("imageLayoutVersion is '" + Shown.text(version) + "', expected 1.0.0");
    }
    index();
  }

  private BullaException invalid(String why) {
    return new BullaException(
        ErrorCode.LAYOUT_INVALID,
        "%s is not an OCI layout: %s".formatted(name, why),
        "Give the directory that holds oci-layout, index.json and blobs, or a tar file of it.");
  }

  private LayoutIndex index() {
    byte[] bytes =
        read("index.json", LayoutIndex.MAX_BYTES)
            .orElseThrow(() -> invalid("there is no file index.json"));
    return LayoutIndex.parse(bytes, name + ": index.json");
  }

  Optional<byte[]> read(String file, int maxBytes) {
    try {
      return files.read(file, maxBytes);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.LAYOUT_INVALID, "%s: %s cannot be read: %s".formatted(name, file, e), e);
    }
  }

  static String blobName(Digest digest) {
    return "blobs/" + digest.algorithm().id() + "/" + digest.hex();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<Descriptor> resolve(String tagOrDigest) {
    Optional<Digest> digest = Contents.digest(tagOrDigest);
    if (digest.isEmpty()) {
      LayoutIndex index = index();
      return index
          .tagged(tagOrDigest)
          .map(Descriptor::bare)
          .or(() -> Optional.ofNullable(CosignKinds.of(index).tags().get(tagOrDigest)));
    }
    return index().listed(digest.get()).map(Descriptor::bare).or(() -> unlisted(digest.get()));
  }

  /** A manifest below an index is not in index.json; its own bytes say what it is. */
  private Optional<Descriptor> unlisted(Digest digest) {
    Optional<LayoutFiles.Entry> entry = find(digest).filter(e -> e.size() <= Manifest.MAX_BYTES);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = read(blobName(digest), Manifest.MAX_BYTES).orElseThrow();
    digest.verify(bytes, "manifest " + digest + " of " + name);
    try {
      return Contents.fields(bytes, "manifest " + digest)
          .optionalString("mediaType")
          .map(type -> new Descriptor(type, digest, bytes.length));
    } catch (BullaException e) {
      return Optional.empty(); // a blob that is no manifest
    }
  }

  @Override
  public Manifest manifest(Descriptor descriptor) {
    Manifest known = remembered.get(descriptor.digest());
    if (known != null && known.descriptor().bare().equals(descriptor.bare())) {
      return known;
    }
    String what = "manifest " + descriptor.digest() + " of " + name;
    byte[] bytes =
        read(blobName(descriptor.digest()), Manifest.MAX_BYTES)
            .orElseThrow(
                () -> new BullaException(ErrorCode.MANIFEST_NOT_FOUND, what + ": not there"));
    Manifest manifest = Contents.manifest(bytes, descriptor, what);
    if (bytes.length <= MAX_REMEMBERED_BYTES && remembered.size() < MAX_MANIFESTS) {
      remembered.put(descriptor.digest(), manifest);
    }
    return manifest;
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    String what = "blob " + descriptor.digest() + " of " + name;
    LayoutFiles.Entry entry =
        find(descriptor.digest())
            .orElseThrow(() -> new BullaException(ErrorCode.BLOB_NOT_FOUND, what + ": not there"));
    if (entry.size() != descriptor.size()) {
      throw new BullaException(
          ErrorCode.SIZE_MISMATCH,
          "%s: the file has %d bytes, expected %d"
              .formatted(what, entry.size(), descriptor.size()));
    }
    return new VerifyingInputStream(
        entry.content().open(), descriptor.digest(), descriptor.size(), what);
  }

  @Override
  public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
    return Contents.small(this, descriptor, maxBytes);
  }

  @Override
  public boolean hasBlob(Descriptor descriptor) {
    return find(descriptor.digest()).filter(e -> e.size() == descriptor.size()).isPresent();
  }

  private Optional<LayoutFiles.Entry> find(Digest digest) {
    try {
      return files.find(blobName(digest));
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.LAYOUT_INVALID, "%s: %s cannot be read: %s".formatted(name, digest, e), e);
    }
  }

  @Override
  public void pushBlob(Descriptor descriptor, BlobSource source) {
    if (!hasBlob(descriptor)) {
      writable().writeBlob(descriptor, source);
    }
  }

  @Override
  public void pushManifest(Manifest manifest, Collection<String> tags) {
    for (String tag : tags) {
      if (!Reference.isTag(tag)) {
        throw new BullaException(
            ErrorCode.REFERENCE_INVALID, "'" + Shown.text(tag) + "' is not a tag");
      }
    }
    LayoutWriter target = writable();
    pushBlob(manifest.descriptor(), BlobSource.of(manifest.bytes()));
    Predicate<Digest> hasSubject =
        digest ->
            index()
                .listed(digest)
                .flatMap(this::readable)
                .filter(m -> m.subject().isPresent())
                .isPresent();
    target.updateIndex(() -> {
      LayoutIndex index = index();
      index.add(manifest, tags, hasSubject);
      return index;
    });
  }

  private LayoutWriter writable() {
    return writer.orElseThrow(() ->
        new BullaException(
            ErrorCode.USAGE,
            name + " was opened for reading",
            "Copy the images into a layout directory and write there."));
  }

  @Override
  public List<Descriptor> referrers(Digest subject, Optional<String> artifactType) {
    Map<Digest, Descriptor> found = new LinkedHashMap<>();
    Set<Digest> seen = new HashSet<>();
    LayoutIndex index = index();
    Deque<Descriptor> open = new ArrayDeque<>(index.manifests());
    if (CosignKinds.of(index).present()) {
      loose().forEach(one -> open.add(one.descriptor()));
    }
    while (!open.isEmpty()) {
      Descriptor next = open.removeFirst();
      if (!seen.add(next.digest())) {
        continue;
      }
      if (seen.size() > MAX_MANIFESTS) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE, "%s: more than %d manifests".formatted(name, MAX_MANIFESTS));
      }
      readable(next)
          .ifPresent(manifest -> {
            open.addAll(manifest.manifests());
            if (manifest.subject().filter(s -> s.digest().equals(subject)).isPresent()) {
              found.put(next.digest(), Contents.referrer(manifest));
            }
          });
    }
    return found.values().stream()
        .filter(one -> artifactType.isEmpty() || artifactType.equals(one.artifactType()))
        .toList();
  }

  /**
   * Empty if the layout does not hold it, or holds something that is no image manifest and no
   * index.
   */
  private Optional<Manifest> readable(Descriptor descriptor) {
    if (!Closure.isManifest(descriptor.mediaType())) {
      return Optional.empty();
    }
    try {
      return Optional.of(manifest(descriptor));
    } catch (BullaException e) {
      if (e.code() == ErrorCode.MANIFEST_NOT_FOUND || e.code() == ErrorCode.MANIFEST_INVALID) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Read once: only what cosign has saved has such manifests, and it writes a layout in one go. */
  private synchronized List<Manifest> loose() {
    List<Manifest> known = loose;
    if (known == null) {
      known = CosignKinds.loose(files, name);
      loose = known;
    }
    return known;
  }

  @Override
  public boolean delete(Manifest manifest) {
    Digest digest = manifest.descriptor().digest();
    boolean there = find(digest).isPresent();
    LayoutWriter target = writable();
    target.updateIndex(() -> {
      LayoutIndex index = index();
      index.remove(digest);
      return index;
    });
    target.deleteBlob(digest);
    remembered.remove(digest);
    return there;
  }

  /** Adds annotations to entries of {@code index.json}. */
  void annotate(Map<Digest, Map<String, String>> annotations) {
    writable()
        .updateIndex(() -> {
          LayoutIndex index = index();
          annotations.forEach(index::annotate);
          return index;
        });
  }

  @Override
  public List<String> tags() {
    LayoutIndex index = index();
    Set<String> all = new TreeSet<>(index.tags());
    all.addAll(CosignKinds.of(index).tags().keySet());
    return List.copyOf(all);
  }

  /** What {@code index.json} lists, in its order, with its annotations. */
  List<Descriptor> listed() {
    return index().manifests();
  }

  @Override
  public void close() {
    files.close();
  }
}
