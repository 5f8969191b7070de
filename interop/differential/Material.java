import dev.bulla.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import tools.jackson.databind.JsonNode;

/**
 * Signatures that verify: one of each format and algorithm that notation, cosign and a private
 * Sigstore made, out of the archives of {@code trust/signing}'s tests.
 */
sealed interface Material {

  /** Names the format in a report: {@code notation-jws}, {@code bundle-keyless} and so on. */
  String format();

  String name();

  /** The bytes that carry the signature. */
  byte[] evidence();

  /**
   * A file and the Sigstore bundle beside it.
   *
   * @param who options that say who must have signed; the same for both programs
   */
  record Blob(String format, String name, byte[] evidence, Path artifact, List<String> who)
      implements Material {}

  /**
   * An image in a registry.
   *
   * @param evidence the layer that carries the signature; for cosign's old form the payload
   * @param manifest of the signature
   * @param tag under which the manifest is found, or empty if it is a referrer
   * @param who for cosign the key; for notation nothing, its policy says it
   */
  record Image(
      String format,
      String name,
      byte[] evidence,
      byte[] manifest,
      String tag,
      String digest,
      Map<String, byte[]> blobs,
      List<String> who)
      implements Material {}

  static List<Material> all(Path archives, Path work) throws IOException {
    Path peers = unzip(archives.resolve("peer-signatures.zip"), work.resolve("peers"));
    List<Material> all = new ArrayList<>();
    for (String envelope : List.of("jws", "cose")) {
      for (String key : List.of("ec256", "ec384", "ec521", "rsa2048", "rsa3072", "rsa4096")) {
        Path layout = peers.resolve("notation/layouts/" + envelope + "-" + key);
        all.add(image("notation-" + envelope, layout, List.of()));
      }
      all.add(
          image(
              "notation-" + envelope,
              peers.resolve("notation/layouts/expiry-" + envelope),
              List.of()));
    }
    for (String key : List.of("ecdsa-p256", "ed25519", "rsa-2048", "rsa-3072")) {
      List<String> who = List.of("--key", peers.resolve("cosign/keys/" + key + ".pub").toString());
      Path layouts = peers.resolve("cosign/layouts");
      all.add(image("bundle-key", layouts.resolve("bundle-" + key), who));
      all.add(image("legacy", layouts.resolve("legacy-" + key), who));
      Path bundle = peers.resolve("cosign/blobs/" + key + ".sigstore.json");
      if (Files.exists(bundle)) {
        byte[] evidence = Files.readAllBytes(bundle);
        Path file = peers.resolve("cosign/blobs/file.txt");
        all.add(new Blob("blob-key", key, evidence, file, who));
      }
    }
    for (String set : List.of("instance", "conformance")) {
      Path home = unzip(archives.resolve("sigstore-" + set + ".zip"), work.resolve(set));
      for (JsonNode one :
          Json.parse(Files.readAllBytes(home.resolve("cases.json")), set).get("cases")) {
        if (one.get("expect").stringValue().equals("accept") && !one.has("key")) {
          all.add(keyless(set, home, one));
        }
      }
    }
    return all;
  }

  private static Material keyless(String set, Path home, JsonNode one) throws IOException {
    return new Blob(
        "blob-keyless",
        set + "/" + one.get("name").stringValue(),
        Files.readAllBytes(home.resolve(one.get("bundle").stringValue())),
        home.resolve(one.get("artifact").stringValue()),
        List.of(
            "--certificate-identity",
            one.get("certificate_identity").stringValue(),
            "--certificate-oidc-issuer",
            one.get("certificate_oidc_issuer").stringValue(),
            "--trusted-root",
            home.resolve(one.get("trusted_root").stringValue()).toString()));
  }

  /** The image of a layout with its one signature. */
  private static Material image(String format, Path layout, List<String> who) throws IOException {
    Map<String, byte[]> blobs = new LinkedHashMap<>();
    try (var files = Files.list(layout.resolve("blobs/sha256"))) {
      files.forEach(file -> blobs.put("sha256:" + file.getFileName(), read(file)));
    }
    JsonNode entries = Json.parse(read(layout.resolve("index.json")), "index").get("manifests");
    String image = "";
    String signature = "";
    String tag = "";
    for (JsonNode entry : entries) {
      String digest = entry.get("digest").stringValue();
      String name =
          entry.path("annotations").path("org.opencontainers.image.ref.name").asString("");
      if (name.equals("v1")) {
        image = digest;
      } else {
        signature = digest;
        tag = name;
      }
    }
    byte[] manifest = blobs.remove(signature);
    JsonNode layer = Json.parse(manifest, "manifest").get("layers").get(0);
    byte[] evidence = blobs.remove(layer.get("digest").stringValue());
    String name = layout.getFileName().toString();
    return new Image(format, name, evidence, manifest, tag, image, blobs, who);
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path unzip(Path archive, Path directory) throws IOException {
    try (InputStream in = Files.newInputStream(archive);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = directory.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.write(file, zip.readAllBytes());
      }
    }
    return directory;
  }
}
