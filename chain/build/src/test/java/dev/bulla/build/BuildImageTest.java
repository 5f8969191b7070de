package dev.bulla.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.build.layer.ArchiveLimits;
import dev.bulla.build.layer.Archives;
import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Platform;
import dev.bulla.core.claim.Check;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * From a template to an image: what it is made of, what is told of it, and what stops it.
 *
 * <p>Longer than most files: a third of it are the projects, bases and targets that all tests
 * share.
 */
class BuildImageTest {
  private static final Instant NOW = Instant.parse("2026-05-06T07:08:09.123Z");
  private static final String STEPS =
      """
      source: {type: Scratch}
      customize:
        - {type: File, name: site, sourceUri: site, destination: /srv/site}
        - {type: File, name: tool, sourceUri: tool.sh, destination: /usr/bin/tool, owner: "10:20"}
      config:
        entrypoint: [/usr/bin/tool]
        user: "65532"
        labels: {b: "2", a: "1"}
      """;

  @TempDir Path temp;
  private final MemoryRepository target = new MemoryRepository();
  private int works;

  @Test
  void scratchImageHasTheGoldenDigestOnEveryMachine() throws IOException {
    BuildResult result = build(template(project("p", List.of("a.txt", "b.txt")), STEPS));

    assertThat(result.image().digest())
        .isEqualTo(
            Digest.parse(
                "sha256:43956989d63f5f8e3d55b4e75c25b0b3d452e1873cfe164d6c9c6f0a8d211c19"));
  }

  @Test
  void localeTimeZoneOrderTimesAndModesOfFilesDoNotMatter() throws IOException {
    BuildResult first = build(template(project("one", List.of("a.txt", "b.txt")), STEPS));
    Path other = project("two", List.of("b.txt", "a.txt"));
    Files.setPosixFilePermissions(
        other.resolve("site/a.txt"), PosixFilePermissions.fromString("rw-rw-rw-"));
    Files.setPosixFilePermissions(
        other.resolve("tool.sh"), PosixFilePermissions.fromString("rwx------"));
    Files.setLastModifiedTime(other.resolve("tool.sh"), FileTime.from(Instant.EPOCH));
    Locale locale = Locale.getDefault();
    TimeZone zone = TimeZone.getDefault();
    BuildResult second;
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Chatham"));
      second = build(template(other, STEPS));
    } finally {
      Locale.setDefault(locale);
      TimeZone.setDefault(zone);
    }

