package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.oci.Manifest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * The payload of a Notation signature: the descriptor of what is signed, with the user's metadata
 * as annotations.
 */
final class TargetArtifact {
  /** Metadata keys that only the specification may use. */
  static final String RESERVED = "io.cncf.notary";

  private static final String WHAT = "signed payload";

  private TargetArtifact() {}

  /**
   * Reads a payload whose signature was verified.
   *
   * @throws BullaException {@link ErrorCode#SIGNATURE_MALFORMED} and JSON errors
   */
  static Descriptor parse(byte[] payload) {
    Fields root = Fields.of(Json.parse(payload, 1024 * 1024, WHAT), WHAT);
    return Manifest.descriptorOf(root.object("targetArtifact"));
  }

  /** The bytes that notation would sign: members sorted, text escaped as Go's encoder does. */
  static byte[] write(Descriptor subject, Map<String, String> metadata) {
    for (String name : metadata.keySet()) {
      if (name.startsWith(RESERVED)) {
        throw new BullaException(
            ErrorCode.USAGE,
            "the metadata key '" + name + "' begins with " + RESERVED + ", which is reserved");
      }
    }
    ObjectNode root = Json.object();
    ObjectNode target = root.putObject("targetArtifact");
    if (!metadata.isEmpty()) {
      ObjectNode annotations = target.putObject("annotations");
      new TreeMap<>(metadata).forEach(annotations::put);
    }
    target.put("digest", subject.digest().toString());
    target.put("mediaType", subject.mediaType());
    target.put("size", subject.size());
    String text = new String(Json.write(root), StandardCharsets.UTF_8);
    return text.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
        .getBytes(StandardCharsets.UTF_8);
  }
}
