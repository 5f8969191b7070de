package dev.bulla.graph;

import dev.bulla.advisory.Finding;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.Verdict;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes one release. Every statement is "add if absent", keyed by content, so that recording the
 * same thing again changes nothing but the time at which it was last seen.
 */
final class ReleaseWriter {
  private final Sql sql;
  private final Packages packages;

  ReleaseWriter(Sql sql) {
    this.sql = sql;
    this.packages = new Packages(sql);
  }

  void write(ReleaseRecord record) {
    long image = image(record);
    release(image, record);
    Map<Digest, Long> documents = new HashMap<>();
    for (EvidenceDocument document : record.documents()) {
      documents.put(document.digest(), document(image, document));
    }
    ComponentSets sets = new ComponentSets(sql, packages);
    for (ReleaseRecord.Contents contents : record.contents()) {
      sets.record(image, id(documents, contents.document()), contents.inventory());
    }
    for (ReleaseRecord.Scan scan : record.scans()) {
      scan(image, id(documents, scan.document()), scan);
    }
    for (ReleaseRecord.Build build : record.builds()) {
      build(image, id(documents, build.document()), build);
    }
    record.verdicts().forEach(this::decision);
  }

  private static long id(Map<Digest, Long> documents, Digest digest) {
    Long id = documents.get(digest);
    if (id == null) {
      throw new IllegalStateException("a release record names document " + digest + " unlisted");
    }
    return id;
  }

  private long image(ReleaseRecord record) {
    long id =
        sql.intern(
            "SELECT id FROM image WHERE digest = ?",
            "INSERT INTO image (digest, platform) VALUES (?, '') RETURNING id",
            record.image().toString());
    sql.update(
        "UPDATE image SET created = coalesce(?, created),"
            + " platform = CASE WHEN ? = '' THEN platform ELSE ? END WHERE id = ?",
        millis(record.created()),
        record.platform().map(Object::toString).orElse(""),
        record.platform().map(Object::toString).orElse(""),
        id);
    return id;
  }

  private void release(long image, ReleaseRecord record) {
    sql.update(
        "INSERT INTO release (image_id, registry, repository, tag, shipped, first_at, last_at)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?)"
            + " ON CONFLICT (image_id, repository, tag, registry) DO UPDATE SET"
            // what was published stays published, whatever is decided later
            + " shipped = max(shipped, excluded.shipped),"
            + " first_at = min(first_at, excluded.first_at),"
            + " last_at = max(last_at, excluded.last_at)",
        image,
        record.reference().registry(),
        record.reference().repository(),
        record.reference().tag().orElse(""),
        record.decision() == ReleaseRecord.Decision.PASSED ? 1 : 0,
        record.at().toEpochMilli(),
        record.at().toEpochMilli());
  }

  private long document(long image, EvidenceDocument document) {
    long id =
        sql.intern(
            "SELECT id FROM document WHERE digest = ?",
            "INSERT INTO document (digest, media_type, kind, size) VALUES (?, ?, ?, ?) RETURNING"
                + " id",
            new Object[] {document.digest().toString()},
            new Object[] {
              document.digest().toString(),
              PackageIdentity.text(document.mediaType()),
              PackageIdentity.text(document.kind()),
              document.size()
            });
    String manifest = document.manifest().map(Digest::toString).orElse("");
    long at = document.verifiedAt().toEpochMilli();
    long evidence =
        sql.intern(
            "SELECT id FROM evidence WHERE image_id = ? AND document_id = ? AND manifest = ?",
            "INSERT INTO evidence (image_id, document_id, manifest, format, trust, authority,"
                + " identity, code, first_at, last_at)"
                + " VALUES (?, ?, ?, ?, -9, '', '', '', ?, ?) RETURNING id",
            new Object[] {image, id, manifest},
            new Object[] {image, id, manifest, PackageIdentity.text(document.format()), at, at});
    verification(evidence, document, at);
    sql.update(
        "INSERT INTO attachment (image_id, document_id, trust)"
            + " SELECT image_id, document_id, max(trust) FROM evidence"
            + " WHERE image_id = ? AND document_id = ?"
            + " ON CONFLICT (image_id, document_id) DO UPDATE SET trust = excluded.trust",
        image,
        id);
    return id;
  }

