package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a registry must know of a pushed manifest: what it is, what it is made of, what it is about.
 *
 * <p>Deliberately less strict than a client's reading: descriptors may name digest algorithms that
 * this registry cannot compute, and unknown fields, types and platforms are nobody's business here
 * (distribution specification 1.1, "Pushing Manifests"). JSON with duplicate keys or more than 256
 * levels is refused all the same.
 *
 * @param artifactType as the referrers API reports it: the field, else the media type of the config
 * @param children config, layers and manifests, in the order of the document
 */
record IncomingManifest(
    String mediaType,
    Optional<String> artifactType,
    List<Child> children,
    Optional<String> subject,
    Map<String, String> annotations) {

  /** What a child is to its parent. */
  enum Role {
    CONFIG,
    LAYER,
    MANIFEST
  }

  /**
   * @param digest in the form of a digest, of any algorithm
   * @param optional the content may be kept elsewhere: nondistributable layers, layers with URLs
   */
  record Child(Role role, String digest, boolean optional) {}

  /** Media types that are understood; all others are refused. */
  private static final Set<String> KNOWN =
      Set.of(
          MediaTypes.OCI_MANIFEST,
          MediaTypes.OCI_INDEX,
          MediaTypes.DOCKER_MANIFEST,
          MediaTypes.DOCKER_MANIFEST_LIST);

  private static final Set<String> NO_TYPE =
      Set.of("", "application/octet-stream", "application/json");

  /** Digests by the grammar of the image specification, "Digests". */
  private static final Pattern DIGEST =
      Pattern.compile("[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]{1,256}");

  IncomingManifest {
    children = List.copyOf(children);
    annotations = Map.copyOf(annotations);
  }

  /**
   * Reads the bytes of a push.
   *
   * @param contentType of the request, may be empty; parameters do not count
   * @throws BullaException {@link ErrorCode#MANIFEST_INVALID} or an error of JSON
   */
  static IncomingManifest parse(byte[] bytes, String contentType) {
    Fields root = Fields.of(Json.parse(bytes, "manifest"), "manifest");
    String mediaType = mediaType(root, contentType);
    if (root.integer("schemaVersion") != 2) {
      throw invalid("its schemaVersion is not 2");
    }
    boolean index =
        mediaType.equals(MediaTypes.OCI_INDEX) || mediaType.equals(MediaTypes.DOCKER_MANIFEST_LIST);
    if (index ? root.has("config") || root.has("layers") : root.has("manifests")) {
      throw invalid("it holds the fields of an image and of an index at once");
    }
    List<Child> children = new ArrayList<>();
    Optional<String> artifactType =
        root.optionalString("artifactType").filter(type -> !type.isEmpty());
    if (index) {
      root.objects("manifests").forEach(one -> children.add(child(one, Role.MANIFEST)));
    } else {
      Fields config = root.object("config");
      children.add(child(config, Role.CONFIG));
      root.objects("layers").forEach(one -> children.add(child(one, Role.LAYER)));
      artifactType = artifactType.or(() -> Optional.of(config.string("mediaType")));
    }
    return new IncomingManifest(
        mediaType,
        artifactType.map(IncomingManifest::readable),
        children,
        root.optionalObject("subject").map(IncomingManifest::digestOf),
        root.stringMap("annotations"));
  }

  /** The same, demanding nothing of the repository. */
  IncomingManifest withPartsElsewhere() {
    List<Child> elsewhere =
        children.stream().map(one -> new Child(one.role(), one.digest(), true)).toList();
    return new IncomingManifest(mediaType, artifactType, elsewhere, subject, annotations);
  }

  private static String mediaType(Fields root, String contentType) {
    String declared = contentType.split(";", 2)[0].strip();
    Optional<String> own = root.optionalString("mediaType");
    String mediaType = NO_TYPE.contains(declared) ? own.orElseGet(() -> guess(root)) : declared;
    if (!own.orElse(mediaType).equals(mediaType)) {
      throw invalid(
          "its mediaType is '%s', the request's Content-Type is '%s'"
              .formatted(own.orElse(""), declared));
    }
    if (!KNOWN.contains(mediaType)) {
      throw invalid("'" + mediaType + "' is not the type of an OCI or Docker manifest or index");
    }
    return mediaType;
  }

  /** Lists and databases must be able to hold it as it is; other than that it may be anything. */
  private static String readable(String artifactType) {
    if (artifactType.codePoints().anyMatch(c -> Character.isISOControl(c) || isHalf(c))) {
      throw invalid("its artifact type '" + artifactType + "' has characters that no type has");
    }
    return artifactType;
  }

  /** A surrogate without the other. */
  private static boolean isHalf(int c) {
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
  }

  private static String guess(Fields root) {
    return root.has("manifests") ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST;
  }

  private static Child child(Fields fields, Role role) {
    boolean elsewhere =
        role == Role.LAYER
            && (fields.string("mediaType").contains("nondistributable")
                || fields.string("mediaType").contains("foreign")
                || !fields.strings("urls").isEmpty());
    return new Child(role, digestOf(fields), elsewhere);
  }

  private static String digestOf(Fields fields) {
    String digest = fields.string("digest");
    if (!DIGEST.matcher(digest).matches()) {
      throw fields.invalid("digest", "'" + digest + "', expected ALGORITHM:ENCODED");
    }
    if (fields.integer("size") < 0) {
      throw fields.invalid("size", "negative");
    }
    return digest;
  }

  private static BullaException invalid(String why) {
    return new BullaException(
        ErrorCode.MANIFEST_INVALID, "the manifest is refused: " + Shown.text(why));
  }
}
