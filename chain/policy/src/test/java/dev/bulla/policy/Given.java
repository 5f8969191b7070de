package dev.bulla.policy;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** An image with its evidence, for tests to take things away from. */
final class Given {
  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  static final Digest IMAGE = Digest.sha256(new byte[] {1});
  static final SubjectFacts SUBJECT =
      new SubjectFacts(
          IMAGE,
          "application/vnd.oci.image.manifest.v1+json",
          List.of("localhost:5000/hello:1"),
          "65532",
          Map.of("org.opencontainers.image.title", "hello"));

  private Given() {}

  /** Predicate of a resource file. */
  static ObjectNode predicate(String file) {
    try (InputStream in = Given.class.getResourceAsStream(file)) {
      return (ObjectNode) Json.parse(in.readAllBytes(), file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static ObjectNode json(String text) {
    return (ObjectNode) Json.parse(text.getBytes(StandardCharsets.UTF_8), "test");
  }

  static SignatureRecord provenance() {
    return verified(PredicateTypes.SLSA_PROVENANCE_V1, predicate("provenance.json"));
  }

  static SignatureRecord sbom() {
    return verified(PredicateTypes.CYCLONEDX, predicate("cyclonedx.json"));
  }

  static SignatureRecord scan() {
    return verified(PredicateTypes.VULNERABILITIES_V02, predicate("scan-clean.json"));
  }

  /** A scan with the findings of {@code results}, JSON elements of {@code scanner.result}. */
  static SignatureRecord scanWith(ObjectNode... results) {
    ObjectNode predicate = predicate("scan-clean.json");
    ArrayNode all = ((ObjectNode) predicate.get("scanner")).putArray("result");
    Arrays.stream(results).forEach(all::add);
    return verified(PredicateTypes.VULNERABILITIES_V02, predicate);
  }

  /** log4j-core 2.14.1 in a jar in a jar. */
  static ObjectNode log4shell() {
    return predicate("finding-log4shell.json");
  }

  static SignatureRecord verified(String type, ObjectNode predicate) {
    return verified(Statement.about(IMAGE, type, predicate));
  }

  static SignatureRecord verified(Statement statement) {
    return new SignatureRecord(
        Digest.sha256(statement.toJson()),
        "sigstore-bundle",
        true,
        "home",
        "sha256:aabb",
        Optional.of(NOW),
        List.of(Check.passed("authenticity", "key sha256:aabb")),
        Optional.of(statement));
  }

  /** The same statement, its signature by a key that nobody trusts. */
  static SignatureRecord untrusted(SignatureRecord one) {
    return new SignatureRecord(
        one.evidence(),
        one.format(),
        false,
        "",
        "sha256:ffff",
        one.signedAt(),
        List.of(
            Check.failed("authenticity", ErrorCode.SIGNER_NOT_TRUSTED, "a trusted key", "another")),
        one.statement());
  }

  static Verification verification(SignatureRecord... records) {
    return new Verification(
        new Descriptor(SUBJECT.mediaType(), IMAGE, 100),
        true,
        Optional.empty(),
        List.of(records),
        "");
  }

  static Facts facts(SignatureRecord... records) {
    return new FactsBuilder(Phase.BUILD_POST, NOW)
        .subject(SUBJECT)
        .verification(verification(records))
        .build();
  }

  static ObjectNode template() {
    return predicate("template-facts.json");
  }

  static Facts templateFacts(ObjectNode template) {
    return new FactsBuilder(Phase.BUILD_PRE, NOW).template(template).build();
  }

  static SignatureRecord[] without(List<SignatureRecord> all, int index) {
    List<SignatureRecord> rest = new ArrayList<>(all);
    rest.remove(index);
    return rest.toArray(SignatureRecord[]::new);
  }
}