    assertThat(second.image()).isEqualTo(first.image());
    assertThat(second.lock()).isEqualTo(first.lock());
    assertThat(second.provenance().toJson()).isEqualTo(first.provenance().toJson());
  }

  @Test
  void configurationSaysWhatTheTemplateSays() throws IOException {
    BuildResult result = build(template(project("p", List.of("a.txt")), STEPS));

    assertThat(new String(target.blobs.get(result.config().digest()), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"created\":\"1980-02-01T00:00:00Z\",\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{"
                + "\"User\":\"65532\",\"Entrypoint\":[\"/usr/bin/tool\"],\"Labels\":{\"a\":\"1\",\"b\":\"2\"}},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\",\"%s\"]},\"history\":["
                    .formatted(result.diffIds().get(0), result.diffIds().get(1))
                + "{\"created\":\"1980-02-01T00:00:00Z\",\"created_by\":\"bulla customize"
                + " site\"},{\"created\":\"1980-02-01T00:00:00Z\",\"created_by\":\"bulla customize"
                + " tool\"}]}");
    assertThat(target.manifests.get(result.image().digest()).annotations())
        .containsExactly(Map.entry("org.opencontainers.image.created", "1980-02-01T00:00:00Z"));
  }

  @Test
  void provenanceNamesEveryInputAndTheRun() throws IOException {
    Template template = template(project("p", List.of("a.txt")), STEPS);
    BuildResult result = build(template);
    JsonNode predicate = result.provenance().predicate();

    assertThat(result.provenance().predicateType()).isEqualTo(PredicateTypes.SLSA_PROVENANCE_V1);
    assertThat(result.provenance().isAbout(result.image().digest())).isTrue();
    JsonNode definition = predicate.get("buildDefinition");
    assertThat(definition.get("buildType").stringValue())
        .isEqualTo("https://bulla.dev/build/template/v1");
    assertThat(definition.get("externalParameters").get("template"))
        .isEqualTo(template.normalised());
    assertThat(new String(Json.write(definition.get("internalParameters")), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"lock\":\"%s\",\"writer\":{\"compatibilityVersion\":1,\"compressor\":{\"name\":\"jzlib\",\"version\":\"1.1.3\",\"level\":6}}}"
                .formatted(Digest.sha256(result.lock())));
    assertThat(definition.get("resolvedDependencies")).hasSize(2);
    assertThat(definition.get("resolvedDependencies").get(1).get("uri").stringValue())
        .isEqualTo("file:tool.sh");
    assertThat(
            new String(
                Json.write(predicate.get("runDetails").get("metadata")), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"invocationId\":\"run-1\",\"startedOn\":\"2026-05-06T07:08:09Z\",\"finishedOn\":\"2026-05-06T07:08:09Z\"}");
    assertThat(predicate.get("runDetails").get("builder").get("id").stringValue())
        .isEqualTo(Builder.LOCAL);
    assertThat(new String(result.provenance().toJson(), StandardCharsets.UTF_8))
        .doesNotContain(temp.toString());
  }

  @Test
  void baseImageIsKeptAndItsSettingsAreTheDefaults() throws IOException {
    MemoryRepository bases = new MemoryRepository();
    Descriptor base = base(bases);
    Template template =
        template(
            project("p", List.of("a.txt")),
            """
            source: {type: Image, reference: "registry.example.org/base:1"}
            customize:
              - {type: File, name: lib, sourceUri: tool.sh, destination: /lib/tool.so}
              - {type: File, name: nothing, sourceUri: same.txt, destination: /etc/same}
            config: {entrypoint: [/run], env: {PATH: /bin}, labels: {own: "1"}}
            validate:
              checks:
                - {type: File, path: /lib/tool.so, sha256: %s}
                - {type: File, path: /etc/same, mode: "0644", owner: "0:0"}
            """
                .formatted(Digest.sha256("#!tool".getBytes(StandardCharsets.UTF_8)).hex()));

    BuildResult result = build(template, bases);

    assertThat(result.layers()).hasSize(2);
    assertThat(result.layers().getFirst()).isEqualTo(bases.manifest(base).layers().getFirst());
    JsonNode config = Json.parse(target.blobs.get(result.config().digest()), "config");
    assertThat(new String(Json.write(config.get("config")), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"Env\":[\"LANG=C\",\"PATH=/bin\"],\"Labels\":{\"base\":\"1\",\"own\":\"1\"},\"Entrypoint\":[\"/run\"]}");
    assertThat(config.get("architecture").stringValue()).isEqualTo("arm64");
    assertThat(config.get("history")).hasSize(3);
    assertThat(config.get("history").get(2).get("empty_layer").booleanValue()).isTrue();
    assertThat(target.manifests.get(result.image().digest()).annotations())
        .containsEntry("org.opencontainers.image.base.digest", base.digest().toString())
        .containsEntry("org.opencontainers.image.base.name", "registry.example.org/base:1");
    assertThat(
            result
                .provenance()
                .predicate()
                .at("/buildDefinition/resolvedDependencies/0/uri")
                .stringValue())
        .isEqualTo(
            "pkg:oci/base@sha256%3A"
                + base.digest().hex()
                + "?repository_url=registry.example.org/base&tag=1");
    assertThat(result.validation())
        .allSatisfy(c -> assertThat(c.outcome()).isEqualTo(Check.Outcome.PASSED));
  }

  @Test
  void platformIsChosenFromAnIndexAndMustBeThere() throws IOException {
    MemoryRepository bases = new MemoryRepository();
    Descriptor base = base(bases);
    Manifest index =
        Manifest.index(List.of(base.withPlatform(new Platform("linux", "arm64"))), Map.of());
    bases.pushManifest(index, List.of("1"));
    Path project = project("p", List.of("a.txt"));
    String steps = "customize: [{type: File, sourceUri: tool.sh, destination: /t}]\n";
    String source = "source: {type: OciLayout, path: layout, reference: \"1\"}\n";

    BuildResult result = build(template(project, source + steps + "platform: linux/arm64"), bases);

    assertThat(result.layers()).hasSize(2);
    assertThat(
            catchThrowableOfType(
                    BullaException.class,
                    () -> build(template(project, source + steps + "platform: linux/amd64"), bases))
                .code())
        .isEqualTo(ErrorCode.PLATFORM_NOT_FOUND);
  }

  @Test
  void baseWhoseLayerIsNotWhatItsConfigurationSaysIsRefused() throws IOException {
    MemoryRepository bases = new MemoryRepository();
    Descriptor layer = push(bases, MediaTypes.OCI_LAYER_TAR, baseLayer());
    String config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:%s\"]}}"
            .formatted("0".repeat(64));
    Descriptor lying = push(bases, MediaTypes.OCI_CONFIG, config.getBytes(StandardCharsets.UTF_8));
    bases.pushManifest(
        Manifest.image(lying, List.of(layer), Optional.empty(), Optional.empty(), Map.of()),
        List.of("1"));
    Template template =
        template(
            project("p", List.of("a.txt")),
            "source: {type: OciLayout, path: layout, reference: \"1\"}\n"
                + "customize: [{type: File, sourceUri: tool.sh, destination: /t}]");

    assertThat(catchThrowableOfType(BullaException.class, () -> build(template, bases)).code())
        .isEqualTo(ErrorCode.DIGEST_MISMATCH);
  }

  @Test
  void failedValidationStopsBeforeThereIsAnImage() throws IOException {
    Template template =
        template(
            project("p", List.of("a.txt")),
            STEPS
                + """
                validate:
                  checks:
                    - {type: File, name: gone, path: /srv/site/a.txt, exists: false}
                    - {type: File, name: there, path: /nothing}
                    - {type: Config, name: root, user: "0", labels: {a: x}}
                    - {type: Size, name: size, maxSizeBytes: 10}
                """);

    BullaException refusal = catchThrowableOfType(BullaException.class, () -> build(template));

    assertThat(refusal.code()).isEqualTo(ErrorCode.VALIDATION_FAILED);
    assertThat(refusal.reason())
        .contains(
            "gone: found /srv/site/a.txt is there",
            "there: found /nothing is not there",
            "found user 65532, label a 1, expected user 0, label a x",
            "size: found");
    assertThat(target.manifests).isEmpty();
  }

  @Test
  void failedValidationIsReportedWhereTheTemplateGoesOn() throws IOException {
    BuildResult result =
        build(
            template(
                project("p", List.of("a.txt")),
                STEPS
                    + "validate: {continueDistributeOnFailure: true, checks: [{type: Size,"
                    + " maxSizeBytes: 1}]}"));

    assertThat(result.validation())
        .singleElement()
        .satisfies(c -> assertThat(c.outcome()).isEqualTo(Check.Outcome.FAILED));
    assertThat(target.manifests).hasSize(1);
  }

  @Test
  void fileChangedBetweenTheGateAndTheBuildIsRefused() throws IOException {
    Path project = project("p", List.of("a.txt"));
    ResolvedTemplate resolved = resolve(template(project, STEPS), target);
    Files.writeString(project.resolve("tool.sh"), "#!evil");

    assertThat(
            catchThrowableOfType(
                    BullaException.class,
                    () -> builder(Files::newOutputStream).build(resolved, target))
                .code())
        .isEqualTo(ErrorCode.INPUT_CHECKSUM_MISMATCH);
    assertThat(target.manifests).isEmpty();
  }

  @Test
  void fileExchangedForLinkBetweenTheGateAndTheBuildIsRefused() throws IOException {
    Path project = project("p", List.of("a.txt"));
    ResolvedTemplate resolved = resolve(template(project, STEPS), target);
    Files.delete(project.resolve("site/a.txt"));
    Files.createSymbolicLink(project.resolve("site/a.txt"), Path.of("/etc/passwd"));

    assertThat(
            catchThrowableOfType(
                BullaException.class,
                () -> builder(Files::newOutputStream).build(resolved, target)))
        .isNotNull();
    assertThat(target.manifests).isEmpty();
  }

  @Test
  void fullDiskIsNamedAsSuchAndLeavesNoImage() throws IOException {
    ResolvedTemplate resolved = resolve(template(project("p", List.of("a.txt")), STEPS), target);
    BuildImage build =
        builder(file ->
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("No space left on device");
              }
            });

    assertThat(
            catchThrowableOfType(BullaException.class, () -> build.build(resolved, target)).code())
        .isEqualTo(ErrorCode.DISK_FULL);
    assertThat(target.manifests).isEmpty();
  }

  @Test
  void deadlineCoversBuildingToo() throws IOException {
    Template template = template(project("p", List.of("a.txt")), STEPS);
    ResolvedTemplate inTime = resolve(template, target);
    ResolvedTemplate resolved =
        new ResolvedTemplate(
            inTime.template(),
            inTime.inputs(),
            inTime.base(),
            inTime.contents(),
            inTime.work(),
            Deadline.after(Duration.ofMillis(50)));
    BuildImage slow =
        builder(file -> {
          try {
            Thread.sleep(Duration.ofMinutes(5));
          } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
          }
          return OutputStream.nullOutputStream();
        });

    assertThat(
            catchThrowableOfType(BullaException.class, () -> slow.build(resolved, target)).code())
        .isEqualTo(ErrorCode.BUILD_TIMEOUT);
    assertThat(target.manifests).isEmpty();
  }

  private Path project(String name, List<String> files) throws IOException {
    Path project = Files.createDirectory(temp.resolve(name));
    Files.createDirectory(project.resolve("site"));
    for (String file : files) {
      Files.writeString(project.resolve("site").resolve(file), "content of " + file);
    }
    Path tool = Files.writeString(project.resolve("tool.sh"), "#!tool");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(project.resolve("same.txt"), "same");
    return project;
  }

  private static Template template(Path directory, String yaml) {
    return Template.parse(
        yaml.getBytes(StandardCharsets.UTF_8), Template.Format.YAML, directory, "template");
  }

  private Path work() {
    return temp.resolve("work-" + works++);
  }

  private BuildResult build(Template template) {
    return build(template, new MemoryRepository());
  }

  private BuildResult build(Template template, Repository bases) {
    return builder(Files::newOutputStream).build(resolve(template, bases), target);
  }

  private ResolvedTemplate resolve(Template template, Repository bases) {
    return resolver(bases).resolve(template, work());
  }

  private static ResolveInputs resolver(Repository bases) {
    return new ResolveInputs(
        (source, directory) -> bases,
        new HttpDownloads(1),
        ArchiveLimits.DEFAULT,
        BuildProgress.NONE);
  }

  private static BuildImage builder(dev.bulla.build.layer.LayerWriter.Output output) {
    return new BuildImage(
        Builder.local("test"), InstantSource.fixed(NOW), () -> "run-1", BuildProgress.NONE, output);
  }

  private static byte[] baseLayer() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Archives tar = Archives.plain(bytes)) {
      tar.directory("usr", 0755)
          .directory("usr/lib", 0755)
          .symlink("lib", "usr/lib")
          .file("etc/same", "same");
    }
    return bytes.toByteArray();
  }

  private static Descriptor base(MemoryRepository bases) {
    byte[] tar = baseLayer();
    Descriptor layer = push(bases, MediaTypes.OCI_LAYER_TAR, tar);
    String config =
        """
        {"architecture":"arm64","os":"linux","config":{"Env":["LANG=C","PATH=/old"],"Cmd":["/old"],"Labels":{"base":"1"}},
        "rootfs":{"type":"layers","diff_ids":["%s"]},"history":[{"created_by":"base"}]}
        """
            .formatted(Digest.sha256(tar));
    Descriptor described =
        push(bases, MediaTypes.OCI_CONFIG, config.getBytes(StandardCharsets.UTF_8));
    Manifest manifest =
        Manifest.image(
            described,
            new ArrayList<>(List.of(layer)),
            Optional.empty(),
            Optional.empty(),
            Map.of());
    bases.pushManifest(manifest, List.of("1"));
    return manifest.descriptor();
  }

  private static Descriptor push(MemoryRepository repository, String mediaType, byte[] content) {
    Descriptor descriptor = Descriptor.of(mediaType, content);
    repository.pushBlob(descriptor, BlobSource.of(content));
    return descriptor;
  }
}
