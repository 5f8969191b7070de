package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Platform;
import dev.bulla.core.Reference;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.testkit.FaultyRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code bulla verify} of many images and of indexes with their children. */
class VerifyManyTest {
  private static final FaultyRegistry REGISTRY = FaultyRegistry.start();
  private static final String KEY = " --key home/keys/signing.pub";
  @TempDir static Path temp;
  private static Caller caller;
  private static JsonSchema answers;

  /**
   * {@code app:a} and {@code app:b} are signed, {@code app:c} is not; {@code multi:1} is an index.
   */
  @BeforeAll
  static void publish() throws Exception {
    answers = new JsonSchema(Path.of("../../docs/schemas/verification-v1.json"));
    caller = new Caller(temp.resolve("home"), temp);
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository app = client.repository(Reference.parse(REGISTRY.host() + "/app"));
      List.of("a", "b", "c").forEach(tag -> image(app, tag, List.of(tag)));
      Repository multi = client.repository(Reference.parse(REGISTRY.host() + "/multi"));
      Descriptor amd64 = image(multi, "amd64", List.of());
      Descriptor arm64 = image(multi, "arm64", List.of());
      Descriptor attests =
          image(multi, "attests", List.of())
              .withAnnotations(
                  Map.of(
                      "vnd.docker.reference.type",
                      "attestation-manifest",
                      "vnd.docker.reference.digest",
                      amd64.digest().toString()));
      Manifest index =
          Manifest.index(
              List.of(
                  amd64.withPlatform(Platform.parse("linux/amd64")),
                  arm64.withPlatform(Platform.parse("linux/arm64")),
                  attests.withPlatform(Platform.parse("unknown/unknown"))),
              Map.of());
      multi.pushManifest(index, List.of("1"));
      Repository apart = client.repository(Reference.parse(REGISTRY.host() + "/apart"));
      index
          .manifests()
          .forEach(child -> apart.pushManifest(multi.manifest(child.bare()), List.of()));
      apart.pushManifest(index, List.of("1"));
    }
    run("sign --format cosign HOST/app:a HOST/app:b HOST/multi:1 HOST/apart:1").ok();
  }

  @AfterAll
  static void stop() {
    REGISTRY.close();
  }

  private static Descriptor image(Repository repository, String text, List<String> tags) {
    byte[] config = ("{\"author\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8);
    Descriptor blob = Descriptor.of(MediaTypes.OCI_CONFIG, config);
    repository.pushBlob(blob, BlobSource.of(config));
    Manifest manifest =
        Manifest.image(blob, List.of(), Optional.empty(), Optional.empty(), Map.of());
    repository.pushManifest(manifest, tags);
    return manifest.descriptor();
  }

  private static Ran run(String line) {
    return caller.run(line.replace("HOST", REGISTRY.host()).split(" +"));
  }

  private static Path file(String name, String content) throws Exception {
    return Files.writeString(temp.resolve(name), content.replace("HOST", REGISTRY.host()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HOST/app:a HOST/app:b                     | 0",
        "HOST/app:a HOST/app:c                     | 3",
        "HOST/app:a HOST/app:z                     | 1",
        "HOST/app:a HOST//bad                      | 2",
        "HOST/app:z HOST//bad                      | 1",
        "HOST/app:z 127.0.0.1:1/x:1                | 4",
        "HOST/app:z 127.0.0.1:1/x:1 HOST/app:c     | 3",
        "HOST/multi:1                              | 0",
        "--recursive HOST/multi:1                  | 3",
        "--recursive HOST/app:a HOST/app:b         | 0",
        "--recursive HOST/app:a HOST/multi:1       | 3",
      })
  void theWorstDecidesTheExitCode(String words, int code) {
    run("verify --parallel 3 " + words + KEY).ended(code);
  }

  @Test
  void eachImageIsVerifiedOnceAndToldInOrder() throws Exception {
    file("list.txt", "# ours\n\nHOST/app:b\nHOST/app:a\n HOST/app:c \nHOST/app:b\n");
    long before = REGISTRY.count("HEAD", "/app/manifests/b");

    JsonNode json = run("verify HOST/app:a -f list.txt --output json" + KEY).ended(3).json();

    assertThat(REGISTRY.count("HEAD", "/app/manifests/b") - before).isEqualTo(1);
    assertThat(json.path("references").valueStream().map(one -> one.path("reference").asString()))
        .containsExactly(
            REGISTRY.host() + "/app:a", REGISTRY.host() + "/app:b", REGISTRY.host() + "/app:c");
    assertThat(json.path("summary").toString())
        .isEqualTo(
            "{\"references\":3,\"verified\":2,\"refused\":1,\"failed\":0,\"repeated\":2,"
                + "\"problems\":0}");
    assertThat(json.path("exitCode").asInt()).isEqualTo(3);
    assertThat(answers.faults(json)).isEmpty();
    assertThat(json.path("references").path(2).path("failure").path("code").asString())
        .isEqualTo("signature-missing");
  }

  @Test
  void anIndexIsWholeOnlyOnceItsChildrenAreSigned() {
    JsonNode partly = run("verify --recursive HOST/apart:1 --output json" + KEY).ended(3).json();

    assertThat(answers.faults(partly)).isEmpty();
    JsonNode failed = run("verify HOST/app:a HOST/app:z --output json" + KEY).ended(1).json();
    assertThat(answers.faults(failed)).isEmpty();
    assertThat(answers.faults(run("verify HOST/app:z --output json" + KEY).ended(1).json()))
        .isEmpty();
    assertThat(partly.path("failure").path("reason").asString())
        .contains("2 of 4 parts", "linux/amd64, linux/arm64");
    assertThat(partly.path("parts").valueStream().map(part -> part.path("verified").asBoolean()))
        .containsExactly(true, false, false, true);

    JsonNode signed = run("sign --format cosign -r HOST/apart:1 --output json").ok().json();
    assertThat(signed.path("images").valueStream().map(image -> image.path("part").asString()))
        .hasSize(4)
        .endsWith("linux/amd64", "index");
    assertThat(run("verify --recursive HOST/apart:1" + KEY).ok().out())
        .contains("ok  linux/arm64", "--  attestation of", "covered by the index");
  }

  @Test
  void whatAnIndexNamesAndNobodyHasIsNotSigned() {
    Descriptor ghost =
        Descriptor.of(MediaTypes.OCI_MANIFEST, "{}".getBytes(StandardCharsets.UTF_8));
    Manifest sparse =
        Manifest.index(List.of(ghost.withPlatform(Platform.parse("linux/s390x"))), Map.of());
    try (Repository layout = Layout.create(temp.resolve("sparse"))) {
      layout.pushManifest(sparse, List.of("1"));
    }
    assertThat(run("sign -r --oci-layout sparse:1").failed(ErrorCode.MANIFEST_NOT_FOUND).err())
        .contains("the index names linux/s390x, " + ghost.digest() + ", which is not there");
  }

  private static final String CHART =
      """
      # Source: chart/templates/deployment.yaml
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop}
      spec:
        template:
          spec:
            initContainers: [{name: prepare, image: "HOST/app:a"}]
            containers:
              - {name: web, image: "HOST/app:b"}
              - {name: side, image: "HOST/app:a"}
      --- # a second
      apiVersion: v1
      kind: List
      items:
        - kind: CronJob
          metadata: {name: nightly}
          spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: job, image: "HOST/app:b"}]}}}}}
        - kind: Pod
          metadata: {name: bare}
          spec: {ephemeralContainers: [{name: debug, image: "HOST/app:a"}]}
      ---
      # nothing but a comment
      ---
      kind: ConfigMap
      metadata: {name: settings}
      data: {text: "containers:\\n- image: not-an-image", image: "neither"}
      ---
      kind: Prometheus
      spec: {image: "HOST/app:a", steps: [{image: "HOST/app:b"}], other: {image: {tag: v1}}}
      status: {image: "none"}
      """;

  @Test
  void imagesOfKubernetesManifestsAreFoundWhereverTheyStand() throws Exception {
    Files.createDirectories(temp.resolve("chart/sub"));
    file("chart/sub/all.yaml", CHART);
    file("chart/notes.txt", "no manifest");

    JsonNode json = run("verify --manifests chart --output json" + KEY).ok().json();

    assertThat(json.path("references").size()).isEqualTo(2);
    assertThat(json.path("references").toString())
        .contains(
            "chart/sub/all.yaml document 1 Deployment shop/web initContainers prepare",
            "containers side",
            "Pod bare ephemeralContainers debug",
            "document 4 Prometheus");
    assertThat(json.path("withoutImages").toString()).contains("ConfigMap settings");
    assertThat(answers.faults(json)).isEmpty();
  }

  @Test
  void imagesBehindAliasesAndMergeKeysAreFound() throws Exception {
    file(
        "aliases.yaml",
        "kind: Pod\n"
            + "spec:\n"
            + "  initContainers:\n"
            + "  - &base {name: one, image: 'HOST/app:a'}\n"
            + "  containers:\n"
            + "  - {<<: *base, name: two}\n"
            + "  - {name: three, image: &b 'HOST/app:b'}\n"
            + "  - {name: four, image: *b}\n");

    JsonNode json = run("verify --manifests aliases.yaml --output json" + KEY).ok().json();

    assertThat(json.path("references").size()).isEqualTo(2);
    assertThat(json.path("references").toString())
        .contains("initContainers one", "containers two", "containers three", "containers four");
  }

  @Test
  void whatCannotBeReadOrNamesNoImageIsAProblem() throws Exception {
    file(
        "broken.yaml",
        CHART
            + "---\nkind: [unclosed\n---\nkind: Pod\nspec: {containers: [{name: x}]}\n"
            + "---\nkind: Pod\nspec: {volumes: [{name: v, image: {reference: 'HOST/app:a'}}],"
            + " containers: [*alias]}\n---\n{{ if .Values.on }}\nkind: Pod\n{{ end }}\n"
            + "---\nkind: Pod\nspec: {containers: [{name: t, image: '{{ .Values.x }}'}]}\n");

    Ran ran = run("verify --manifests broken.yaml" + KEY).ended(1);

    assertThat(ran.out())
        .contains("PROBLEM  broken.yaml document 5", "document 6 Pod containers x", "alias")
        .contains("document 8  [json-malformed]", "document 9 Pod containers t", "helm template")
        .contains("while parsing a flow sequence, expected ',' or ']'")
        .contains("problems in manifests: 5");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "verify                                      | usage",
        "verify -f empty.txt                         | usage",
        "verify --manifests empty.txt                | usage",
        "verify -f - --manifests - HOST/app:a        | usage",
        "verify --oci-layout --manifests x l:1       | usage",
        "verify --parallel 0 HOST/app:a              | usage",
        "verify -f absent.txt                        | file-not-found",
      })
  void whatCannotBeMeantIsAUsageError(String line, String code) throws Exception {
    file("empty.txt", "# nothing\n");

    run(line + KEY).failed(code.equals("usage") ? ErrorCode.USAGE : ErrorCode.FILE_NOT_FOUND);
  }
}
