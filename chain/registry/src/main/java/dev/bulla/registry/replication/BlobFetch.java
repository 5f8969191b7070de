package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.Repository;
import dev.bulla.registry.Registry;
import dev.bulla.registry.UploadBody;
import dev.bulla.store.Blobs;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Brings blobs here, over as many connections, passes and processes as it takes.
 *
 * <p>What has arrived of a large blob is an upload that stays when the way breaks or the process is
 * killed; who comes next asks for the rest. The digest of the whole decides: if a part that lay
 * here turns out to be something else, or the source does not go on with it, the blob is fetched
 * once from the beginning, and what fails then is the answer. Thread-safe.
 */
final class BlobFetch {
  /** Smaller blobs begin anew: to remember them would cost more than it saves. */
  static final long WORTH_KEEPING = 1024 * 1024;

  private final Registry registry;
  private final String repository;
  private final Repository source;
  private final Throttle throttle;
  private final Optional<PartialTable> partials;
  private final Runnable step;

  /**
   * @param partials where parts are remembered; empty if they are not kept
   * @param step is run while bytes arrive; may throw to end the transfer
   */
  BlobFetch(
      Registry registry,
      String repository,
      Repository source,
      Throttle throttle,
      Optional<PartialTable> partials,
      Runnable step) {
    this.registry = registry;
    this.repository = repository;
    this.source = source;
    this.throttle = throttle;
    this.partials = partials;
    this.step = step;
  }

  /**
   * Fetches a blob that the repository does not have.
   *
   * @return how many bytes came from the source
   */
  long fetch(Descriptor blob) {
    Optional<Blobs.Upload> begun = begun(blob);
    if (begun.isPresent()) {
      try {
        return take(blob, begun.get());
      } catch (BullaException e) {
        if (isFinal(e)) {
          throw e;
        }
        System.getLogger("bulla.registry")
            .log(
                System.Logger.Level.WARNING,
                "blob %s begins anew, its first part is of no use: %s"
                    .formatted(blob.digest(), e.reason()));
      }
    }
    Blobs.Upload fresh = registry.beginUpload(repository, blob.digest().algorithm());
    if (keeps(blob)) {
      partials.orElseThrow().keep(blob.digest(), fresh.id());
    }
    return take(blob, fresh);
  }

  private boolean keeps(Descriptor blob) {
    return partials.isPresent() && blob.size() >= WORTH_KEEPING;
  }

  private Optional<Blobs.Upload> begun(Descriptor blob) {
    if (!keeps(blob)) {
      return Optional.empty();
    }
    Optional<String> id = partials.orElseThrow().find(blob.digest());
    try {
      return id.map(one -> registry.upload(repository, one));
    } catch (BullaException e) {
      if (e.code() == ErrorCode.UPLOAD_NOT_FOUND) {
        return Optional.empty(); // collected, or committed by whoever was faster
      }
      throw e;
    }
  }

  /** Whether it would not help to begin anew. */
  private static boolean isFinal(BullaException e) {
    return isBroken(e)
        || e.code() == ErrorCode.BLOB_NOT_FOUND
        || e.code() == ErrorCode.CONFLICT
        || e.code() == ErrorCode.DISK_FULL;
  }

  /** Whether the part that is here is as good as it was. */
  private static boolean isBroken(BullaException e) {
    return e.code().kind() == ErrorCode.Kind.UNAVAILABLE || e.code() == ErrorCode.CONFLICT;
  }

  private long take(Descriptor blob, Blobs.Upload upload) {
    long from = upload.offset();
    boolean keep = false;
    try {
      if (from < blob.size()) {
        append(blob, upload, from);
      }
      if (upload.offset() != blob.size()) {
        throw wrongSize(blob, "%d bytes are here".formatted(upload.offset()));
      }
      commit(blob, upload);
      return blob.size() - from;
    } catch (BullaException e) {
      keep = keeps(blob) && isBroken(e);
      throw e;
    } finally {
      if (!keep) {
        drop(blob, upload);
      }
    }
  }

  private void append(Descriptor blob, Blobs.Upload upload, long from) {
    try (InputStream in =
        throttle.limit(new Arriving(source.blobFrom(blob, from), blob, blob.size() - from))) {
      OptionalLong rest = OptionalLong.of(blob.size() - from);
      registry
          .uploads()
          .append(
              repository,
              upload,
              new UploadBody(OptionalLong.of(from), in, rest, Optional.of(blob.digest())));
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.REGISTRY_UNAVAILABLE,
          "blob %s of %s: %s".formatted(blob.digest(), source.name(), e.getMessage()),
          "Try again.",
          e);
    }
  }

  private void commit(Descriptor blob, Blobs.Upload upload) {
    try {
      registry.commit(repository, upload, blob.digest());
    } catch (BullaException e) {
      if (e.code() != ErrorCode.DIGEST_MISMATCH) {
        throw e;
      }
      throw new BullaException(
          ErrorCode.DIGEST_MISMATCH,
          "blob %s of %s: the bytes that were sent are others"
              .formatted(blob.digest(), source.name()),
          "The content was changed at the source or on its way; it is fetched again by the next"
              + " pass.",
          e);
    }
  }

  /** After a commit nothing is left of the upload but its name. */
  private void drop(Descriptor blob, Blobs.Upload upload) {
    try {
      registry.uploads().abort(repository, upload);
    } catch (BullaException e) {
      if (e.code() != ErrorCode.UPLOAD_NOT_FOUND && e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
    }
    if (keeps(blob)) {
      partials.orElseThrow().forget(blob.digest());
    }
  }

  private static BullaException wrongSize(Descriptor blob, String found) {
    return new BullaException(
        ErrorCode.SIZE_MISMATCH,
        "blob %s: %s, its descriptor says %d".formatted(blob.digest(), found, blob.size()),
        "The content was cut or changed at the source.");
  }

  /** Refuses more bytes than were told, before they are written. */
  private final class Arriving extends FilterInputStream {
    private final Descriptor blob;
    private long left;

    Arriving(InputStream in, Descriptor blob, long left) {
      super(in);
      this.blob = blob;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      step.run();
      int n = in.read(buffer, offset, length);
      left -= Math.max(0, n);
      if (left < 0) {
        throw wrongSize(blob, "more bytes came");
      }
      return n;
    }
  }
}
