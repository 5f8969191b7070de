package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.rules.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/policy.md and examples/policies say is so. */
class DocumentationTest {
  private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("../..");
  private static final EvaluatePolicy POLICY = new EvaluatePolicy();

  @Test
  void everyExamplePolicyCompiles() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("examples/policies"))) {
      List<Path> policies = files.filter(file -> file.toString().endsWith(".yaml")).toList();
      assertThat(policies).isNotEmpty();
      policies.forEach(file -> POLICY.check(PolicyBundle.load(file)));
    }
  }

  @Test
  void theExampleRefusesRootAndForbiddenPackages() {
    PolicyBundle example = PolicyBundle.load(ROOT.resolve("examples/policies/no-root.yaml"));
    Facts fine = Given.facts(Given.sbom());
    assertThat(POLICY.evaluate(example, fine, Given.NOW).allowed()).isTrue();
    Facts root =
        new FactsBuilder(Phase.BUILD_POST, Given.NOW)
            .subject(new SubjectFacts(Given.IMAGE, "m", List.of(), "", java.util.Map.of()))
            .verification(Given.verification(Given.sbom()))
            .build();
    assertThat(POLICY.evaluate(example, root, Given.NOW).blocking())
        .singleElement()
        .satisfies(r -> assertThat(r.message()).contains("root, for it names no user"));
    PolicyBundle strict =
        example.withParams(Given.json("{\"forbiddenPackages\": [\"pkg:npm/left-*\"]}"));
    assertThat(POLICY.evaluate(strict, fine, Given.NOW).blocking())
        .singleElement()
        .satisfies(
            r -> assertThat(r.message()).isEqualTo("forbidden packages: pkg:npm/left-pad 1.3.0"));
  }

  @Test
  void thePolicyInThePageCompiles() throws IOException {
    Matcher block = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(page());
    assertThat(block.find()).isTrue();
    POLICY.check(PolicyBundle.parse(block.group(1).getBytes(StandardCharsets.UTF_8), "page"));
  }

  @Test
  void thePageNamesEveryFactRuleAndParameter() throws IOException {
    String page = page();
    FactShapes.environment()
        .variables()
        .forEach((section, shape) -> {
          assertThat(page).contains("`" + section);
          if (shape instanceof Shape.Struct struct) {
            struct.fields().keySet().forEach(field -> names(page, section + "." + field));
          }
        });
    FactShapes.environment()
        .functions()
        .forEach(f -> assertThat(page).contains("`" + f.name() + "("));
    for (String phase : List.of("build.pre", "build.post")) {
      PolicyBundle gate = PolicyBundle.builtin(phase);
      gate.rules().forEach(rule -> assertThat(page).contains("| `" + rule.id() + "` |"));
      gate.params().propertyNames().forEach(param -> assertThat(page).contains("`" + param + ":"));
    }
  }

  /** As {@code section.field}, possibly with more of the path. */
  private static void names(String page, String path) {
    assertThat(page).containsPattern("`" + Pattern.quote(path) + "[`.\\[]");
  }

  private static String page() throws IOException {
    return Files.readString(ROOT.resolve("docs/policy.md"));
  }
}
