package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Small applications through the whole chain, with a server, and the questions that can be asked
 * afterwards.
 */
class ShipTest {
  private static final String VULNERABLE = "org.apache.logging.log4j:log4j-core:2.14.1";
  private static final String NOT_AFFECTED = "org.apache.logging.log4j:log4j-core:2.12.3";

  @TempDir static Path temp;
  private static Caller caller;
  private static Serving server;
  private static JsonNode first;
  private static JsonNode refused;

  @BeforeAll
  static void shipTwoReleasesAndAVulnerableOne() throws Exception {
    caller = new Caller(temp.resolve("home"), temp);
    new Project(temp).advisories("osv");
    Project.application(temp.resolve("one"), "team/app", "1.0", "org.example:greeter:1.0");
    Project.application(temp.resolve("two"), "team/app", "2.0", NOT_AFFECTED);
    Project.application(temp.resolve("bad"), "team/bad", "1.0", VULNERABLE);
    server = Serving.start(caller);
    first = caller.run("ship", "one", "--output", "json").ok().json();
    caller.run("ship", "two").ok();
    refused = caller.run("ship", "--output=json", "bad").ended(3).json();
    shipBeforeTheAdvisoryIsKnown();
  }

  private static void shipBeforeTheAdvisoryIsKnown() {
    new Project(temp)
        .advisories("osv-before")
        .text(
            "osv-before/GHSA-jfh8-c2jp-5v3q.json",
            Project.LOG4SHELL.replace("log4j-core", "another"));
    Project.application(temp.resolve("early"), "team/early", "1.0", "org.example:early:1.0")
        .jar("web/late.jar", VULNERABLE);
    caller.run("ship", "--advisories", "osv-before", "early").ok();
    caller.run("advisory", "import", "osv").ok();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
    assertThat(server.exitCode()).isZero();
  }

  @Test
  void resultNamesReferenceAndDigestAndWhatWasSealed() {
    assertThat(text(first, "reference")).isEqualTo(server.registry() + "/team/app:1.0");
    assertThat(text(first, "digest")).startsWith("sha256:");
    assertThat(text(first, "outcome")).isEqualTo("shipped");
    assertThat(first.path("reproduced").asBoolean()).isFalse();
    assertThat(values(first.path("stages"), "stage"))
        .containsExactly(
            "resolve",
            "gate before build",
            "build",
            "inventory",
            "scan",
            "seal statements",
            "gate over statements",
            "sign image and verdict",
            "publish",
            "verify",
            "record");
    assertThat(values(first.path("evidence"), "kind"))
        .contains(
            "https://slsa.dev/provenance/v1",
            "https://cyclonedx.org/bom",
            "https://spdx.dev/Document",
            "https://in-toto.io/attestation/vulns/v0.2",
            "https://slsa.dev/verification_summary/v1",
            "signature");
  }

  @Test
  void shippingAgainReproducesTheDigestAndSealsNothingAnew() {
    List<String> before = evidence(text(first, "digest"));

    JsonNode again = caller.run("ship", "one", "--output", "json").ok().json();

    assertThat(text(again, "digest")).isEqualTo(text(first, "digest"));
    assertThat(again.path("reproduced").asBoolean()).isTrue();
    assertThat(values(again.path("evidence"), "digest"))
        .isEqualTo(values(first.path("evidence"), "digest"));
    assertThat(evidence(text(first, "digest"))).isEqualTo(before).hasSizeGreaterThan(5);
  }

  @Test
  void whatWasShippedIsAcceptedByTheTrustPolicyOfTheHomeAndNothingElse() throws Exception {
    String trust = temp.resolve("home/trust/trust.yaml").toString();
    String image = server.registry() + "/team/app:1.0";
    JsonNode verified =
        caller.run("verify", "--trust", trust, "--output", "json", image).ok().json();
    assertThat(verified.at("/trust/scope").asString()).isEqualTo("shipped");
    assertThat(values(verified.at("/trust/clauses"), "name"))
        .containsExactly("signatures", "provenance", "inventory", "scan", "verdict");
    Path gate = temp.resolve("gate.yaml");
    Files.writeString(
        gate,
        """
        apiVersion: bulla.dev/v1
        kind: Policy
        metadata: {name: gate, version: "1"}
        spec:
          phases: [deploy]
          rules:
            - {id: scanned, assert: vulns.present && provenance.present && sbom.present}
            - {id: by-ada, assert: "subject.config.user == 'ada'", remediation: Run it as ada.}
        """);
    JsonNode refused =
        caller
            .run("verify", "--trust", trust, "--policy", gate.toString(), "--output", "json", image)
            .ended(3)
            .json();
    assertThat(refused.at("/failure/code").asString()).isEqualTo("policy-refused");
    assertThat(values(refused.at("/verdict/results"), "outcome")).containsExactly("pass", "fail");
    assertThat(caller.run("trust", "check", trust, image).ok().out())
        .contains("scope 'shipped' by **", "provenance: attested as https://slsa.dev/provenance");

    Files.writeString(
        temp.resolve("other.yaml"),
        Files.readString(Path.of(trust))
            .replace("name: provenance", "name: reviewed")
            .replace("https://slsa.dev/provenance/v1", "https://example.test/review/v1")
            .replace("../keys", "home/keys")
            .replace("truststore", "home/trust/truststore"));
    assertThat(caller.run("verify", "--trust", "other.yaml", image).ended(3).out())
        .contains("the demand 'reviewed' of the scope 'shipped' is not met", "statement-missing");
  }

