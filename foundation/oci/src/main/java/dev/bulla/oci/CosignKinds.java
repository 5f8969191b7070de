package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What {@code cosign save} leaves in a layout: no tags, but an annotation {@code kind} that says
 * which entry is the image and which its signatures and attestations; and bundles that nothing
 * lists.
 *
 * @param tags the tag that an entry would have in a registry, {@code sha256-….sig}, and the entry
 */
record CosignKinds(boolean present, Map<String, Descriptor> tags) {
  static final String KIND = "kind";
  static final String PREFIX = "dev.cosignproject.cosign/";

  private static final Map<String, String> SUFFIXES =
      Map.of("sigs", ".sig", "atts", ".att", "sboms", ".sbom");
  private static final int MAX_BLOBS = 200_000;

  static CosignKinds of(LayoutIndex index) {
    List<Descriptor> images = new ArrayList<>();
    Map<String, Descriptor> attached = new TreeMap<>();
    for (Descriptor entry : index.manifests()) {
      String kind = entry.annotations().getOrDefault(KIND, "");
      if (kind.equals(PREFIX + "image") || kind.equals(PREFIX + "imageIndex")) {
        images.add(entry);
      } else if (kind.startsWith(PREFIX)) {
        Optional.ofNullable(SUFFIXES.get(kind.substring(PREFIX.length())))
            .ifPresent(suffix -> attached.put(suffix, entry.bare()));
      }
    }
    Map<String, Descriptor> tags = new TreeMap<>();
    if (images.size() == 1) {
      Digest image = images.getFirst().digest();
      attached.forEach((suffix, entry) -> tags.put(tag(image) + suffix, entry));
    }
    return new CosignKinds(!images.isEmpty(), tags);
  }

  /** {@code sha256-HEX}, to which cosign adds a suffix. */
  static String tag(Digest digest) {
    return digest.algorithm().id() + "-" + digest.hex();
  }

  /** The manifests with a subject among all blobs; what is none is passed over. */
  static List<Manifest> loose(LayoutFiles files, String what) {
    List<Manifest> found = new ArrayList<>();
    try {
      List<String> names = files.blobs();
      if (names.size() > MAX_BLOBS) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE, "%s: more than %d blobs".formatted(what, MAX_BLOBS));
      }
      for (String name : names) {
        Optional<LayoutFiles.Entry> entry =
            files.find(name).filter(one -> one.size() <= Manifest.MAX_BYTES);
        if (entry.isPresent()) {
          byte[] bytes = files.read(name, Manifest.MAX_BYTES).orElse(new byte[0]);
          manifest(bytes).filter(one -> one.subject().isPresent()).ifPresent(found::add);
        }
      }
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.LAYOUT_INVALID, "%s: its blobs cannot be read: %s".formatted(what, e), e);
    }
    return found;
  }

  private static Optional<Manifest> manifest(byte[] bytes) {
    if (bytes.length == 0 || bytes[0] != '{') {
      return Optional.empty();
    }
    try {
      return Optional.of(Manifest.parse(bytes, MediaTypes.OCI_MANIFEST));
    } catch (BullaException e) {
      return Optional.empty();
    }
  }
}
