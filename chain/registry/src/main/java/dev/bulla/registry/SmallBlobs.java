package dev.bulla.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Blob;
import dev.bulla.store.Blobs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/**
 * Opens blobs, and keeps the bytes of small ones that were read lately, configurations mostly.
 * Whether somebody may have them is for the records to say, every time; that the bytes are the
 * right ones was verified when they were read, so damage that a file suffers later does not reach
 * them. Thread-safe.
 */
final class SmallBlobs {
  /** Larger ones are not kept. */
  static final int MAX_SIZE = 32 * 1024;

  private static final long KEPT = 8L * 1024 * 1024;
  private static final int OVERHEAD = 256;

  private final Cache<Digest, byte[]> entries =
      Caffeine.newBuilder()
          .maximumWeight(KEPT)
          .weigher((Digest digest, byte[] content) -> OVERHEAD + content.length)
          .executor(Runnable::run)
          .build();

  private final Blobs blobs;

  SmallBlobs(Blobs blobs) {
    this.blobs = blobs;
  }

  /**
   * A blob, open for reading.
   *
   * @param size that is recorded of it
   * @throws BullaException {@link ErrorCode#STORE_CORRUPT} if the store has not what is recorded
   */
  Blob open(String repository, Digest digest, long size) {
    Optional<byte[]> small = find(digest, size);
    if (small.isPresent()) {
      return new InMemory(small.get());
    }
    Blob found =
        blobs
            .open(digest)
            .or(() -> blobs.revive(digest) ? blobs.open(digest) : Optional.empty())
            .filter(blob -> blob.size() == size)
            .orElseThrow(() -> absent(repository, digest, size));
    try {
      return kept(digest, found);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.STORE_CORRUPT, "blob %s of %s cannot be read".formatted(digest, repository), e);
    }
  }

  /** What is kept of a blob of this size. */
  Optional<byte[]> find(Digest digest, long size) {
    return size > MAX_SIZE
        ? Optional.empty()
        : Optional.ofNullable(entries.getIfPresent(digest)).filter(known -> known.length == size);
  }

  private static BullaException absent(String repository, Digest digest, long size) {
    return new BullaException(
        ErrorCode.STORE_CORRUPT,
        "blob %s of %s is recorded with %d bytes, but its file is absent or cut"
            .formatted(digest, repository, size),
        "Push it again, or restore the blobs directory from a backup.");
  }

  /** The same blob, or one in its place: a small one is kept if its file has the right bytes. */
  private Blob kept(Digest digest, Blob blob) throws IOException {
    if (blob.size() > MAX_SIZE) {
      return blob;
    }
    byte[] content = Channels.newInputStream(blob.from(0)).readNBytes((int) blob.size());
    if (digest.matches(content)) {
      entries.put(digest, content);
      blob.close();
      return new InMemory(content);
    }
    return blob; // as it is: whoever gets it finds out
  }

  /** A blob whose bytes are here. */
  record InMemory(byte[] content) implements Blob {
    @Override
    public long size() {
      return content.length;
    }

    @Override
    public ReadableByteChannel from(long offset) {
      return Channels.newChannel(
          new ByteArrayInputStream(content, (int) offset, content.length - (int) offset));
    }

    @Override
    public void close() {
      // nothing is open
    }
  }
}