  @Test
  void refusedImageIsNeitherPublishedNorSigned() {
    String digest = text(refused, "digest");

    assertThat(text(refused, "outcome")).isEqualTo("refused");
    assertThat(refused.has("reference")).isFalse();
    assertThat(values(refused.path("evidence"), "kind")).isNotEmpty().doesNotContain("signature");
    String image = server.registry() + "/team/bad";
    caller
        .run("verify", "--key", publicKey(), image + "@" + digest)
        .failed(ErrorCode.MANIFEST_NOT_FOUND);
    caller.run("sbom", image + ":1.0").failed(ErrorCode.MANIFEST_NOT_FOUND);
    assertThat(values(ask("releases"), "image")).doesNotContain(digest);
  }

  @Test
  void refusalNamesRuleComponentPlaceAdvisoryAndFixedVersion() {
    String text = caller.run("ship", "bad").ended(3).out();

    assertThat(text)
        .contains(
            "no-critical-vulnerabilities",
            "log4j-core",
            "2.14.1",
            "app/app.jar",
            "CVE-2021-44228",
            "2.15.0",
            "demonstration set, 1 record",
            "neither signed nor published");
  }

  @Test
  void refusalAndItsEvidenceCanBeAskedFor() {
    String digest = text(refused, "digest");

    JsonNode refusals = ask("refusals");
    assertThat(values(refusals, "image")).contains(digest);
    assertThat(refusals.toString()).contains("no-critical-vulnerabilities", "CVE-2021-44228");
    assertThat(values(ask("evidence", digest), "trust"))
        .hasSizeGreaterThan(4)
        .containsOnly("verified");
    assertThat(caller.run("ask", "refusals").ok().out()).contains("no-critical-vulnerabilities");
  }

