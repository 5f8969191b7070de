package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.store.Records;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Manifests that were deleted and can still be restored, with the tags that pointed at them. */
final class DeletedManifests {
  private static final String KEEP =
      """
      INSERT INTO deleted_manifest (repository, digest, media_type, deleted, tags, bytes)
      SELECT repository, digest, media_type, ?, ?, bytes FROM manifest WHERE repository = ? AND digest = ?
      ON CONFLICT (repository, digest) DO UPDATE SET deleted = excluded.deleted, tags = excluded.tags\
      """;

  private static final String KEEP_EDGES =
      """
      INSERT INTO deleted_edge (manifest, child)
      SELECT DISTINCT d.id, e.child FROM edge e
        JOIN manifest m ON m.id = e.manifest
        JOIN deleted_manifest d ON d.repository = m.repository AND d.digest = m.digest
       WHERE m.repository = ? AND m.digest = ?
      ON CONFLICT DO NOTHING\
      """;

  private static final String LIST =
      """
      SELECT r.name, d.digest, d.deleted, d.tags FROM deleted_manifest d
        JOIN repository r ON r.id = d.repository
       WHERE ? = '' OR r.name = ?
       ORDER BY d.deleted DESC, r.name, d.digest LIMIT ?\
      """;

  private static final String ONE =
      """
      SELECT d.media_type, d.digest, d.bytes, d.tags FROM deleted_manifest d
        JOIN repository r ON r.id = d.repository
       WHERE r.name = ? AND d.digest = ?\
      """;

  /** A manifest as it was, and the tags that pointed at it. */
  record Kept(StoredManifest manifest, List<String> tags) {}

  private final Records records;

  DeletedManifests(Records records) {
    this.records = records;
  }

  /** Copies a manifest here, inside the transaction that deletes it; false if there is none. */
  static boolean keep(Handle handle, long repository, String digest, Instant now) {
    ArrayNode tags = Json.array();
    handle
        .select(
            "SELECT name FROM tag WHERE repository = ? AND digest = ? ORDER BY name",
            repository,
            digest)
        .mapTo(String.class)
        .forEach(tags::add);
    int kept = handle.execute(KEEP, now.toEpochMilli(), text(tags), repository, digest);
    if (kept > 0) {
      handle.execute(KEEP_EDGES, repository, digest);
    }
    return kept > 0;
  }

  /** A manifest that was pushed again need not be restored. */
  static void forget(Handle handle, long repository, String digest) {
    handle.execute(
        "DELETE FROM deleted_manifest WHERE repository = ? AND digest = ?", repository, digest);
  }

  /** Forgets what was deleted before {@code before}; the parts are no longer held. */
  static int purge(Handle handle, Instant before) {
    return handle.execute("DELETE FROM deleted_manifest WHERE deleted < ?", before.toEpochMilli());
  }

  /** The newest first, of one repository or, if the name is empty, of all. */
  List<DeletedManifest> list(String repository, int limit) {
    return records.read(handle ->
        handle
            .select(LIST, repository, repository, limit)
            .map((row, context) ->
                new DeletedManifest(
                    row.getString(1),
                    Digest.parse(row.getString(2)),
                    Instant.ofEpochMilli(row.getLong(3)),
                    tags(row.getString(4))))
            .list());
  }

  Optional<Kept> find(String repository, Digest digest) {
    return records.read(handle ->
        handle
            .select(ONE, repository, digest.toString())
            .map((row, context) ->
                new Kept(
                    new StoredManifest(
                        row.getString(1), Digest.parse(row.getString(2)), row.getBytes(3)),
                    tags(row.getString(4))))
            .findOne());
  }

  private static String text(JsonNode node) {
    return new String(Json.write(node), StandardCharsets.UTF_8);
  }

  private static List<String> tags(String json) {
    List<String> tags = new ArrayList<>();
    Json.parse(json.getBytes(StandardCharsets.UTF_8), "tags")
        .forEach(tag -> tags.add(tag.stringValue()));
    return tags;
  }
}
