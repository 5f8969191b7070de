package dev.bulla.signing.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.Workshop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Manifests, listings of referrers and bundles: what is refused stays refused, whatever is taken
 * out of it. Each member and element of evidence that must not count is removed, the rest is stored
 * beside the image, and everything together does not count either; for of many signatures one that
 * is believed would be enough.
 */
class EvidenceRemovalTest {
  private static final ImageName NAME = ImageName.of(Reference.parse("registry.example/app:v1"));
  private static final Conditions ALL = Conditions.NONE.withMaxSignatures(1000).withEverything();

  @TempDir Path temp;
  private Repository layout;
  private int stored;

  @Test
  void whatIsLeftOfEvidenceThatDoesNotCountDoesNotCount() {
    Team dev = Team.of(temp, "dev");
    Team stranger = Team.of(temp, "stranger");
    layout = Workshop.layout(temp);
    Descriptor image = Workshop.image(layout, "v1");
    Descriptor other = Workshop.image(layout, "v2");
    List<Manifest> evidence =
        Stream.of(
                stranger.cosign(layout, image),
                stranger.notation(layout, image),
                dev.attest(layout, image, PredicateTypes.SLSA_PROVENANCE_V1),
                moved(dev.cosign(layout, other), image),
                moved(dev.notation(layout, other), image))
            .map(layout::manifest)
            .toList();
    for (Manifest one : evidence) {
      without(one.bytes()).forEach(less -> store(less, one));
      for (byte[] less : without(layout.blobBytes(one.layers().getFirst(), 1 << 20))) {
        store(withLayer(one, less), one);
      }
    }
    assertThat(stored).isGreaterThan(80);
    AuthorityPolicy policy =
        Policies.everywhere(
            Stream.of("dev: {keys: [%s], notation: [%s]}".formatted(dev.key(), dev.root("\"*\""))),
            "signatures: [{authorities: [dev]}]");
    Verification found =
        new AuthorityVerifier(Workshop.CLOCK).verify(layout, image, policy, NAME, ALL);
    assertThat(found.accepted()).isFalse();
    assertThat(found.signatures()).hasSizeGreaterThan(40);
    dev.cosign(layout, image);
    assertThat(
            new AuthorityVerifier(Workshop.CLOCK)
                .verify(layout, image, policy, NAME, ALL)
                .accepted())
        .isTrue();
  }

  /** The evidence of another image, its manifest hung beside this one. */
  private Descriptor moved(Descriptor evidence, Descriptor image) {
    ObjectNode manifest = Json.parseObject(layout.manifest(evidence).bytes(), "manifest");
    manifest.set("subject", Manifest.toJson(image.bare()));
    Manifest moved = Manifest.parse(Json.write(manifest), MediaTypes.OCI_MANIFEST);
    layout.pushManifest(moved, List.of());
    return moved.descriptor();
  }

  /** The documents that are left when one member or element is taken out. */
  private static List<byte[]> without(byte[] json) {
    List<byte[]> all = new ArrayList<>();
    List<String> pointers = new ArrayList<>();
    walk(Json.parse(json, "evidence"), "", pointers);
    for (String pointer : pointers) {
      JsonNode root = Json.parse(json, "evidence");
      int slash = pointer.lastIndexOf('/');
      JsonNode parent = root.at(pointer.substring(0, slash));
      String last = pointer.substring(slash + 1).replace("~1", "/").replace("~0", "~");
      if (parent instanceof ObjectNode object) {
        object.remove(last);
      } else if (parent instanceof ArrayNode array) {
        array.remove(Integer.parseInt(last));
      }
      all.add(Json.write(root));
    }
    return all;
  }

  private static void walk(JsonNode node, String at, List<String> all) {
    if (node.isObject()) {
      for (String name : node.propertyNames()) {
        String here = at + "/" + name.replace("~", "~0").replace("/", "~1");
        all.add(here);
        walk(node.get(name), here, all);
      }
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        all.add(at + "/" + i);
        walk(node.get(i), at + "/" + i, all);
      }
    }
  }

  private byte[] withLayer(Manifest manifest, byte[] content) {
    Descriptor layer = Descriptor.of(manifest.layers().getFirst().mediaType(), content);
    layout.pushBlob(layer, BlobSource.of(content));
    ObjectNode root = Json.parseObject(manifest.bytes(), "manifest");
    ((ArrayNode) root.path("layers")).removeAll().add(Manifest.toJson(layer));
    return Json.write(root);
  }

  private void store(byte[] manifest, Manifest from) {
    try {
      Manifest less = Manifest.parse(manifest, from.descriptor().mediaType());
      layout.pushManifest(less, List.of());
      stored++;
    } catch (BullaException e) {
      // no manifest any more: nobody can store it
    }
  }
}
