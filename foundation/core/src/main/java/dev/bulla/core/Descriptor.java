package dev.bulla.core;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What some content is, without the content (OCI image specification, "Content Descriptors").
 *
 * @param size bytes, 0 or more
 * @param artifactType the type of the artifact that a manifest describes, when it says so
 * @param platform of an image in an index
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Map<String, String> annotations,
    Optional<String> artifactType,
    Optional<Platform> platform) {

  public Descriptor {
    Objects.requireNonNull(digest);
    if (mediaType.isEmpty()) {
      throw new BullaException(
          ErrorCode.MANIFEST_INVALID, "descriptor of " + digest + " has no media type");
    }
    if (size < 0) {
      throw new BullaException(
          ErrorCode.MANIFEST_INVALID, "descriptor of " + digest + " has the negative size " + size);
    }
    annotations = Map.copyOf(annotations);
  }

  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, Map.of(), Optional.empty(), Optional.empty());
  }

  /** The descriptor of {@code content}, by SHA-256. */
  public static Descriptor of(String mediaType, byte[] content) {
    return new Descriptor(mediaType, Digest.sha256(content), content.length);
  }

  public Descriptor withAnnotations(Map<String, String> value) {
    return new Descriptor(mediaType, digest, size, value, artifactType, platform);
  }

  public Descriptor withArtifactType(String value) {
    return new Descriptor(mediaType, digest, size, annotations, Optional.of(value), platform);
  }

  public Descriptor withPlatform(Platform value) {
    return new Descriptor(mediaType, digest, size, annotations, artifactType, Optional.of(value));
  }

  /** Media type, digest and size only: the form in which a subject is named. */
  public Descriptor bare() {
    return new Descriptor(mediaType, digest, size);
  }
}
