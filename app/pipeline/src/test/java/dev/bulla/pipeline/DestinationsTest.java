package dev.bulla.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.build.Template;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DestinationsTest {
  private static final String HOME_REGISTRY = "127.0.0.1:7470";
  private static final Path DIRECTORY = Path.of("/templates/app");

  @ParameterizedTest
  @CsvSource({
    "app, 127.0.0.1:7470/app",
    "team/app, 127.0.0.1:7470/team/app",
    "registry.example.org/team/app, registry.example.org/team/app",
    "localhost/app, localhost/app",
    "localhost:5000/app, localhost:5000/app"
  })
  void repositoryWithoutAHostBelongsToTheHomesRegistry(String written, String meant) {
    assertThat(Destinations.name(written, HOME_REGISTRY)).hasToString(meant);
  }

  @Test
  void everyTargetOfTheTemplateGetsItsTags() {
    Destinations destinations =
        of(
            """
            - {type: Registry, repository: app, tags: ["1.0", stable]}
            - {type: Registry, repository: registry.example.org/app}
            - {type: OciLayout, path: out/layout, tags: ["1.0"]}
            """,
            Optional.empty());

    assertThat(destinations.registries())
        .flatExtracting(Destinations.Named::references)
        .extracting(Reference::toString)
        .containsExactly(
            "127.0.0.1:7470/app:1.0",
            "127.0.0.1:7470/app:stable",
            "registry.example.org/app:latest");
    assertThat(destinations.layouts())
        .containsExactly(
            new Destinations.Directory(DIRECTORY.resolve("out/layout"), List.of("1.0")));
  }

  @Test
  void namedDestinationReplacesThoseOfTheTemplate() {
    Destinations destinations =
        of("- {type: Registry, repository: app}", Optional.of("registry.example.org/other:2"));

    assertThat(destinations.registries())
        .containsExactly(
            new Destinations.Named(
                Reference.parse("registry.example.org/other").name(), List.of("2")));
    assertThat(destinations.layouts()).isEmpty();
  }

  @Test
  void namedDestinationMustNotNameTheDigestThatIsToComeOut() {
    assertThatThrownBy(() ->
            of(
                "- {type: Registry, repository: app}",
                Optional.of("registry.example.org/app@sha256:" + "ab".repeat(32))))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
  }

  @Test
  void templateThatPublishesNowhereIsRefusedWithAnExample() {
    assertThatThrownBy(() -> of("- {type: OciLayout, path: out}", Optional.empty()))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_INVALID);
              assertThat(e.nextStep()).contains("distribute:", "--to");
            });
  }

  @Test
  void evidenceOfARefusedImageStaysInTheHomesRegistryWhereverTheImageWasToGo() {
    Destinations destinations =
        of(
            "- {type: Registry, repository: registry.example.org/team/app, tags: ['3']}",
            Optional.empty());

    assertThat(destinations.kept(HOME_REGISTRY)).hasToString("127.0.0.1:7470/team/app:3");
  }

  @Test
  void documentsDoNotCallTheImageByThePortOfTheHome() {
    assertThat(
            of("- {type: Registry, repository: team/app}", Optional.empty())
                .imageName(HOME_REGISTRY))
        .isEqualTo("team/app");
    assertThat(
            of("- {type: Registry, repository: registry.example.org/app}", Optional.empty())
                .imageName(HOME_REGISTRY))
        .isEqualTo("registry.example.org/app");
  }

  private static Destinations of(String distribute, Optional<String> to) {
    String template =
        """
        source: {type: Scratch}
        customize: [{type: File, sourceUri: a, destination: /a}]
        distribute:
        """
            + distribute.indent(2);
    return Destinations.of(
        Template.parse(
            template.getBytes(StandardCharsets.UTF_8), Template.Format.YAML, DIRECTORY, "template"),
        new ShipRequest(
            DIRECTORY, HOME_REGISTRY, to.map(Reference::parseName), Optional.empty(), List.of()));
  }
}
