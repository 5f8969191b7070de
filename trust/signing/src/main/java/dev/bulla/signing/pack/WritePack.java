package dev.bulla.signing.pack;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.oci.LayoutArchive;
import dev.bulla.oci.Repository;
import dev.bulla.signing.timestamp.TimestampSource;
import dev.bulla.signing.whole.Evidence;
import dev.bulla.signing.whole.FindEvidence;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Gathers what belongs into an evidence pack and writes it. Equal content at the same moment gives
 * equal bytes. Not thread-safe.
 */
public final class WritePack {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  private final Repository from;
  private final Descriptor image;
  private final Optional<String> reference;
  private final List<PackManifest.TrustOption> options = new ArrayList<>();
  private final Map<String, byte[]> files = new TreeMap<>();
  private Optional<TimestampSource> stamps = Optional.empty();

  /**
   * @param reference how the image was named; empty if that means nothing to others
   */
  public WritePack(Repository from, Descriptor image, Optional<String> reference) {
    this.from = from;
    this.image = image.bare();
    this.reference = reference;
  }

  /** A setting of what the image is judged by. */
  public void option(String name, String value) {
    options.add(new PackManifest.TrustOption(name, value, false));
  }

  /** A setting whose value is a file or directory that is added by {@link #file}. */
  public void fileOption(String name, String file) {
    options.add(new PackManifest.TrustOption(name, file, true));
  }

  /**
   * A file of what the image is judged by.
   *
   * @param name below {@code trust/}, with forward slashes
   * @throws BullaException {@link ErrorCode#PATH_ESCAPE}; {@link ErrorCode#CONFLICT} if another
   *     file has the name
   */
  public void file(String name, byte[] content) {
    EvidencePack.within(Path.of("pack"), name);
    byte[] before = files.putIfAbsent(name, content.clone());
    if (before != null && !Arrays.equals(before, content)) {
      throw new BullaException(
          ErrorCode.CONFLICT,
          "two different files would be %s in the pack".formatted(Shown.text(name)));
    }
  }

  /** Whom to have the pack stamped by, so that others can know when it existed. */
  public void stampedBy(TimestampSource authority) {
    stamps = Optional.of(authority);
  }

  /** What was packed. */
  public record Result(PackManifest manifest, FindEvidence.Found found) {}

  /**
   * @param withImage whether configs and layers of the image go along
   * @param recursive whether its children must be accepted too when it is judged
   */
  public Result write(Path file, Instant now, boolean withImage, boolean recursive) {
    FindEvidence.Found found = new FindEvidence(from, FindEvidence.MAX_DEPTH).of(image);
    LayoutArchive archive = new LayoutArchive(from);
    if (withImage) {
      archive.add(image);
    } else {
      archive.addManifests(image);
    }
    for (Evidence one : found.evidence()) {
      Map<String, String> annotations = new TreeMap<>();
      one.tag().ifPresent(tag -> annotations.put(REF_NAME, tag));
      archive.add(one.descriptor().bare().withAnnotations(annotations));
    }
    PackManifest[] written = new PackManifest[1];
    archive.write(
        file,
        members -> {
          written[0] = manifest(members, now, withImage, recursive);
          Map<String, byte[]> first = new LinkedHashMap<>();
          byte[] manifest = written[0].toJson();
          first.put(PackManifest.NAME, manifest);
          first.put(
              PackManifest.SUM,
              (Digest.sha256(manifest).hex() + "\n").getBytes(StandardCharsets.US_ASCII));
          stamps.ifPresent(authority ->
              first.put(PackManifest.STAMP, authority.stamp(manifest, Digest.Algorithm.SHA256)));
          first.putAll(files);
          return first;
        });
    return new Result(written[0], found);
  }

  private PackManifest manifest(
      List<LayoutArchive.Member> members, Instant now, boolean withImage, boolean recursive) {
    List<PackManifest.PackedFile> listed = new ArrayList<>();
    files.forEach((name, bytes) ->
        listed.add(new PackManifest.PackedFile(name, bytes.length, Digest.sha256(bytes))));
    members.forEach(
        one -> listed.add(new PackManifest.PackedFile(one.name(), one.size(), one.digest())));
    return new PackManifest(now, reference, image, withImage, recursive, options, listed);
  }
}
