package dev.bulla.graph;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.graph.Answer.Evidence;
import dev.bulla.graph.Answer.Provenance;
import dev.bulla.graph.Answer.Refusal;
import dev.bulla.graph.Answer.Release;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What has been recorded as such: releases, documents, builds, refusals. */
final class RecordQuestions {
  static final String RELEASES =
      "SELECT "
          + Releases.COLUMNS
          + " FROM release AS r INDEXED BY release_order CROSS JOIN image AS i ON i.id = r.image_id"
          + " WHERE r.shipped = 1 AND r.id < ?1 ORDER BY r.id DESC LIMIT ?2";

  static final String REFUSED =
      "SELECT d.id, d.name, d.image_digest, d.phase, d.policy, d.policy_digest, d.last_at"
          + " FROM decision AS d INDEXED BY decision_refused WHERE d.allowed = 0 AND d.id < ?1"
          + " ORDER BY d.id DESC LIMIT ?2";

  static final String EVIDENCE =
      "SELECT e.id, d.digest, e.manifest, d.media_type, d.kind, d.size, e.format, e.trust,"
          + " e.authority, e.identity, e.code, e.last_at FROM evidence AS e INDEXED BY evidence_key"
          + " CROSS JOIN document AS d ON d.id = e.document_id WHERE e.image_id = ?1 AND e.id > ?2"
          + " ORDER BY e.id LIMIT ?3";

  private final Sql sql;
  private final Ask ask;

  RecordQuestions(Sql sql, Ask ask) {
    this.sql = sql;
    this.ask = ask;
  }

  Page<Release> releases() {
    Object from = Cursor.read("releases", ask.cursor(), Long.MAX_VALUE).getFirst();
    return Paging.page(
        ask,
        sql.list(RELEASES, Releases.Row::read, from, ask.limit() + 1),
        Releases.Row::release,
        row -> Cursor.write("releases", row.id()),
        "");
  }

  /**
   * All documents, whatever their trust: this is where people look why something does not count.
   */
  Page<Evidence> evidence(String text) {
    Releases.Row release = new Releases(sql).resolve(text);
    String question = "evidence " + release.release().image();
    Object from = Cursor.read(question, ask.cursor(), 0L).getFirst();
    record Row(long id, EvidenceDocument document) {}
    List<Row> rows =
        sql.list(
            EVIDENCE,
            row -> new Row(row.getLong(1), document(row)),
            release.image(),
            from,
            ask.limit() + 1);
    return Paging.page(
        ask,
        rows,
        row -> new Evidence(release.release().image(), row.document()),
        row -> Cursor.write(question, row.id()),
        "");
  }

  private static EvidenceDocument document(ResultSet row) throws SQLException {
    String manifest = row.getString(3);
    String code = row.getString(11);
    return new EvidenceDocument(
        Digest.parse(row.getString(2)),
        manifest.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(manifest)),
        row.getString(4),
        row.getString(5),
        row.getLong(6),
        row.getString(7),
        Trust.ofLevel(row.getInt(8)),
        row.getString(9),
        row.getString(10),
        code(code),
        Instant.ofEpochMilli(row.getLong(12)));
  }

  /** A code that a newer version wrote and this one does not know is still "not verified". */
  private static Optional<ErrorCode> code(String id) {
    if (id.isEmpty()) {
      return Optional.empty();
    }
    return Arrays.stream(ErrorCode.values())
        .filter(code -> code.id().equals(id))
        .findFirst()
        .or(() -> Optional.of(ErrorCode.SIGNATURE_INVALID));
  }

  private record BuildRow(long id, long document, ReleaseRecord.Build build) {}

  /** How a release was built, by every believed provenance document. */
  Page<Provenance> provenance(String text) {
    Releases.Row release = new Releases(sql).resolve(text);
    String question = "provenance " + release.release().image();
    Object from = Cursor.read(question, ask.cursor(), 0L).getFirst();
    List<BuildRow> rows =
        sql.list(
            "SELECT b.id, b.document_id, d.digest, b.builder, b.build_type, b.invocation,"
                + " b.started, b.finished FROM build AS b INDEXED BY build_document CROSS JOIN"
                + " attachment AS a ON a.image_id = b.image_id AND a.document_id = b.document_id"
                + " AND a.trust >= ?1 CROSS JOIN document AS d ON d.id = b.document_id WHERE"
                + " b.image_id = ?2 AND b.id > ?3 ORDER BY b.id LIMIT ?4",
            RecordQuestions::build,
            ask.minTrust().level(),
            release.image(),
            from,
            ask.limit() + 1);
    Details details = new Details(sql, ask.minTrust());
    return Paging.page(
        ask,
        rows,
        row ->
            new Provenance(
                release.release().image(),
                withMaterials(row),
                details.source(release.image(), row.document())),
        row -> Cursor.write(question, row.id()),
        "");
  }

  private static BuildRow build(ResultSet row) throws SQLException {
    return new BuildRow(
        row.getLong(1),
        row.getLong(2),
        new ReleaseRecord.Build(
            Digest.parse(row.getString(3)),
            row.getString(4),
            row.getString(5),
            row.getString(6),
            time(row, 7),
            time(row, 8),
            List.of()));
  }

  private ReleaseRecord.Build withMaterials(BuildRow row) {
    ReleaseRecord.Build build = row.build();
    return new ReleaseRecord.Build(
        build.document(),
        build.builder(),
        build.buildType(),
        build.invocation(),
        build.started(),
        build.finished(),
        sql.list(
            "SELECT uri, digest FROM build_material WHERE build_id = ? ORDER BY ordinal",
            material -> {
              String digest = material.getString(2);
              return new ReleaseRecord.Material(
                  material.getString(1),
                  digest.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(digest)));
            },
            row.id()));
  }

  private record RefusalRow(long id, Refusal refusal) {}

  Page<Refusal> refusals() {
    Object from = Cursor.read("refusals", ask.cursor(), Long.MAX_VALUE).getFirst();
    List<RefusalRow> rows = sql.list(REFUSED, RecordQuestions::refusal, from, ask.limit() + 1);
    return Paging.page(ask, rows, this::withRules, row -> Cursor.write("refusals", row.id()), "");
  }

  private static RefusalRow refusal(ResultSet row) throws SQLException {
    String image = row.getString(3);
    return new RefusalRow(
        row.getLong(1),
        new Refusal(
            row.getString(2),
            image.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(image)),
            row.getString(4),
            row.getString(5),
            Digest.parse(row.getString(6)),
            Instant.ofEpochMilli(row.getLong(7)),
            List.of()));
  }

  private Refusal withRules(RefusalRow row) {
    Refusal bare = row.refusal();
    List<RuleResult> rules =
        sql.list(
            "SELECT rule, outcome, code, message, remediation, evidence FROM rule_result"
                + " WHERE decision_id = ? ORDER BY ordinal",
            rule ->
                new RuleResult(
                    rule.getString(1),
                    RuleResult.Outcome.valueOf(rule.getString(2)),
                    rule.getString(3),
                    rule.getString(4),
                    rule.getString(5),
                    RuleJson.evidence(rule.getString(6))),
            row.id());
    return new Refusal(
        bare.name(),
        bare.image(),
        bare.phase(),
        bare.policy(),
        bare.policyDigest(),
        bare.time(),
        rules);
  }

  private static Optional<Instant> time(ResultSet row, int column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }
}
