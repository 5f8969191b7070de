package dev.bulla.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
  private static final String FULL =
      """
      name: full
      source: {type: Image, reference: "registry.example.org/base/java:21"}
      customize:
        - type: File
          name: app
          sourceUri: target/app.jar
          sha256Checksum: 9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08
          destination: /app/
          mode: "0640"
          owner: "1000:1000"
        - {type: File, sourceUri: rootfs.tgz, destination: /, unpack: true}
      validate:
        continueDistributeOnFailure: true
        checks:
          - {type: File, path: /app/app.jar, mode: "0640"}
          - {type: Config, user: "1000", labels: {a: b}}
          - {type: Size, maxSizeBytes: 1000}
      distribute:
        - {type: Registry, repository: team/app, tags: ["1.0", latest], artifactTags: {team: blue}}
        - {type: OciLayout, path: out, runOutputName: files}
      buildTimeoutInMinutes: 5
      config:
        entrypoint: [java, -jar, /app/app.jar]
        env: {A: "1"}
        exposedPorts: ["8080", 53/udp]
      platform: linux/arm64/v8
      created: "2026-01-31T12:00:00Z"
      """;

  @TempDir Path temp;

  @Test
  void everyFieldIsReadAndWrittenBackNormalised() {
    Template template = yaml(FULL);

    assertThat(new String(Json.write(template.normalised()), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"name\":\"full\",\"source\":{\"type\":\"Image\",\"reference\":\"registry.example.org/base/java:21\"},"
                + "\"customize\":[{\"type\":\"File\",\"name\":\"app\",\"sourceUri\":\"target/app.jar\","
                + "\"sha256Checksum\":\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\","
                + "\"destination\":\"/app/\",\"mode\":\"0640\",\"owner\":\"1000:1000\",\"unpack\":false},"
                + "{\"type\":\"File\",\"name\":\"step-2\",\"sourceUri\":\"rootfs.tgz\",\"destination\":\"/\","
                + "\"owner\":\"0:0\",\"unpack\":true}],"
                + "\"validate\":{\"continueDistributeOnFailure\":true,\"checks\":[{\"type\":\"File\",\"name\":\"check-1\","
                + "\"path\":\"/app/app.jar\",\"exists\":true,\"mode\":\"0640\"},{\"type\":\"Config\",\"name\":\"check-2\","
                + "\"user\":\"1000\",\"labels\":{\"a\":\"b\"}},{\"type\":\"Size\",\"name\":\"check-3\",\"maxSizeBytes\":1000}]},"
                + "\"distribute\":[{\"type\":\"Registry\",\"repository\":\"team/app\",\"tags\":[\"1.0\",\"latest\"],"
                + "\"runOutputName\":\"team/app\"},{\"type\":\"OciLayout\",\"path\":\"out\",\"tags\":[\"latest\"],"
                + "\"runOutputName\":\"files\"}],\"artifactTags\":{\"team\":\"blue\"},\"buildTimeoutInMinutes\":5,"
                + "\"config\":{\"entrypoint\":[\"java\",\"-jar\",\"/app/app.jar\"],\"env\":{\"A\":\"1\"},"
                + "\"exposedPorts\":[\"53/udp\",\"8080/tcp\"],\"labels\":{}},\"platform\":\"linux/arm64/v8\","
                + "\"created\":\"2026-01-31T12:00:00Z\"}");
  }

  @Test
  void jsonAndYamlOfTheSameContentAreTheSameTemplate() {
    String json =
        "{\"source\":{\"type\":\"Scratch\"},\"customize\":[{\"type\":\"File\",\"sourceUri\":\"a\",\"destination\":\"/a\"}]}";

    assertThat(
            Template.parse(json.getBytes(StandardCharsets.UTF_8), Template.Format.JSON, temp, "t")
                .digest())
        .isEqualTo(yaml(minimal("")).digest());
  }

  @Test
  void whatIsLeftOutHasItsDocumentedDefault() {
    Template template = yaml(minimal(""));

    assertThat(template.name()).isEqualTo("image");
    assertThat(template.buildTimeout()).isEqualTo(Duration.ofMinutes(240));
    assertThat(template.created()).isEqualTo(Template.DEFAULT_CREATED);
    assertThat(template.config()).isEqualTo(ImageConfig.EMPTY);
    assertThat(yaml(minimal("buildTimeoutInMinutes: 0")).buildTimeout())
        .isEqualTo(Duration.ofMinutes(240));
    assertThat(yaml(minimal("distribute: [{type: Registry, repository: team/app}]")).name())
        .isEqualTo("app");
  }

  @ParameterizedTest
  @CsvSource({
    "custmize: [],customize",
    "buildTimeoutMinutes: 3,buildTimeoutInMinutes",
    "config: {entryPoint: [a]},entrypoint",
    "'distribute: [{type: Registry, repo: a}]',repository",
    "'validate: {checks: [{type: File, path: /a, sha265: x}]}',sha256"
  })
  void unknownFieldIsRefusedWithTheNearestName(String field, String meant) {
    BullaException refusal = refusal(minimal(field));

    assertThat(refusal.code()).isEqualTo(ErrorCode.FIELD_UNKNOWN);
    assertThat(refusal.nextStep()).contains(meant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "customize: [{type: Shell, inline: [ls]}]",
        "customize: [{type: PowerShell, inline: [ls]}]",
        "customize: [{type: WindowsRestart}]",
        "customize: [{type: WindowsUpdate}]",
        "customize: [{type: Dockerfile, path: Dockerfile}]",
        "properties: {}",
        "vmProfile: {}",
        "validate: {inVMValidations: []}",
        "validate: {sourceValidationOnly: true}",
        "validate: {checks: [{type: Shell, inline: [ls]}]}",
        "distribute: [{type: SharedImage}]"
      })
  void whatOtherBuildersKnowIsRefusedWithSomethingToUseInstead(String field) {
    BullaException refusal = refusal("source: {type: Scratch}\n" + field);

    assertThat(refusal.code()).isEqualTo(ErrorCode.TEMPLATE_UNSUPPORTED);
    assertThat(refusal.nextStep()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PlatformImage", "Packages", "Dockerfile"})
  void unsupportedSourceIsRefused(String type) {
    assertThat(refusal("source: {type: " + type + "}").code())
        .isEqualTo(ErrorCode.TEMPLATE_UNSUPPORTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "buildTimeoutInMinutes: 961",
        "buildTimeoutInMinutes: -1",
        "created: yesterday",
        "created: \"1969-12-31T23:59:59Z\"",
        "platform: linux",
        "name: \"a b\"",
        "config: {exposedPorts: [\"70000\"]}",
        "config: {env: {\"A=B\": c}}",
        "validate: {checks: [{type: File, path: /a, exists: false, mode: \"0644\"}]}",
        "distribute: [{type: Registry, repository: a, tags: [\"bad tag\"]}]",
        "distribute: [{type: Registry, repository: a}, {type: Registry, repository: a}]",
        "distribute: [{type: Elsewhere}]"
      })
  void valueOutOfRangeIsRefused(String field) {
    assertThat(refusal(minimal(field)).code()).isEqualTo(ErrorCode.FIELD_INVALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{type: File, sourceUri: a, destination: relative}",
        "{type: File, sourceUri: a, destination: /a, mode: \"0999\"}",
        "{type: File, sourceUri: a, destination: /a, mode: 420}",
        "{type: File, sourceUri: a, destination: /a, owner: root}",
        "{type: File, sourceUri: \"https://example.org/a\", destination: /a}",
        "{type: File, sourceUri: \"ftp://example.org/a\", destination: /a}",
        "{type: File, sourceUri: a, destination: /a, sha256Checksum: abc}"
      })
  void stepThatMakesNoSenseIsRefused(String step) {
    assertThat(refusal("source: {type: Scratch}\ncustomize: [" + step + "]").code())
        .isEqualTo(ErrorCode.FIELD_INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/../../etc", "/..", "/a/.wh.b"})
  void destinationOutsideTheRootIsRefused(String destination) {
    assertThat(
            refusal(
                    "source: {type: Scratch}\ncustomize: [{type: File, sourceUri: a, destination: "
                        + destination
                        + "}]")
                .code())
        .isEqualTo(ErrorCode.PATH_ESCAPE);
  }

  @Test
  void emptyImageIsRefused() {
    assertThat(refusal("source: {type: Scratch}").code()).isEqualTo(ErrorCode.TEMPLATE_INVALID);
  }

  @Test
  void targetsThatContradictEachOtherAreRefused() {
    assertThat(
            refusal(
                    minimal(
                        "distribute: [{type: Registry, repository: a, artifactTags: {x: \"1\"}},"
                            + " {type: Registry, repository: b, artifactTags: {x: \"2\"}}]"))
                .code())
        .isEqualTo(ErrorCode.TEMPLATE_INVALID);
  }

  @Test
  void duplicateKeysAreRefusedInBothForms() {
    assertThat(refusal(minimal("name: a\nname: b")).code()).isEqualTo(ErrorCode.JSON_DUPLICATE_KEY);
    assertThat(json("{\"name\":\"a\",\"name\":\"b\"}").code())
        .isEqualTo(ErrorCode.JSON_DUPLICATE_KEY);
  }

  @Test
  void depthOfTenThousandIsRefusedInBothForms() {
    String deep = "[".repeat(10_000) + "]".repeat(10_000);

    assertThat(json(deep).code()).isEqualTo(ErrorCode.JSON_TOO_DEEP);
    assertThat(refusal(deep).code()).isEqualTo(ErrorCode.JSON_TOO_DEEP);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "text", "null", "{unclosed", "a: *nowhere"})
  void whatIsNoTemplateIsRefused(String text) {
    assertThat(refusal(text).code()).isIn(ErrorCode.JSON_MALFORMED, ErrorCode.FIELD_INVALID);
  }

  @Test
  void directoryStandsForTheTemplateInIt() throws Exception {
    assertThat(catchThrowableOfType(BullaException.class, () -> Template.load(temp)).nextStep())
        .contains("docs/templates.md");
    assertThat(catchThrowableOfType(BullaException.class, () -> Template.load(temp)).reason())
        .contains("bulla-image.yaml", "bulla-image.yml", "bulla-image.json");

    Files.writeString(temp.resolve("bulla-image.yml"), minimal(""));
    assertThat(Template.load(temp).directory()).isEqualTo(temp);

    Files.writeString(temp.resolve("bulla-image.json"), "{}");
    assertThat(catchThrowableOfType(BullaException.class, () -> Template.load(temp)).code())
        .isEqualTo(ErrorCode.TEMPLATE_INVALID);
  }

  @Test
  void missingFileIsNamed() {
    BullaException refusal =
        catchThrowableOfType(
            BullaException.class, () -> Template.load(temp.resolve("nothing.yaml")));

    assertThat(refusal.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
    assertThat(refusal.reason()).contains("nothing.yaml");
    assertThat(Template.FILE_NAMES)
        .isEqualTo(List.of("bulla-image.yaml", "bulla-image.yml", "bulla-image.json"));
  }

  private static String minimal(String more) {
    return "source: {type: Scratch}\ncustomize: [{type: File, sourceUri: a, destination: /a}]\n"
        + more
        + "\n";
  }

  private Template yaml(String text) {
    return Template.parse(
        text.getBytes(StandardCharsets.UTF_8), Template.Format.YAML, temp, "template");
  }

  private BullaException refusal(String text) {
    return catchThrowableOfType(BullaException.class, () -> yaml(text));
  }

  private BullaException json(String text) {
    return catchThrowableOfType(
        BullaException.class,
        () ->
            Template.parse(
                text.getBytes(StandardCharsets.UTF_8), Template.Format.JSON, temp, "template"));
  }
}
