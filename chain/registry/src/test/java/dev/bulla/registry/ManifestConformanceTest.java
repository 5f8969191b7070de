package dev.bulla.registry;

import static dev.bulla.registry.Caller.content;
import static dev.bulla.registry.Caller.descriptor;
import static dev.bulla.registry.Caller.digestOf;
import static dev.bulla.registry.Caller.error;
import static dev.bulla.registry.Caller.header;
import static dev.bulla.registry.Caller.index;
import static dev.bulla.registry.Caller.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The checks of the OCI distribution conformance suite on manifests, tags and referrers, against a
 * real server.
 */
class ManifestConformanceTest {
  @TempDir static Path home;
  private static TrialTarget server;
  private static Caller caller;

  @BeforeAll
  static void start() {
    server = TrialTarget.start(home);
    caller = new Caller(server.address());
  }

  @AfterAll
  static void stop() {
    caller.close();
    server.close();
  }

  @Test
  void image() {
    assertRoundTrip("kinds/image", caller.image("kinds/image", 1));
  }

  @Test
  void dockerImage() {
    ObjectNode manifest =
        caller.image("kinds/docker", 2).put("mediaType", MediaTypes.DOCKER_MANIFEST);
    assertRoundTrip("kinds/docker", manifest);
    assertRoundTrip(
        "kinds/docker",
        index(manifest).put("mediaType", MediaTypes.DOCKER_MANIFEST_LIST),
        manifest);
  }

  @Test
  void indexesAlsoNestedAndEmpty() {
    ObjectNode one = caller.image("kinds/index", 3);
    ObjectNode two = caller.image("kinds/index", 4);
    ObjectNode inner = index(one, two);

    assertRoundTrip("kinds/index", inner, one, two);
    assertRoundTrip("kinds/index", index(inner), one, two, inner);
    assertRoundTrip("kinds/index", index());
  }

  @Test
  void artifactsAlsoWithoutLayersAndAsIndex() {
    ObjectNode artifact = caller.artifact("kinds/artifact", "application/vnd.example");
    ObjectNode bare = caller.artifact("kinds/artifact", "application/vnd.example.bare");
    bare.putArray("layers");

    assertRoundTrip("kinds/artifact", artifact);
    assertRoundTrip("kinds/artifact", bare);
    assertRoundTrip(
        "kinds/artifact", index(artifact).put("artifactType", "application/vnd.set"), artifact);
  }

  @Test
  void largeManifest() {
    ObjectNode manifest = caller.image("kinds/large", 5);
    ObjectNode annotations = manifest.putObject("annotations");
    for (int i = 0; i < 390; i++) {
      annotations.put("key" + i, "v".repeat(10_000));
    }
    assertRoundTrip("kinds/large", manifest);
  }

  @Test
  void tooLargeIs413() {
    byte[] bytes = new byte[Registry.MAX_MANIFEST + 1];

    assertThat(
            caller.putManifest("kinds/large", "big", bytes, MediaTypes.OCI_MANIFEST).statusCode())
        .isEqualTo(413);
  }

  @Test
  void unknownFieldsTypesAndAlgorithmsAreNobodysBusiness() {
    ObjectNode manifest = caller.image("kinds/odd", 6).put("extra", "field");
    ((ObjectNode) manifest.get("config"))
        .put("mediaType", "application/vnd.unknown")
        .put("data", "e30=");
    manifest
        .putObject("subject")
        .put("mediaType", "x/y")
        .put("digest", "blake9:abc")
        .put("size", 3);

    assertRoundTrip("kinds/odd", manifest);
  }

  @Test
  void nondistributableLayersNeedNotBeThere() {
    ObjectNode manifest = caller.image("kinds/foreign", 7);
    manifest
        .withArray("layers")
        .add(
            descriptor(
                "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", content(9_001)))
        .add(
            descriptor(
                "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", content(9_002)));
    ObjectNode withUrl = descriptor(MediaTypes.OCI_LAYER_GZIP, content(9_003));
    withUrl.putArray("urls").add("https://example.com/layer");
    manifest.withArray("layers").add(withUrl);

    assertRoundTrip("kinds/foreign", manifest);
  }

