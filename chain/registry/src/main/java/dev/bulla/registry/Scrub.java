package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.registry.CheckFinding.Kind;
import dev.bulla.store.Blob;
import dev.bulla.store.Blobs;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Reads blobs and compares them with their digests, while the registry is used.
 *
 * <p>A blob that is not right is recorded as damaged, which makes pushers send it again and readers
 * get an error instead of wrong bytes. With repair its file is set aside, and the content looked
 * for among retired files and at a {@link RepairSource}.
 */
final class Scrub {
  private static final int PAGE = 500;

  private final Records records;
  private final Blobs blobs;
  private final BlobLocks locks;
  private final BlobTable blobTable;
  private final InstantSource clock;
  private final CheckRules rules;
  private final RepairSource source;

  private long count;
  private long bytes;

  Scrub(
      Records records,
      Blobs blobs,
      BlobLocks locks,
      BlobTable blobTable,
      InstantSource clock,
      CheckRules rules,
      RepairSource source) {
    this.records = records;
    this.blobs = blobs;
    this.locks = locks;
    this.blobTable = blobTable;
    this.clock = clock;
    this.rules = rules;
    this.source = source;
  }

  long count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  private record Row(Digest digest, long size) {}

  /** Why a blob is not right. */
  private record Fault(Kind kind, String detail) {}

  void run(Progress progress, Consumer<CheckFinding> findings) {
    long total = records.read(h -> h.select("SELECT count(*) FROM blob").mapTo(Long.class).one());
    long start = System.nanoTime();
    String last = "";
    while (true) {
      List<Row> page = page(last);
      if (page.isEmpty()) {
        return;
      }
      for (Row row : page) {
        check(row).ifPresent(findings);
        count++;
        progress.at("blobs", count, Math.max(total, count));
        pace(start);
      }
      verified(page);
      last = page.getLast().digest().toString();
    }
  }

  private void verified(List<Row> page) {
    if (rules.contents()) {
      records.write(handle ->
          handle.execute(
              "UPDATE blob SET verified = ? WHERE digest BETWEEN ? AND ? AND damaged = 0",
              clock.millis(),
              page.getFirst().digest().toString(),
              page.getLast().digest().toString()));
    }
  }

  private List<Row> page(String last) {
    return records.read(handle ->
        handle
            .select(
                "SELECT digest, size FROM blob WHERE digest > ? ORDER BY digest LIMIT ?",
                last,
                PAGE)
            .map((row, context) -> new Row(Digest.parse(row.getString(1)), row.getLong(2)))
            .list());
  }

  private Optional<CheckFinding> check(Row row) {
    if (fault(row).isEmpty()) {
      return Optional.empty();
    }
    // once more while it cannot be collected: it may have been, between the row and the file
    return locks.shared(
        row.digest(),
        held ->
            isRecorded(row.digest())
                ? fault(row).map(fault -> damaged(row, fault))
                : Optional.empty());
  }

  private Optional<Fault> fault(Row row) {
    if (!rules.contents()) {
      return sizeFault(row, blobs.size(row.digest()));
    }
    try (Blob blob = blobs.open(row.digest()).orElse(null)) {
      Optional<Fault> fault =
          sizeFault(row, blob == null ? OptionalLong.empty() : OptionalLong.of(blob.size()));
      if (blob == null || fault.isPresent()) {
        return fault;
      }
      Digest found = Digest.of(row.digest().algorithm(), Channels.newInputStream(blob.from(0)));
      bytes += blob.size();
      return found.equals(row.digest())
          ? Optional.empty()
          : Optional.of(
              new Fault(Kind.BLOB_DAMAGED, "its file holds content with digest " + found));
    } catch (IOException e) {
      return Optional.of(
          new Fault(Kind.BLOB_DAMAGED, "its file cannot be read: " + e.getMessage()));
    }
  }

  private static Optional<Fault> sizeFault(Row row, OptionalLong size) {
    if (size.isEmpty()) {
      return Optional.of(new Fault(Kind.BLOB_MISSING, "its file is not there"));
    }
    return size.getAsLong() == row.size()
        ? Optional.empty()
        : Optional.of(
            new Fault(
                Kind.BLOB_DAMAGED,
                "its file has %d bytes, expected %d".formatted(size.getAsLong(), row.size())));
  }

  private CheckFinding damaged(Row row, Fault fault) {
    Digest digest = row.digest();
    List<String> repositories = records.read(handle -> BlobTable.linking(handle, digest));
    mark(digest, repositories, fault.detail());
    String detail = fault.detail();
    boolean repaired = false;
    if (rules.repair()) {
      blobs.setAside(digest, clock.instant());
      try {
        repaired = blobs.revive(digest) || fetch(row, repositories);
      } catch (IOException | BullaException e) {
        detail += "; fetching it failed: " + e.getMessage();
      }
      if (repaired) {
        unmark(digest, repositories);
      }
    }
    return new CheckFinding(fault.kind(), digest.toString(), repositories, detail, repaired);
  }

  private boolean fetch(Row row, List<String> repositories) throws IOException {
    Digest digest = row.digest();
    Optional<InputStream> found = source.find(digest, row.size(), repositories);
    if (found.isEmpty()) {
      return false;
    }
    Blobs.Upload upload = blobs.begin(digest.algorithm());
    try (InputStream in = found.get()) {
      upload.append(OptionalLong.empty(), in);
      upload.commit(digest);
      return true;
    } catch (IOException e) {
      upload.abort();
      throw e;
    }
  }

  private void mark(Digest digest, List<String> repositories, String why) {
    records.write(handle -> {
      repositories.forEach(name -> records.changes().mark(handle, name));
      int changed =
          handle.execute(
              "UPDATE blob SET damaged = 1 WHERE digest = ? AND damaged = 0", digest.toString());
      if (changed > 0) {
        Outbox.append(
            handle,
            clock.instant(),
            "registry.blob.damaged",
            digest.toString(),
            Json.object().put("why", why));
      }
      return changed;
    });
    blobTable.changed(repositories);
  }

  private void unmark(Digest digest, List<String> repositories) {
    records.write(handle -> {
      repositories.forEach(name -> records.changes().mark(handle, name));
      Outbox.append(
          handle, clock.instant(), "registry.blob.repaired", digest.toString(), Json.object());
      return handle.execute(
          "UPDATE blob SET damaged = 0, verified = ? WHERE digest = ?",
          clock.millis(),
          digest.toString());
    });
    blobTable.changed(repositories);
  }

  private boolean isRecorded(Digest digest) {
    return records.read(handle ->
        handle
            .select("SELECT 1 FROM blob WHERE digest = ?", digest.toString())
            .mapTo(Integer.class)
            .findOne()
            .isPresent());
  }

  /** Waits until what was read so far fits the rate. */
  private void pace(long start) {
    if (rules.bytesPerSecond() == 0) {
      return;
    }
    long due = (long) (bytes * 1e9 / rules.bytesPerSecond());
    long ahead = due - (System.nanoTime() - start);
    if (ahead > 1_000_000) {
      try {
        Thread.sleep(Duration.ofNanos(ahead));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