  @Test
  void releasesWithFindsExactVersionsAndRanges() {
    String log4j = "pkg:maven/org.apache.logging.log4j/log4j-core";

    assertThat(releases(ask("releases-with", log4j + "@2.12.3"))).containsExactly("team/app:2.0");
    assertThat(releases(ask("releases-with", log4j + "@>=2.0,<2.15"))).contains("team/app:2.0");
    assertThat(releases(ask("releases-with", log4j + "@>=2.13"))).doesNotContain("team/app:2.0");
    assertThat(releases(ask("releases-with", "pkg:npm/tiny")))
        .contains("team/app:1.0", "team/app:2.0");
    assertThat(releases(ask("releases-with", "pkg:npm/absent"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"CVE-2021-44228", "GHSA-jfh8-c2jp-5v3q"})
  void exposureThatBecameKnownAfterTheReleaseIsFoundByAnyName(String id) {
    JsonNode exposed = ask("exposed-to", id);

    assertThat(releases(exposed))
        .contains("team/early:1.0")
        .doesNotContain("team/app:1.0", "team/app:2.0");
    assertThat(exposed.findValuesAsString("purl"))
        .containsOnly("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1");
    assertThat(exposed.findValuesAsString("path"))
        .anyMatch(path -> path.endsWith("app/web/late.jar"));
  }

  @Test
  void contentsSayWhereAComponentLiesAndWhoSaysSo() {
    JsonNode contents = ask("contents", text(first, "reference"));

    assertThat(contents.findValuesAsString("purl"))
        .contains("pkg:maven/org.example/greeter@1.0", "pkg:npm/tiny@2.0.0");
    assertThat(contents.findValuesAsString("path")).anyMatch(path -> path.endsWith("app/app.jar"));
    assertThat(contents.findValuesAsString("trust")).containsOnly("verified");
  }

  @Test
  void differenceOfTwoReleasesNamesWhatCameAndWent() {
    JsonNode difference =
        ask("diff", server.registry() + "/team/app:1.0", server.registry() + "/team/app:2.0");

    List<String> lines = new ArrayList<>();
    difference
        .path("items")
        .forEach(one -> lines.add(text(one, "change") + " " + text(one, "name")));
    assertThat(lines)
        .anyMatch(line -> line.startsWith("removed") && line.endsWith("greeter"))
        .anyMatch(line -> line.startsWith("added") && line.endsWith("log4j-core"))
        .noneMatch(line -> line.endsWith("tiny"));
  }

  @Test
  void provenanceNamesEveryInputByDigest() {
    JsonNode provenance = ask("provenance", text(first, "digest"));

    JsonNode materials = provenance.path("items").path(0).path("materials");
    assertThat(materials.size()).isEqualTo(2);
    assertThat(values(materials, "digest")).allMatch(digest -> digest.startsWith("sha256:"));
  }

  @Test
  void questionAboutAReleaseThatIsNotThereSaysSo() {
    caller.run("ask", "contents", "sha256:" + "0".repeat(64)).failed(ErrorCode.RELEASE_NOT_FOUND);
  }

  @Test
  void verifiesByKeyByTrustPolicyAndByTheHomesOwnTrust() {
    String repository = server.registry() + "/team/app";
    String image = repository + "@" + text(first, "digest");
    String trust = caller.home().resolve("trust").toString();

    caller.run("verify", "--key", publicKey(), image).ok();
    caller.run("verify", "--key", publicKey(), "--type", "slsaprovenance1", image).ok();
    caller.run("verify", repository + ":1.0").ok();
    String[] byPolicy = {
      "verify",
      "--trust-policy",
      trust + "/trustpolicy.json",
      "--trust-store",
      trust + "/truststore",
      "--scope"
    };
    caller.run(with(byPolicy, repository, image)).ok();
    JsonNode answer = caller.run(with(byPolicy, repository, "--output", "json", image)).ok().json();
    assertThat(answer.toString()).contains(text(first, "digest"));
  }

  @Test
  void signatureByAnotherKeyIsRefused() {
    Caller stranger = new Caller(temp.resolve("stranger"), temp);
    stranger.run("key").ok();
    String key = stranger.home().resolve("keys/signing.pub").toString();
    String image = text(first, "reference");

    caller.run("verify", "--key", key, image).ended(3);
    Ran json = caller.run("verify", "--output", "json", "--key", key, image).ended(3);
    assertThat(json.json().toString()).contains("signer-not-trusted");
    stranger.run("verify", image).ended(3);
  }

  @Test
  void unsignedImageIsRefusedUntilSomebodySignsIt() {
    String image = server.registry() + "/unsigned:dev";
    caller.run("build", "one", "--push", image).ok();

    assertThat(caller.run("verify", "--output", "json", "--key", publicKey(), image).ended(3).out())
        .contains("signature-missing");

    caller.run("sign", image).ok();
    caller.run("verify", "--key", publicKey(), image).ok();
    caller.run("verify", image).ok();
    assertThat(caller.run("verify", "--key", publicKey(), "-a", "by=me", image).ended(3).code())
        .isEqualTo(3);
  }

  @Test
  void attestedPredicateIsVerifiedByItsType() throws Exception {
    String image = server.registry() + "/attested:dev";
    caller.run("build", "one", "--push", image).ok();
    Files.writeString(temp.resolve("review.json"), "{\"approved\": true}");

    caller
        .run("sign", "--type", "https://example.org/review", "--predicate", "review.json", image)
        .ok();

    caller.run("verify", "--key", publicKey(), "--type", "https://example.org/review", image).ok();
    assertThat(
            caller
                .run("verify", "--output=json", "--key", publicKey(), "--type", "cyclonedx", image)
                .ended(3)
                .out())
        .contains("statement-missing");
  }

  @Test
  void imageOfAnotherRegistryPathIsShippedWithTo() {
    String to = server.registry() + "/elsewhere/app:7";

    JsonNode shipped = caller.run("ship", "--to", to, "--output", "json", "one").ok().json();

    assertThat(text(shipped, "reference")).isEqualTo(to);
    assertThat(text(shipped, "digest")).isEqualTo(text(first, "digest"));
    caller.run("verify", "--key", publicKey(), to).ok();
  }

  @Test
  void ownPolicyIsJudgedBesideTheGates() throws Exception {
    Files.writeString(
        temp.resolve("own.yaml"),
        """
        apiVersion: bulla.dev/v1
        kind: Policy
        metadata: {name: own, version: "1", description: Two components are too many.}
        spec:
          phases: [build.post]
          rules:
            - id: few-components
              title: Few components
              assert: sbom.componentCount < 2
              message: "'too many components'"
              remediation: Remove one.
        """);
    Project.application(temp.resolve("strict"), "team/strict", "1.0", "org.example:strict:1.0");

    Ran ran = caller.run("ship", "--policy", "own.yaml", "--output", "json", "strict").ended(3);

    assertThat(ran.out()).contains("few-components", "too many components");
    assertThat(releases(ask("releases-with", "pkg:maven/org.example/strict@1.0")))
        .as("refused images are found as refused")
        .allMatch("team/strict:1.0"::equals);
  }

  /** The newest verdict counts: a refused release may be allowed again, and the other way round. */
  @Test
  void releaseThatIsRefusedByNewAdvisoriesIsShippedAgainOnceTheyAreWithdrawn() {
    Project.application(temp.resolve("again"), "team/again", "1.0", "org.example:again:1.0");
    new Project(temp)
        .advisories("osv-new")
        .text(
            "osv-new/TEST-1.json",
            Project.LOG4SHELL
                .replace("GHSA-jfh8-c2jp-5v3q", "TEST-1")
                .replace("CVE-2021-44228", "TEST-2")
                .replace("org.apache.logging.log4j:log4j-core", "org.example:again")
                .replace("2.13.0", "0"));

    caller.run("ship", "again").ok();
    caller.run("ship", "--advisories", "osv-new", "again").ended(3);
    JsonNode third = caller.run("ship", "--output", "json", "again").ok().json();

    assertThat(third.path("reproduced").asBoolean()).isTrue();
    assertThat(releases(ask("releases-with", "pkg:maven/org.example/again")))
        .contains("team/again:1.0");
  }

  @Test
  void templateWithAnUnpinnedBaseIsRefusedBeforeAnythingIsBuilt() {
    caller.run("build", "one", "--to", "base:1.0").ok();
    Project.application(temp.resolve("based"), "team/based", "1.0", "org.example:based:1.0")
        .text(
            "bulla-image.yaml",
            Project.template("team/based", "1.0", "app.jar /app.jar")
                .replace("{type: Scratch}", "{type: OciLayout, path: ../base, reference: '1.0'}"));

    JsonNode document = caller.run("ship", "--output", "json", "based").ended(3).json();

    assertThat(values(document.path("stages"), "stage"))
        .containsExactly("resolve", "gate before build");
    assertThat(document.has("digest")).isFalse();
    assertThat(document.path("evidence").size()).isZero();
    assertThat(ask("refusals").toString()).contains("base-pinned");
  }

  @Test
  void whatTheServerRefusesKeepsItsCodeAtTheCommand() throws Exception {
    Files.createDirectories(temp.resolve("empty"));

    caller.run("advisory", "import", "empty").failed(ErrorCode.ADVISORY_SET_MISSING);
  }

  @Test
  void pagesOfAnAnswerFollowEachOtherWithoutLossOrRepetition() {
    List<String> all = values(ask("contents", text(first, "digest")), "component");
    List<String> paged = new ArrayList<>();
    String after = "";
    do {
      String[] more = after.isEmpty() ? new String[0] : new String[] {"--after", after};
      JsonNode page =
          ask(with(new String[] {"contents", text(first, "digest"), "--limit", "1"}, more));
      assertThat(page.path("items").size()).isEqualTo(1);
      paged.addAll(page.findValuesAsString("purl"));
      after = text(page, "next");
    } while (!after.isEmpty());

    assertThat(paged).doesNotHaveDuplicates().hasSameSizeAs(all).hasSizeGreaterThan(1);
    caller
        .run("ask", "contents", text(first, "digest"), "--after", "x")
        .failed(ErrorCode.REQUEST_INVALID);
  }

  private static String publicKey() {
    return caller.home().resolve("keys/signing.pub").toString();
  }

  private static JsonNode ask(String... words) {
    return caller.run(with(new String[] {"ask", "--output", "json"}, words)).ok().json();
  }

  private static List<String> evidence(String release) {
    return values(ask("evidence", release), "manifest");
  }

  /** Of an answer's items, {@code REPOSITORY:TAG} of the releases. */
  private static List<String> releases(JsonNode page) {
    List<String> names = new ArrayList<>();
    for (JsonNode item : page.path("items")) {
      String reference = text(item.path("release"), "reference");
      names.add(reference.substring(reference.indexOf('/') + 1));
    }
    return names;
  }

  private static List<String> values(JsonNode pageOrList, String member) {
    List<String> values = new ArrayList<>();
    JsonNode list = pageOrList.isArray() ? pageOrList : pageOrList.path("items");
    list.forEach(one -> values.add(text(one, member)));
    return values;
  }

  private static String text(JsonNode node, String member) {
    return node.path(member).asString("");
  }

  private static String[] with(String[] some, String... more) {
    List<String> all = new ArrayList<>(List.of(some));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }
}