  @Test
  void manyPartsAreLookedUpAsFewAre() {
    ObjectNode one = caller.image("kinds/many", 9);
    caller.putManifest("kinds/many", digestOf(one).toString(), one);
    ObjectNode[] all = new ObjectNode[40];
    Arrays.fill(all, one);
    ObjectNode index = Caller.index(all);
    assertThat(caller.putManifest("kinds/many", "same", index).statusCode()).isEqualTo(201);

    for (int i = 1; i < all.length; i++) {
      index.withArray("manifests").set(i, descriptor(MediaTypes.OCI_MANIFEST, content(9_100 + i)));
    }
    assertThat(json(caller.putManifest("kinds/many", "missing", index)).get("errors"))
        .hasSize(all.length - 1);
    ObjectNode layers = caller.image("kinds/many", 10);
    for (int i = 1; i < all.length; i++) {
      layers.withArray("layers").add(descriptor(MediaTypes.OCI_LAYER_GZIP, content(9_200 + i)));
    }
    assertThat(json(caller.putManifest("kinds/many", "layers", layers)).get("errors"))
        .hasSize(all.length - 1);
  }

  @Test
  void missingPartsAreEachNamed() {
    ObjectNode manifest = caller.image("kinds/sparse", 8);
    ObjectNode layer = descriptor(MediaTypes.OCI_LAYER_GZIP, content(9_010));
    ObjectNode other = descriptor(MediaTypes.OCI_LAYER_GZIP, content(9_011));
    manifest.withArray("layers").add(layer).add(other);

    HttpResponse<byte[]> put = caller.putManifest("kinds/sparse", "v1", manifest);

    assertThat(put.statusCode()).isEqualTo(400);
    assertThat(json(put).get("errors"))
        .hasSize(2)
        .allMatch(e -> "MANIFEST_BLOB_UNKNOWN".equals(e.get("code").stringValue()));
    assertThat(json(put).at("/errors/0/detail/digest")).isEqualTo(layer.get("digest"));
    assertThat(caller.call("HEAD", "/v2/kinds/sparse/manifests/v1").statusCode()).isEqualTo(404);
    assertThat(caller.putManifest("kinds/sparse", "v2", index(manifest)).statusCode())
        .isEqualTo(400);
  }

  @Test
  void aBlobOfAnotherRepositoryDoesNotCount() {
    ObjectNode manifest = caller.image("kinds/there", 9);

    assertThat(caller.putManifest("kinds/here", "v1", manifest).statusCode()).isEqualTo(400);
  }

  @Test
  void otherDigestAlgorithms() {
    ObjectNode manifest = caller.image("kinds/sha512", 10);
    byte[] bytes = Json.write(manifest);
    String digest = Digest.of(Digest.Algorithm.SHA512, bytes).toString();

    HttpResponse<byte[]> put = caller.putManifest("kinds/sha512", digest, manifest);
    HttpResponse<byte[]> got = caller.call("GET", "/v2/kinds/sha512/manifests/" + digest);

    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(header(put, "Docker-Content-Digest")).isEqualTo(digest);
    assertThat(got.body()).isEqualTo(bytes);
    assertThat(header(got, "Docker-Content-Digest")).isEqualTo(digest);
  }

  @Test
  void tagParametersTagAPushByDigest() {
    ObjectNode manifest = caller.image("kinds/tags", 11);
    String path = digestOf(manifest) + "?tag=one&tag=two";

    HttpResponse<byte[]> put = caller.putManifest("kinds/tags", path, manifest);

    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(put.headers().allValues("OCI-Tag")).containsExactly("one", "two");
    assertThat(caller.call("GET", "/v2/kinds/tags/manifests/two").body())
        .isEqualTo(Json.write(manifest));
  }

