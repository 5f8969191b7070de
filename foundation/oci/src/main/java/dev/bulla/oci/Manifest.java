package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Platform;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An image manifest or index, with the bytes that its digest is over (OCI image specification 1.1;
 * Docker's equivalents; the artifact manifest of a draft, whose blobs are its layers).
 *
 * <p>The bytes are kept as they came and are never written anew.
 *
 * @param descriptor media type, digest and size of {@code bytes}
 * @param config of an image manifest; empty for an index
 * @param layers of an image manifest, lowest first; empty for an index
 * @param manifests of an index; empty for an image manifest
 */
public record Manifest(
    byte[] bytes,
    Descriptor descriptor,
    Optional<String> artifactType,
    Optional<Descriptor> config,
    List<Descriptor> layers,
    List<Descriptor> manifests,
    Optional<Descriptor> subject,
    Map<String, String> annotations) {

  /** What clients accept as one manifest: 4 MiB. */
  public static final int MAX_BYTES = 4 * 1024 * 1024;

  public Manifest {
    bytes = bytes.clone();
    layers = List.copyOf(layers);
    manifests = List.copyOf(manifests);
    annotations = Map.copyOf(annotations);
  }

  @Override
  public byte[] bytes() {
    return bytes.clone();
  }

  public boolean isIndex() {
    return isIndexType(descriptor.mediaType());
  }

  /** The artifact type as the referrers API reports it: the field, else the config's media type. */
  public Optional<String> effectiveArtifactType() {
    return artifactType.or(() -> config.map(Descriptor::mediaType));
  }

  /** Whether {@code mediaType} is an OCI index or a Docker manifest list. */
  public static boolean isIndexType(String mediaType) {
    return mediaType.equals(MediaTypes.OCI_INDEX)
        || mediaType.equals(MediaTypes.DOCKER_MANIFEST_LIST);
  }

  /**
   * Parses manifest bytes of a declared media type.
   *
   * @param mediaType of the transport (Content-Type, descriptor); must agree with the bytes' own
   *     {@code mediaType} field
   * @throws BullaException {@link ErrorCode#MANIFEST_INVALID}, JSON errors as {@link Json#parse}
   */
  public static Manifest parse(byte[] bytes, String mediaType) {
    return parse(bytes, mediaType, Digest.Algorithm.SHA256);
  }

  /** As {@link #parse(byte[], String)}, with the descriptor's digest by {@code algorithm}. */
  public static Manifest parse(byte[] bytes, String mediaType, Digest.Algorithm algorithm) {
    if (bytes.length > MAX_BYTES) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "manifest: %d bytes, at most %d are read".formatted(bytes.length, MAX_BYTES));
    }
    Digest digest = Digest.of(algorithm, bytes);
    return Contents.orInvalid(() -> read(bytes, mediaType, digest));
  }

  private static Manifest read(byte[] bytes, String mediaType, Digest digest) {
    String what = "manifest " + digest;
    Fields root = Fields.of(Json.parse(bytes, what), what);
    String type = root.optionalString("mediaType").orElse(mediaType);
    if (!type.equals(mediaType)) {
      throw new BullaException(
          ErrorCode.MANIFEST_INVALID,
          "%s: mediaType is %s, expected %s".formatted(what, type, mediaType));
    }
    if (!type.equals(MediaTypes.OCI_ARTIFACT) && root.integer("schemaVersion") != 2) {
      throw new BullaException(ErrorCode.MANIFEST_INVALID, what + ": schemaVersion is not 2");
    }
    boolean index = isIndexType(type);
    boolean artifact = type.equals(MediaTypes.OCI_ARTIFACT);
    boolean imageFields = root.has("config") || root.has("layers") || root.has("blobs");
    if ((index && imageFields) || (!index && root.has("manifests"))) {
      throw new BullaException(
          ErrorCode.MANIFEST_INVALID,
          what + ": holds the fields of an image and of an index at once");
    }
    Optional<Descriptor> config = root.optionalObject("config").map(Manifest::descriptorOf);
    if (!index && !artifact && config.isEmpty()) {
      throw root.invalid("config", "missing");
    }
    return new Manifest(
        bytes,
        new Descriptor(type, digest, bytes.length),
        root.optionalString("artifactType").filter(t -> !t.isEmpty()),
        config,
        descriptors(root, artifact ? "blobs" : "layers"),
        descriptors(root, "manifests"),
        root.optionalObject("subject").map(Manifest::descriptorOf),
        annotations(root));
  }

  /**
   * Reads a descriptor object. Its inline data are not used; that they are base64 is looked at,
   * because whoever reads them refuses the rest too.
   */
  public static Descriptor descriptorOf(Fields fields) {
    fields.optionalString("data").ifPresent(data -> checkBase64(fields, data));
    return new Descriptor(
        fields.string("mediaType"),
        Digest.parse(fields.string("digest")),
        fields.integer("size"),
        annotations(fields),
        fields.optionalString("artifactType").filter(t -> !t.isEmpty()),
        fields.optionalObject("platform").flatMap(Manifest::platformOf));
  }

  /** Without those that are null: whoever lists referrers repeats what others have written. */
  private static Map<String, String> annotations(Fields fields) {
    Map<String, String> all = new LinkedHashMap<>();
    fields
        .optionalObject("annotations")
        .ifPresent(object ->
            object
                .node()
                .propertyNames()
                .forEach(
                    name -> object.optionalString(name).ifPresent(text -> all.put(name, text))));
    return all;
  }

  private static void checkBase64(Fields fields, String data) {
    try {
      if (data.length() % 4 == 0) {
        Base64.getDecoder().decode(data);
        return;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw fields.invalid("data", "not base64");
  }

  /** Writes a descriptor object, members in the order of the specification. */
  public static ObjectNode toJson(Descriptor descriptor) {
    ObjectNode node = Json.object();
    node.put("mediaType", descriptor.mediaType());
    node.put("digest", descriptor.digest().toString());
    node.put("size", descriptor.size());
    if (!descriptor.annotations().isEmpty()) {
      ObjectNode annotations = node.putObject("annotations");
      new java.util.TreeMap<>(descriptor.annotations()).forEach(annotations::put);
    }
    descriptor
        .platform()
        .ifPresent(platform -> {
          ObjectNode one = node.putObject("platform");
          one.put("architecture", platform.architecture());
          one.put("os", platform.os());
          platform.variant().ifPresent(variant -> one.put("variant", variant));
        });
    descriptor.artifactType().ifPresent(type -> node.put("artifactType", type));
    return node;
  }

  /**
   * A new image manifest; {@code artifactType} and {@code subject} as the OCI specification places
   * them.
   */
  public static Manifest image(
      Descriptor config,
      List<Descriptor> layers,
      Optional<String> artifactType,
      Optional<Descriptor> subject,
      Map<String, String> annotations) {
    ObjectNode root = Json.object();
    root.put("schemaVersion", 2);
    root.put("mediaType", MediaTypes.OCI_MANIFEST);
    artifactType.ifPresent(type -> root.put("artifactType", type));
    root.set("config", toJson(config));
    ArrayNode all = root.putArray("layers");
    layers.forEach(layer -> all.add(toJson(layer)));
    subject.ifPresent(s -> root.set("subject", toJson(s.bare())));
    putAnnotations(root, annotations);
    return parse(Json.write(root), MediaTypes.OCI_MANIFEST);
  }

  /** A new image index. */
  public static Manifest index(List<Descriptor> manifests, Map<String, String> annotations) {
    ObjectNode root = Json.object();
    root.put("schemaVersion", 2);
    root.put("mediaType", MediaTypes.OCI_INDEX);
    ArrayNode all = root.putArray("manifests");
    manifests.forEach(manifest -> all.add(toJson(manifest)));
    putAnnotations(root, annotations);
    return parse(Json.write(root), MediaTypes.OCI_INDEX);
  }

  private static void putAnnotations(ObjectNode root, Map<String, String> annotations) {
    if (!annotations.isEmpty()) {
      ObjectNode node = root.putObject("annotations");
      new java.util.TreeMap<>(annotations).forEach(node::put);
    }
  }

  private static List<Descriptor> descriptors(Fields root, String name) {
    List<Descriptor> all = new ArrayList<>();
    root.objects(name).forEach(one -> all.add(descriptorOf(one)));
    return all;
  }

  private static Optional<Platform> platformOf(Fields fields) {
    String os = fields.optionalString("os").orElse("");
    String architecture = fields.optionalString("architecture").orElse("");
    return os.isEmpty() || architecture.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Platform(
                os, architecture, fields.optionalString("variant").filter(v -> !v.isEmpty())));
  }
}
