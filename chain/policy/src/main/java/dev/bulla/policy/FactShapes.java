package dev.bulla.policy;

import static dev.bulla.rules.Shape.ANY;
import static dev.bulla.rules.Shape.BOOL;
import static dev.bulla.rules.Shape.TEXT;
import static dev.bulla.rules.Shape.WHOLE;
import static dev.bulla.rules.Shape.listOf;
import static dev.bulla.rules.Shape.mapOf;
import static dev.bulla.rules.Shape.struct;

import dev.bulla.rules.Environment;
import dev.bulla.rules.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The shape of the facts document, {@code facts/v1}: what a rule may speak of. The page
 * docs/policy.md lists the same.
 */
final class FactShapes {
  private static final Shape TEXTS = listOf(TEXT);

  private static final Shape TEMPLATE =
      struct(
          "template",
          "present",
          BOOL,
          "name",
          TEXT,
          "digest",
          TEXT,
          "inputs",
          listOf(
              struct(
                  "input", "name", TEXT, "kind", TEXT, "uri", TEXT, "digest", TEXT, "size", WHOLE,
                  "pinned", BOOL, "remote", BOOL)),
          "unpinned",
          TEXTS,
          "base",
          struct(
              "base", "present", BOOL, "type", TEXT, "uri", TEXT, "digest", TEXT, "pinned", BOOL));

  private static final Shape SUBJECT =
      struct(
          "subject",
          "present",
          BOOL,
          "digest",
          TEXT,
          "mediaType",
          TEXT,
          "refs",
          TEXTS,
          "config",
          struct("config", "user", TEXT, "labels", mapOf(TEXT)));

  private static final Shape SIGNATURE =
      struct(
          "signature",
          "format",
          TEXT,
          "verified",
          BOOL,
          "authority",
          TEXT,
          "identity",
          TEXT,
          "signedAt",
          TEXT,
          "evidence",
          TEXT,
          "failCode",
          TEXT);

  private static final Shape ATTESTATION =
      struct(
          "attestation",
          "predicateType",
          TEXT,
          "format",
          TEXT,
          "verified",
          BOOL,
          "authority",
          TEXT,
          "identity",
          TEXT,
          "signedAt",
          TEXT,
          "evidence",
          TEXT,
          "failCode",
          TEXT);

  private static final Shape PROVENANCE =
      struct(
          "provenance",
          "present",
          BOOL,
          "problem",
          TEXT,
          "evidence",
          TEXT,
          "authority",
          TEXT,
          "builderId",
          TEXT,
          "buildType",
          TEXT,
          "invocationId",
          TEXT,
          "startedOn",
          TEXT,
          "finishedOn",
          TEXT,
          "externalParameters",
          ANY,
          "resolvedDependencies",
          WHOLE,
          "materials",
          listOf(
              struct(
                  "material",
                  "name",
                  TEXT,
                  "uri",
                  TEXT,
                  "digest",
                  TEXT,
                  "kind",
                  TEXT,
                  "pinned",
                  BOOL)),
          "unpinned",
          TEXTS,
          "statements",
          WHOLE);

  private static final Shape SBOM =
      struct(
          "sbom",
          "present",
          BOOL,
          "problem",
          TEXT,
          "evidence",
          TEXT,
          "authority",
          TEXT,
          "format",
          TEXT,
          "specVersion",
          TEXT,
          "createdAt",
          TEXT,
          "componentCount",
          WHOLE,
          "licences",
          mapOf(WHOLE),
          "licenceUse",
          listOf(struct("licenceUse", "licence", TEXT, "count", WHOLE, "components", TEXTS)),
          "unknownLicence",
          WHOLE,
          "purlTypes",
          mapOf(WHOLE),
          "packages",
          mapOf(TEXTS),
          "warningCount",
          WHOLE,
          "warnings",
          TEXTS,
          "statements",
          WHOLE);

  private static final Shape LEVELS =
      struct(
          "levels",
          "critical",
          WHOLE,
          "high",
          WHOLE,
          "medium",
          WHOLE,
          "low",
          WHOLE,
          "unknown",
          WHOLE);

  private static final Shape FINDING =
      struct(
          "finding",
          "id",
          TEXT,
          "aliases",
          TEXTS,
          "advisories",
          TEXTS,
          "severity",
          TEXT,
          "malicious",
          BOOL,
          "type",
          TEXT,
          "name",
          TEXT,
          "version",
          TEXT,
          "purl",
          TEXT,
          "fixed",
          TEXTS,
          "locations",
          listOf(struct("location", "layer", TEXT, "path", TEXT, "nested", TEXTS)),
          "text",
          TEXT);

  private static final Shape VULNS =
      struct(
          "vulns",
          "present",
          BOOL,
          "problem",
          TEXT,
          "evidence",
          TEXT,
          "authority",
          TEXT,
          "scanner",
          TEXT,
          "scannedAt",
          TEXT,
          "dbName",
          TEXT,
          "dbVersion",
          TEXT,
          "dbDate",
          TEXT,
          "recordCount",
          WHOLE,
          "demonstration",
          BOOL,
          "components",
          WHOLE,
          "matched",
          WHOLE,
          "count",
          LEVELS,
          "fixable",
          LEVELS,
          "malicious",
          WHOLE,
          "suppressed",
          WHOLE,
          "undecided",
          WHOLE,
          "warnings",
          TEXTS,
          "findings",
          listOf(FINDING),
          "statements",
          WHOLE);

  private FactShapes() {}

  /** Every variable of a rule: the facts, and the parameters of its bundle. */
  static Environment environment() {
    Map<String, Shape> variables = new LinkedHashMap<>();
    variables.put("phase", TEXT);
    variables.put("now", TEXT);
    variables.put("params", mapOf(ANY));
    variables.put("template", TEMPLATE);
    variables.put("subject", SUBJECT);
    variables.put("signatures", listOf(SIGNATURE));
    variables.put("attestations", listOf(ATTESTATION));
    variables.put("provenance", PROVENANCE);
    variables.put("sbom", SBOM);
    variables.put("vulns", VULNS);
    return new Environment(variables, PolicyFunctions.all());
  }
}