  /** The newest verification counts; a change of outcome is a row of its own in the history. */
  private void verification(long evidence, EvidenceDocument document, long at) {
    String code = document.code().map(ErrorCode::id).orElse("");
    Object[] outcome = {
      document.trust().level(),
      PackageIdentity.text(document.authority()),
      PackageIdentity.text(document.identity()),
      code
    };
    int changed =
        sql.update(
            "UPDATE evidence SET trust = ?1, authority = ?2, identity = ?3, code = ?4, last_at = ?5"
                + " WHERE id = ?6 AND last_at <= ?5"
                + " AND (trust, authority, identity, code) IS NOT (?1, ?2, ?3, ?4)",
            outcome[0],
            outcome[1],
            outcome[2],
            outcome[3],
            at,
            evidence);
    if (changed == 0) {
      sql.update(
          "UPDATE evidence SET last_at = max(last_at, ?), first_at = min(first_at, ?) WHERE id = ?"
              + " AND (trust, authority, identity, code) IS (?, ?, ?, ?)",
          at,
          at,
          evidence,
          outcome[0],
          outcome[1],
          outcome[2],
          outcome[3]);
      return;
    }
    sql.update(
        "INSERT INTO verification (evidence_id, at, trust, authority, identity, code)"
            + " VALUES (?, ?, ?, ?, ?, ?)",
        evidence,
        at,
        outcome[0],
        outcome[1],
        outcome[2],
        outcome[3]);
  }

  private void build(long image, long document, ReleaseRecord.Build build) {
    Optional<Long> id =
        sql.insert(
            "INSERT INTO build (image_id, document_id, builder, build_type, invocation, started,"
                + " finished) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
            image,
            document,
            PackageIdentity.text(build.builder()),
            PackageIdentity.text(build.buildType()),
            PackageIdentity.text(build.invocation()),
            millis(build.started()),
            millis(build.finished()));
    if (id.isEmpty()) {
      return;
    }
    int ordinal = 0;
    for (ReleaseRecord.Material material : build.materials()) {
      sql.update(
          "INSERT INTO build_material (build_id, ordinal, uri, digest) VALUES (?, ?, ?, ?)",
          id.get(),
          ordinal++,
          PackageIdentity.text(material.uri()),
          material.digest().map(Digest::toString).orElse(""));
    }
  }

  private void scan(long image, long document, ReleaseRecord.Scan scan) {
    for (Finding finding : scan.report().findings()) {
      sql.update(
          "INSERT INTO finding (image_id, document_id, name, package_id, level, fixed, advisories)"
              + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
          image,
          document,
          PackageIdentity.text(Vulnerabilities.key(finding.id())),
          packages.inImage(image, finding.component()),
          finding.level().id(),
          ComponentSets.texts(finding.fixedVersions()),
          ComponentSets.texts(finding.advisories()));
      Vulnerabilities.stateByScan(sql, finding.id(), finding.aliases());
    }
  }

  void decision(Verdict verdict) {
    byte[] hash =
        new ContentHash()
            .add(verdict.phase())
            .add(verdict.subject().map(Digest::toString).orElse(""))
            .add(verdict.name())
            .add(verdict.policyDigest().toString())
            .add(verdict.factsDigest().toString())
            .add(Boolean.toString(verdict.allowed()))
            .bytes();
    long at = verdict.time().toEpochMilli();
    Optional<Long> id =
        sql.insert(
            "INSERT INTO decision (hash, image_digest, phase, name, policy, policy_digest,"
                + " facts_digest, allowed, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT DO NOTHING RETURNING id",
            hash,
            verdict.subject().map(Digest::toString).orElse(""),
            PackageIdentity.text(verdict.phase()),
            PackageIdentity.text(verdict.name()),
            PackageIdentity.text(verdict.policy()),
            verdict.policyDigest().toString(),
            verdict.factsDigest().toString(),
            verdict.allowed() ? 1 : 0,
            at,
            at);
    if (id.isEmpty()) {
      sql.update(
          "UPDATE decision SET first_at = min(first_at, ?), last_at = max(last_at, ?) WHERE hash ="
              + " ?",
          at,
          at,
          hash);
      return;
    }
    rules(id.get(), verdict.results());
  }

  private void rules(long decision, List<RuleResult> results) {
    int ordinal = 0;
    for (RuleResult rule : results) {
      sql.update(
          "INSERT INTO rule_result (decision_id, ordinal, rule, outcome, code, message,"
              + " remediation, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          decision,
          ordinal++,
          PackageIdentity.text(rule.id()),
          rule.outcome().name(),
          rule.code(),
          PackageIdentity.text(rule.message()),
          PackageIdentity.text(rule.remediation()),
          RuleJson.evidenceText(rule.evidence()));
    }
  }

  private static @Nullable Long millis(Optional<Instant> time) {
    return time.map(Instant::toEpochMilli).orElse(null);
  }
}
