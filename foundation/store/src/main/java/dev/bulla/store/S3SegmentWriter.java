package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;

/**
 * Cuts what arrives into segments and sends one while the next arrives.
 *
 * <p>If the last segment so far is smaller than a part may be, it is read back and becomes the
 * beginning of the next one. Not thread-safe.
 */
final class S3SegmentWriter implements AutoCloseable {
  private static final int BUFFER = 128 * 1024;

  private final S3Blobs blobs;
  private final String id;
  private final List<S3UploadState.Segment> segments;

  /** Is told the segments whenever one more is stored. */
  private final java.util.function.Consumer<List<S3UploadState.Segment>> stored;

  private Optional<S3Spool> filling = Optional.empty();
  private Optional<Sending> sending = Optional.empty();
  private Optional<S3UploadState.Segment> replaced = Optional.empty();

  private record Sending(S3Spool spool, Future<S3UploadState.Segment> segment) {}

  S3SegmentWriter(
      S3Blobs blobs,
      String id,
      List<S3UploadState.Segment> segments,
      java.util.function.Consumer<List<S3UploadState.Segment>> stored) {
    this.blobs = blobs;
    this.id = id;
    this.segments = new ArrayList<>(segments);
    this.stored = stored;
  }

  void write(byte[] bytes, int count) {
    int done = 0;
    while (done < count) {
      S3Spool spool = filling();
      int index = segments.size() + (sending.isPresent() ? 1 : 0);
      long room = blobs.sizes().segmentAt(index) - spool.size();
      int n = (int) Math.min(count - done, room);
      spool.write(bytes, done, n);
      done += n;
      if (n == room) {
        send(spool);
      }
    }
  }

  /** Stores what is left, however little; true if anything was stored since the last telling. */
  void finish() {
    filling.filter(spool -> spool.size() > 0).ifPresent(this::send);
    settle();
  }

  private S3Spool filling() {
    if (filling.isPresent()) {
      return filling.get();
    }
    S3Spool spool = new S3Spool(blobs.spool());
    filling = Optional.of(spool);
    if (sending.isEmpty()
        && !segments.isEmpty()
        && segments.getLast().size() < blobs.sizes().smallestPart()) {
      S3UploadState.Segment small = segments.removeLast();
      replaced = Optional.of(small);
      read(small, spool);
    }
    return spool;
  }

  private void read(S3UploadState.Segment segment, S3Spool into) {
    byte[] bytes = new byte[BUFFER];
    try (InputStream in = blobs.read(id, segment)) {
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        into.write(bytes, 0, n);
      }
    } catch (IOException e) {
      throw S3Faults.of(e, "reading " + segment.name());
    }
  }

  private void send(S3Spool spool) {
    settle();
    int index = segments.size();
    if (index >= S3Sizes.MAX_PARTS) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "the upload has %d segments, S3 takes no more".formatted(S3Sizes.MAX_PARTS),
          "Send larger chunks: of 5 MiB at least.");
    }
    byte[] mine = new byte[8];
    blobs.random().nextBytes(mine);
    S3UploadState.Segment segment =
        new S3UploadState.Segment(
            "%05d-%s".formatted(index, HexFormat.of().formatHex(mine)), spool.size());
    java.nio.file.Path file = spool.done();
    filling = Optional.empty();
    Future<S3UploadState.Segment> task =
        blobs
            .threads()
            .submit(() -> {
              blobs.writeSegment(id, segment.name(), file);
              return segment;
            });
    sending = Optional.of(new Sending(spool, task));
  }

  /** Waits for the segment that is on its way. */
  private void settle() {
    if (sending.isEmpty()) {
      return;
    }
    try (S3Spool spool = sending.get().spool()) {
      segments.add(S3Copy.result(sending.get().segment()));
    } finally {
      sending = Optional.empty();
    }
    stored.accept(List.copyOf(segments));
    replaced.ifPresent(small -> blobs.deleteSegment(id, small));
    replaced = Optional.empty();
  }

  @Override
  public void close() {
    filling.ifPresent(S3Spool::close);
    if (sending.isPresent()) {
      try (S3Spool spool = sending.get().spool()) {
        S3Copy.result(sending.get().segment()); // its file is in use until then
      } catch (RuntimeException e) {
        // the upload does not count it: it goes with the upload
      }
    }
  }
}
