package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What may be seen by everybody because it is evidence about something else: clients could not
 * verify otherwise.
 *
 * <p>Narrow on purpose, since whoever may push could hide an image in it: no layer of a type that a
 * runtime unpacks, no configuration but an empty or small one, a bounded size. Anything else with a
 * subject is an image and must be admitted itself.
 */
final class EvidenceRule {
  private static final long MAX_BYTES = 16L * 1024 * 1024;
  private static final long MAX_CONFIG = 64L * 1024;

  private static final Set<String> ARTIFACTS =
      Set.of(
          "application/vnd.cncf.notary.signature",
          "application/vnd.dev.cosign.artifact.sig.v1+json",
          "application/vnd.dev.cosign.artifact.sbom.v1+json",
          "application/vnd.in-toto+json",
          "application/vnd.dsse.envelope.v1+json",
          "application/vnd.cyclonedx+json",
          "application/spdx+json",
          "text/spdx+json",
          "application/sarif+json",
          "application/vnd.openvex+json");

  private static final Pattern BUNDLE =
      Pattern.compile(
          "application/vnd\\.dev\\.sigstore\\.bundle(\\.v|\\+json;version=)[0-9.]+(\\+json)?");

  private static final Set<String> CONFIGS =
      Set.of(
          MediaTypes.OCI_EMPTY,
          "application/vnd.cncf.notary.signature",
          "application/vnd.dev.cosign.artifact.sig.v1+json",
          "application/vnd.dev.cosign.artifact.sbom.v1+json");

  private static final Set<String> LAYERS =
      Set.of(
          "application/jose+json",
          "application/cose",
          "application/vnd.dev.cosign.simplesigning.v1+json",
          "application/vnd.dsse.envelope.v1+json",
          "application/vnd.in-toto+json",
          "application/vnd.cyclonedx+json",
          "application/vnd.cyclonedx",
          "application/spdx+json",
          "text/spdx+json",
          "text/spdx",
          "application/sarif+json",
          "application/vnd.openvex+json",
          MediaTypes.OCI_EMPTY);

  /** Under which cosign 1 and 2 keep signatures, attestations and SBOMs of a digest. */
  private static final Pattern TAG =
      Pattern.compile("(sha256|sha512)-([0-9a-f]{64,128})\\.(sig|att|sbom)");

  private EvidenceRule() {}

  /** Whether a manifest is evidence. */
  static boolean isEvidence(byte[] bytes) {
    try {
      Fields root = Fields.of(Json.parse(bytes, "manifest"), "manifest");
      if (root.has("manifests") || !root.has("config")) {
        return false;
      }
      List<Fields> layers = root.objects("layers");
      Fields config = root.object("config");
      boolean named =
          root.has("subject")
              ? isArtifact(root.optionalString("artifactType").orElse(config.string("mediaType")))
                  && isConfig(config)
              // by tag only: a simple signature or an attestation, nothing else
              : !layers.isEmpty() && layers.stream().allMatch(EvidenceRule::isLegacy);
      long size = 0;
      for (Fields layer : layers) {
        size +=
            Math.clamp(layer.integer("size"), 0, MAX_BYTES + 1); // of 4 MiB of JSON: no overflow
      }
      return named
          && config.integer("size") <= MAX_CONFIG
          && size <= MAX_BYTES
          && layers.stream().allMatch(EvidenceRule::isLayer);
    } catch (BullaException e) {
      return false;
    }
  }

  /** Whether evidence says of a part that it has so many bytes. */
  static boolean says(byte[] evidence, Digest part, long size) {
    Fields root = Fields.of(Json.parse(evidence, "manifest"), "manifest");
    return Stream.concat(Stream.of(root.object("config")), root.objects("layers").stream())
        .anyMatch(
            one -> one.string("digest").equals(part.toString()) && one.integer("size") == size);
  }

  /** Whether a push is one of evidence and nothing else. */
  static boolean isEvidence(byte[] manifest, List<String> tags) {
    return isEvidence(manifest) && tags.stream().allMatch(EvidenceRule::isTag);
  }

  /** Whether a tag is one by which evidence is found; then it points at its evidence at once. */
  static boolean isTag(String tag) {
    return TAG.matcher(tag).matches();
  }

  /** The tags by which evidence of a digest is found. */
  static List<String> tagsOf(String digest) {
    String name = digest.replaceFirst(":", "-");
    return List.of(name + ".sig", name + ".att", name + ".sbom");
  }

  /** The digest that such a tag is about. */
  static String subjectOf(String tag) {
    return tag.substring(0, tag.indexOf('.')).replaceFirst("-", ":");
  }

  private static boolean isArtifact(String type) {
    return ARTIFACTS.contains(type) || BUNDLE.matcher(type).matches();
  }

  private static boolean isConfig(Fields config) {
    String type = config.string("mediaType");
    return CONFIGS.contains(type) || BUNDLE.matcher(type).matches();
  }

  private static boolean isLayer(Fields layer) {
    String type = layer.string("mediaType");
    return LAYERS.contains(type) || BUNDLE.matcher(type).matches();
  }

  private static boolean isLegacy(Fields layer) {
    String type = layer.string("mediaType");
    return type.equals("application/vnd.dev.cosign.simplesigning.v1+json")
        || type.equals("application/vnd.dsse.envelope.v1+json");
  }
}