  @Test
  void bytesThatAreNotTheDigestsAre400() {
    ObjectNode manifest = caller.image("kinds/bad", 12);
    byte[] bytes = Json.write(manifest);
    byte[] padded =
        (new String(bytes, StandardCharsets.UTF_8) + "  ").getBytes(StandardCharsets.UTF_8);

    HttpResponse<byte[]> put =
        caller.putManifest(
            "kinds/bad", Digest.sha256(bytes).toString(), padded, MediaTypes.OCI_MANIFEST);
    assertThat(put.statusCode()).isEqualTo(400);
    assertThat(error(put)).isEqualTo("DIGEST_INVALID");
    HttpResponse<byte[]> malformed =
        caller.putManifest("kinds/bad", "sha256:baddigeststring", manifest);
    assertThat(malformed.statusCode()).isEqualTo(400);
    assertThat(caller.call("GET", "/v2/kinds/bad/manifests/sha256:baddigeststring").statusCode())
        .isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"schemaVersion\":1}",
        "{\"schemaVersion\":2}",
        "{\"schemaVersion\":2,\"schemaVersion\":2}",
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"digest\":\"no\",\"size\":1}}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:00\",\"size\":-1}}",
        "{\"schemaVersion\":2,\"artifactType\":\"a/\\u0000\",\"config\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:00\",\"size\":1}}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/\\ud800\",\"digest\":\"sha256:00\",\"size\":1}}"
      })
  void whatIsNoManifestIs400(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    HttpResponse<byte[]> put =
        caller.putManifest("kinds/bad", "v1", bytes, MediaTypes.OCI_MANIFEST);

    assertThat(put.statusCode()).isEqualTo(400);
    assertThat(error(put)).isEqualTo("MANIFEST_INVALID");
  }

  @Test
  void anOldClientsContentTypeIsTolerated() {
    ObjectNode manifest = caller.image("kinds/old", 13);

    HttpResponse<byte[]> put =
        caller.putManifest("kinds/old", "v1", Json.write(manifest), "application/octet-stream");

    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(header(caller.call("HEAD", "/v2/kinds/old/manifests/v1"), "Content-Type"))
        .isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(
            caller.putManifest("kinds/old", "v2", Json.write(manifest), "text/html").statusCode())
        .isEqualTo(400);
  }

  @Test
  void missingManifestsAre404() {
    HttpResponse<byte[]> byTag = caller.call("GET", "/v2/kinds/none/manifests/v1");

    assertThat(byTag.statusCode()).isEqualTo(404);
    assertThat(error(byTag)).isEqualTo("MANIFEST_UNKNOWN");
    assertThat(
            caller
                .call("GET", "/v2/kinds/none/manifests/" + Digest.sha256(content(1)))
                .statusCode())
        .isEqualTo(404);
    assertThat(caller.call("DELETE", "/v2/kinds/none/manifests/v1").statusCode()).isEqualTo(404);
  }

  @Test
  void aManifestThatTheCallerHasIs304() {
    ObjectNode manifest = caller.image("kinds/etag", 14);
    caller.putManifest("kinds/etag", "v1", manifest);
    String tag = header(caller.call("GET", "/v2/kinds/etag/manifests/v1"), "ETag");

    assertThat(tag).isEqualTo("\"" + digestOf(manifest) + "\"");
    assertThat(caller.call("GET", "/v2/kinds/etag/manifests/v1", "If-None-Match", tag).statusCode())
        .isEqualTo(304);
  }

  @Test
  void tagsAreListedByTheirBytesAndPaged() {
    ObjectNode manifest = caller.image("kinds/list", 15);
    List<String> tags = List.of("v1", "B", "a", "_x", "0", "v10", "v2");
    tags.forEach(tag -> caller.putManifest("kinds/list", tag, manifest));
    List<String> sorted = new ArrayList<>(new TreeSet<>(tags));

    assertThat(tagsAt("/v2/kinds/list/tags/list")).isEqualTo(sorted);
    assertThat(tagsAt("/v2/kinds/list/tags/list?last=" + sorted.get(3)))
        .isEqualTo(sorted.subList(4, 7));
    HttpResponse<byte[]> none = caller.call("GET", "/v2/kinds/list/tags/list?n=0");
    assertThat(json(none).get("tags")).isEmpty();
    assertThat(header(none, "Link")).isEmpty();
    assertThat(caller.call("GET", "/v2/kinds/list/tags/list?n=-1").statusCode()).isEqualTo(400);
    String many = "/v2/kinds/list/tags/list?n=99999999999";
    assertThat(caller.call("GET", many).statusCode()).isEqualTo(200);

    List<String> paged = new ArrayList<>();
    String next = "/v2/kinds/list/tags/list?n=3";
    int pages = 0;
    while (!next.isEmpty()) {
      HttpResponse<byte[]> page = caller.call("GET", next);
      paged.addAll(names(page, "tags"));
      next = nextOf(page);
      pages++;
    }
    assertThat(paged).isEqualTo(sorted);
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void theCatalogListsRepositoriesWithContent() {
    caller.push("zz/catalog/one", content(1));
    caller.push("zz/catalog/two", content(1));

    assertThat(names(caller.call("GET", "/v2/_catalog"), "repositories"))
        .contains("zz/catalog/one", "zz/catalog/two");
    HttpResponse<byte[]> page = caller.call("GET", "/v2/_catalog?n=1&last=zz/catalog/on");
    assertThat(names(page, "repositories")).containsExactly("zz/catalog/one");
    assertThat(names(caller.call("GET", nextOf(page)), "repositories"))
        .containsExactly("zz/catalog/two");
  }

  @Test
  void deletingATagKeepsTheManifestAndDeletingAManifestDropsItsTags() {
    ObjectNode manifest = caller.image("kinds/delete", 16);
    caller.putManifest("kinds/delete", "one", manifest);
    caller.putManifest("kinds/delete", "two", manifest);
    String byDigest = "/v2/kinds/delete/manifests/" + digestOf(manifest);

    assertThat(caller.call("DELETE", "/v2/kinds/delete/manifests/one").statusCode()).isEqualTo(202);
    assertThat(caller.call("HEAD", "/v2/kinds/delete/manifests/one").statusCode()).isEqualTo(404);
    assertThat(caller.call("HEAD", byDigest).statusCode()).isEqualTo(200);
    assertThat(caller.call("DELETE", byDigest).statusCode()).isEqualTo(202);
    assertThat(caller.call("HEAD", byDigest).statusCode()).isEqualTo(404);
    assertThat(tagsAt("/v2/kinds/delete/tags/list")).isEmpty();
  }

  @Test
  void referrersOfAnImage() {
    String repository = "refs/image";
    ObjectNode subject = caller.image(repository, 17);
    caller.putManifest(repository, "subject", subject);
    ObjectNode plain = caller.image(repository, 18);
    ObjectNode sbom = caller.artifact(repository, "application/vnd.sbom");
    sbom.putObject("annotations").put("org.example", "yes").put("another", "value");
    ObjectNode signature = caller.artifact(repository, "application/vnd.signature");
    for (ObjectNode referrer : List.of(plain, sbom, signature)) {
      referrer.set("subject", descriptor(subject));
      HttpResponse<byte[]> put =
          caller.putManifest(repository, digestOf(referrer).toString(), referrer);
      assertThat(header(put, "OCI-Subject")).isEqualTo(digestOf(subject).toString());
    }
    String path = "/v2/" + repository + "/referrers/" + digestOf(subject);

    List<JsonNode> all = entries(caller.call("GET", path));
    HttpResponse<byte[]> filtered = caller.call("GET", path + "?artifactType=application/vnd.sbom");

    assertThat(all).hasSize(3);
    assertThat(all)
        .contains(expected(plain, MediaTypes.OCI_CONFIG), expected(sbom, "application/vnd.sbom"));
    assertThat(entries(filtered)).containsExactly(expected(sbom, "application/vnd.sbom"));
    assertThat(header(filtered, "OCI-Filters-Applied")).isEqualTo("artifactType");
    assertThat(entries(caller.call("GET", path + "?artifactType=none"))).isEmpty();

    caller.call("DELETE", "/v2/" + repository + "/manifests/" + digestOf(sbom));
    assertThat(entries(caller.call("GET", path))).hasSize(2);
  }

  @Test
  void aMissingSubjectIsAcceptedAndListed() {
    ObjectNode referrer = caller.artifact("refs/missing", "application/vnd.early");
    Digest later = Digest.sha256(content(4_444));
    referrer.set("subject", descriptor(MediaTypes.OCI_MANIFEST, content(4_444)));

    assertThat(caller.putManifest("refs/missing", "v1", referrer).statusCode()).isEqualTo(201);
    assertThat(entries(caller.call("GET", "/v2/refs/missing/referrers/" + later)))
        .containsExactly(expected(referrer, "application/vnd.early"));
    assertThat(entries(caller.call("GET", "/v2/refs/other/referrers/" + later))).isEmpty();
  }

  @Test
  void anIndexCanRefer() {
    ObjectNode subject = caller.image("refs/index", 19);
    ObjectNode typed = index(subject).put("artifactType", "application/vnd.set");
    ObjectNode untyped = index();
    caller.putManifest("refs/index", "s", subject);
    for (ObjectNode referrer : List.of(typed, untyped)) {
      referrer.set("subject", descriptor(subject));
      assertThat(
              caller
                  .putManifest("refs/index", digestOf(referrer).toString(), referrer)
                  .statusCode())
          .isEqualTo(201);
    }

    assertThat(entries(caller.call("GET", "/v2/refs/index/referrers/" + digestOf(subject))))
        .containsExactlyInAnyOrder(expected(typed, "application/vnd.set"), descriptor(untyped));
  }

  @Test
  void longListsOfReferrersArePaged() {
    String repository = "refs/many";
    ObjectNode subject = caller.image(repository, 20);
    caller.artifact(repository, "x");
    TreeSet<String> expected = new TreeSet<>();
    for (int i = 0; i < 7; i++) {
      ObjectNode referrer = caller.artifact(repository, i == 0 ? "application/a" : "application/b");
      referrer.set("subject", descriptor(subject));
      referrer.putObject("annotations").put("i", "x".repeat(900_000) + i);
      caller.putManifest(repository, digestOf(referrer).toString(), referrer);
      expected.add(digestOf(referrer).toString());
    }
    List<String> found = new ArrayList<>();
    String next = "/v2/" + repository + "/referrers/" + digestOf(subject);
    int pages = 0;
    while (!next.isEmpty()) {
      HttpResponse<byte[]> page = caller.call("GET", next);
      assertThat(page.body().length).isLessThan(5_000_000);
      entries(page).forEach(e -> found.add(e.get("digest").stringValue()));
      next = nextOf(page);
      pages++;
    }

    assertThat(found).containsExactlyElementsOf(expected);
    assertThat(pages).isEqualTo(2);
    HttpResponse<byte[]> filtered =
        caller.call(
            "GET",
            "/v2/"
                + repository
                + "/referrers/"
                + digestOf(subject)
                + "?n=2&artifactType=application/b");
    assertThat(entries(filtered)).hasSize(2);
    assertThat(nextOf(filtered)).contains("artifactType=application%2Fb");
  }

  @Test
  void referrersOfABadDigestAre400() {
    assertThat(caller.call("GET", "/v2/refs/x/referrers/sha256:bad").statusCode()).isEqualTo(400);
  }

  private static void assertRoundTrip(String repository, ObjectNode manifest, ObjectNode... first) {
    for (ObjectNode child : first) {
      assertThat(caller.putManifest(repository, digestOf(child).toString(), child).statusCode())
          .isEqualTo(201);
    }
    byte[] bytes = Json.write(manifest);
    String digest = Digest.sha256(bytes).toString();
    for (String reference : List.of(digest, "tagged")) {
      HttpResponse<byte[]> put = caller.putManifest(repository, reference, manifest);
      assertThat(put.statusCode())
          .as(new String(put.body(), StandardCharsets.UTF_8))
          .isEqualTo(201);
      assertThat(header(put, "Docker-Content-Digest")).isEqualTo(digest);
      assertThat(caller.call("GET", header(put, "Location")).body()).isEqualTo(bytes);
      HttpResponse<byte[]> got =
          caller.call("GET", "/v2/" + repository + "/manifests/" + reference);
      HttpResponse<byte[]> head =
          caller.call("HEAD", "/v2/" + repository + "/manifests/" + reference);
      assertThat(got.body()).isEqualTo(bytes);
      for (HttpResponse<byte[]> answer : List.of(got, head)) {
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Type"))
            .isEqualTo(manifest.get("mediaType").stringValue());
        assertThat(header(answer, "Content-Length")).isEqualTo(Integer.toString(bytes.length));
        assertThat(header(answer, "Docker-Content-Digest")).isEqualTo(digest);
      }
    }
    assertThat(tagsAt("/v2/" + repository + "/tags/list")).contains("tagged");
  }

  private static ObjectNode expected(ObjectNode manifest, String artifactType) {
    ObjectNode entry = descriptor(manifest).put("artifactType", artifactType);
    if (manifest.has("annotations")) {
      entry.set("annotations", manifest.get("annotations"));
    }
    return entry;
  }

  private static List<JsonNode> entries(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(200);
    return StreamSupport.stream(json(response).get("manifests").spliterator(), false).toList();
  }

  private static List<String> tagsAt(String path) {
    return names(caller.call("GET", path), "tags");
  }

  private static List<String> names(HttpResponse<byte[]> response, String field) {
    return StreamSupport.stream(json(response).get(field).spliterator(), false)
        .map(JsonNode::stringValue)
        .toList();
  }

  private static String nextOf(HttpResponse<byte[]> response) {
    String link = header(response, "Link");
    return link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
  }
}
