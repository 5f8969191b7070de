package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes a layout into a tar file, with other files beside it if wanted. Equal content gives equal
 * bytes. Not thread-safe.
 */
public final class LayoutArchive {
  private final Repository from;
  private final Set<Digest> absent;
  private final LayoutIndex index = LayoutIndex.empty();
  private final Map<Digest, Descriptor> blobs = new TreeMap<>();

  /** A file of the layout as it will be written. */
  public record Member(String name, long size, Digest digest) {}

  public LayoutArchive(Repository from) {
    this(from, Set.of());
  }

  /**
   * @param absent children of indexes that are not at the source and are passed over
   */
  LayoutArchive(Repository from, Set<Digest> absent) {
    this.from = from;
    this.absent = Set.copyOf(absent);
  }

  /** A manifest with everything it consists of; listed with the annotations that it has here. */
  public void add(Descriptor root) {
    add(root, true);
  }

  /** A manifest and those below it, without configs and layers. */
  public void addManifests(Descriptor root) {
    add(root, false);
  }

  private void add(Descriptor root, boolean withBlobs) {
    Closure closure = Closure.of(from, root, absent);
    if (withBlobs) {
      closure.blobs().forEach(blob -> blobs.putIfAbsent(blob.digest(), blob));
    }
    closure.manifests().forEach(m -> blobs.put(m.descriptor().digest(), m.descriptor()));
    Manifest manifest = closure.manifests().getLast();
    Descriptor entry = manifest.descriptor().bare().withAnnotations(root.annotations());
    index.put(
        manifest.artifactType().map(entry::withArtifactType).orElse(entry),
        java.util.Optional.empty());
  }

  /** How much it holds, each blob and manifest once. */
  CopyImage.Result content() {
    List<Descriptor> manifests =
        blobs.values().stream().filter(one -> Closure.isManifest(one.mediaType())).toList();
    long bytes = blobs.values().stream().mapToLong(Descriptor::size).sum();
    long ofManifests = manifests.stream().mapToLong(Descriptor::size).sum();
    return new CopyImage.Result(
        blobs.size() - manifests.size(), 0, 0, manifests.size(), 0, 0, bytes - ofManifests);
  }

  /**
   * Writes the file; what was there before stays until the new one is complete.
   *
   * @param beside further files, by name, given what the layout consists of; they come first
   * @throws BullaException {@code LAYOUT_INVALID} if it cannot be written; as the repository
   */
  public void write(Path file, Function<List<Member>, Map<String, byte[]>> beside) {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      Map<String, byte[]> own = new TreeMap<>();
      own.put("index.json", index.toJson());
      own.put("oci-layout", marker());
      Map<String, byte[]> first = beside.apply(members(own));
      try (OutputStream out = Files.newOutputStream(temporary);
          TarWriter tar = new TarWriter(out)) {
        for (Map.Entry<String, byte[]> one : first.entrySet()) {
          file(tar, one.getKey(), one.getValue());
        }
        file(tar, "oci-layout", marker());
        file(tar, "index.json", index.toJson());
        content(tar);
      }
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.LAYOUT_INVALID, "%s cannot be written: %s".formatted(file, e), e);
    } finally {
      temporary.toFile().delete();
    }
  }

  private static byte[] marker() {
    ObjectNode marker = Json.object();
    marker.put("imageLayoutVersion", "1.0.0");
    return Json.write(marker);
  }

  private List<Member> members(Map<String, byte[]> own) {
    List<Member> all = new ArrayList<>();
    own.forEach((name, bytes) -> all.add(new Member(name, bytes.length, Digest.sha256(bytes))));
    blobs
        .values()
        .forEach(blob ->
            all.add(
                new Member(LayoutRepository.blobName(blob.digest()), blob.size(), blob.digest())));
    return all;
  }

  private void content(TarWriter tar) throws IOException {
    tar.directory("blobs");
    TreeSet<String> algorithms = new TreeSet<>();
    blobs.keySet().forEach(digest -> algorithms.add(digest.algorithm().id()));
    for (String algorithm : algorithms) {
      tar.directory("blobs/" + algorithm);
    }
    for (Descriptor blob : blobs.values()) {
      String name = LayoutRepository.blobName(blob.digest());
      if (Closure.isManifest(blob.mediaType())) {
        file(tar, name, from.manifest(blob).bytes());
      } else {
        try (InputStream in = from.blob(blob)) {
          tar.file(name, blob.size(), in);
        }
      }
    }
  }

  private static void file(TarWriter tar, String name, byte[] content) throws IOException {
    tar.file(name, content.length, new ByteArrayInputStream(content));
  }
}
