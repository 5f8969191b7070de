package dev.bulla.registry.replication;

import dev.bulla.core.Digest;
import dev.bulla.store.Records;
import java.time.InstantSource;
import java.util.Optional;

/** Large blobs of which a part is here: where, so that whoever is next goes on with it. */
final class PartialTable {
  private final Records records;
  private final String repository;
  private final InstantSource clock;

  PartialTable(Records records, String repository, InstantSource clock) {
    this.records = records;
    this.repository = repository;
    this.clock = clock;
  }

  /** The upload that has the part. */
  Optional<String> find(Digest blob) {
    return records.read(handle ->
        handle
            .select(
                "SELECT upload FROM replica_partial WHERE repository = ? AND digest = ?",
                repository,
                blob.toString())
            .mapTo(String.class)
            .findOne());
  }

  void keep(Digest blob, String upload) {
    records.write(handle ->
        handle.execute(
            "INSERT INTO replica_partial (repository, digest, upload, begun) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (repository, digest) DO UPDATE SET upload = excluded.upload,"
                + " begun = excluded.begun",
            repository,
            blob.toString(),
            upload,
            clock.millis()));
  }

  /** The blob is here, or its part is of no use. */
  void forget(Digest blob) {
    records.write(handle ->
        handle.execute(
            "DELETE FROM replica_partial WHERE repository = ? AND digest = ?",
            repository,
            blob.toString()));
  }

  /** Forgets what was begun before this time, milliseconds since 1970: its part is gone. */
  void forgetBefore(long time) {
    records.write(handle ->
        handle.execute(
            "DELETE FROM replica_partial WHERE repository = ? AND begun < ?", repository, time));
  }
}
