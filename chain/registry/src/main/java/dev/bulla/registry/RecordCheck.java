package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.registry.CheckFinding.Kind;
import dev.bulla.store.Records;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Compares what is recorded of manifests with their bytes, and tags with manifests. */
final class RecordCheck {
  private static final int PAGE = 100;

  private static final String MANIFESTS =
      """
      SELECT m.id, r.id, r.name, m.digest, m.media_type, m.subject, m.bytes FROM manifest m
        JOIN repository r ON r.id = m.repository WHERE m.id > ? ORDER BY m.id LIMIT ?\
      """;

  private static final String DANGLING =
      """
      SELECT r.name, t.name FROM tag t JOIN repository r ON r.id = t.repository
       WHERE NOT EXISTS (
         SELECT 1 FROM manifest m WHERE m.repository = t.repository AND m.digest = t.digest)\
      """;

  private static final String CHILDREN = "SELECT child FROM edge WHERE manifest = ? ORDER BY child";

  private static final String REFERS =
      "SELECT 1 FROM referrer WHERE repository = ? AND subject = ? AND digest = ?";

  private final Records records;

  private long manifests;
  private long tags;

  RecordCheck(Records records) {
    this.records = records;
  }

  long manifests() {
    return manifests;
  }

  long tags() {
    return tags;
  }

  private record Row(
      long id,
      long repository,
      String name,
      String digest,
      String mediaType,
      Optional<String> subject,
      byte[] bytes) {}

  void run(Progress progress, Consumer<CheckFinding> findings) {
    progress.at("database", 0, 0);
    database(findings);
    long total = count("manifest");
    long last = 0;
    while (true) {
      long after = last;
      List<CheckFinding> found = new java.util.ArrayList<>();
      // rows and what belongs to them on one snapshot: pushes go on meanwhile
      List<Row> page =
          records.read(handle -> {
            List<Row> rows = page(handle, after);
            rows.forEach(row -> check(handle, row).ifPresent(found::add));
            return rows;
          });
      found.forEach(findings);
      if (page.isEmpty()) {
        break;
      }
      manifests += page.size();
      progress.at("manifests", manifests, Math.max(total, manifests));
      last = page.getLast().id();
    }
    tags = count("tag");
    dangling().forEach(findings);
  }

  private void database(Consumer<CheckFinding> findings) {
    records
        .complaints()
        .forEach(line ->
            findings.accept(
                new CheckFinding(
                    Kind.DATABASE_DAMAGED, records.toString(), List.of(), line, false)));
  }

  private List<CheckFinding> dangling() {
    return records.read(handle ->
        handle
            .select(DANGLING)
            .map((row, context) ->
                new CheckFinding(
                    Kind.RECORD_WRONG,
                    row.getString(1) + ":" + row.getString(2),
                    List.of(row.getString(1)),
                    "the tag points at a manifest that is not there",
                    false))
            .list());
  }

  private static List<Row> page(Handle handle, long after) {
    return handle
        .select(MANIFESTS, after, PAGE)
        .map((row, context) ->
            new Row(
                row.getLong(1),
                row.getLong(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                Optional.ofNullable(row.getString(6)),
                row.getBytes(7)))
        .list();
  }

  private static Optional<CheckFinding> check(Handle handle, Row row) {
    if (!Digest.parse(row.digest()).matches(row.bytes())) {
      return finding(Kind.MANIFEST_DAMAGED, row, "its bytes have another digest");
    }
    IncomingManifest parsed;
    try {
      parsed = IncomingManifest.parse(row.bytes(), row.mediaType());
    } catch (BullaException e) {
      return finding(Kind.RECORD_WRONG, row, "it cannot be read: " + e.reason());
    }
    Set<String> expected =
        parsed.children().stream()
            .map(IncomingManifest.Child::digest)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> recorded =
        new TreeSet<>(handle.select(CHILDREN, row.id()).mapTo(String.class).list());
    if (!expected.equals(recorded)) {
      return finding(Kind.RECORD_WRONG, row, "its recorded parts are not those of its bytes");
    }
    if (!parsed.subject().equals(row.subject())
        || parsed.subject().isPresent() && !refers(handle, row, parsed.subject().get())) {
      return finding(Kind.RECORD_WRONG, row, "its recorded subject is not that of its bytes");
    }
    List<String> missing = ManifestTable.missing(handle, row.repository(), parsed.children());
    return missing.isEmpty()
        ? Optional.empty()
        : finding(Kind.MANIFEST_INCOMPLETE, row, "its repository lacks " + missing);
  }

  private static boolean refers(Handle handle, Row row, String subject) {
    return handle
        .select(REFERS, row.repository(), subject, row.digest())
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  private static Optional<CheckFinding> finding(Kind kind, Row row, String detail) {
    return Optional.of(new CheckFinding(kind, row.digest(), List.of(row.name()), detail, false));
  }

  private long count(String table) {
    return records.read(
        handle -> handle.select("SELECT count(*) FROM " + table).mapTo(Long.class).one());
  }
}
