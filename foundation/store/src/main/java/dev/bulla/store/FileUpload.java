package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An upload into a file, hashed while it is written.
 *
 * <p>{@code hash} covers the first {@code hashed} bytes of the file. Whatever it does not cover,
 * after a restart or a failed write, is read from the file before the commit.
 */
final class FileUpload implements Blobs.Upload {
  private static final int BUFFER = 64 * 1024;

  /** What is hashed and copied at once, so that it is in the processor's nearest cache. */
  private static final int PIECE = 16 * 1024;

  /** So much of a file is likely to be read again soon, and cheap to cache. */
  private static final long CACHED = 4L * 1024 * 1024;

  private static final long PATIENCE_SECONDS = 5;

  private final FilesystemBlobs blobs;
  private final String id;
  private final Path file;
  private final ReentrantLock lock = new ReentrantLock();
  private Digest.Algorithm algorithm;
  private MessageDigest hash;
  private long hashed;
  private boolean ended;
  private volatile long offset;

  FileUpload(FilesystemBlobs blobs, String id, Path file, Digest.Algorithm likely, long offset) {
    this.blobs = blobs;
    this.id = id;
    this.file = file;
    this.algorithm = likely;
    this.hash = likely.newHash();
    this.offset = offset;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public long offset() {
    return offset;
  }

  /** Takes note of what another process that shares the directory has appended meanwhile. */
  void follow() throws IOException {
    if (!lock.tryLock()) {
      return; // it is being written here
    }
    try {
      long size = Files.size(file);
      if (!ended && size != offset) {
        offset = size;
        if (hashed > size) {
          hash = algorithm.newHash();
          hashed = 0;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long append(OptionalLong at, InputStream in) throws IOException {
    enter();
    try {
      if (at.isPresent() && at.getAsLong() != offset) {
        throw new BullaException(
            ErrorCode.RANGE_INVALID,
            "upload %s: the chunk begins at %d, expected %d".formatted(id, at.getAsLong(), offset),
            "Ask the upload for its offset and go on from there.");
      }
      try (FileChannel channel = openFile();
          FileLock alone = alone(channel)) {
        byte[] bytes = blobs.copyBuffers().take();
        try {
          copy(in, channel, bytes);
        } finally {
          blobs.copyBuffers().give(bytes);
        }
      }
      return offset;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long commit(Digest digest) {
    enter();
    try {
      Digest found = digestAlone(digest.algorithm());
      if (!found.equals(digest)) {
        drop();
        throw new BullaException(
            ErrorCode.DIGEST_MISMATCH,
            "upload %s: the %d bytes have digest %s, expected %s"
                .formatted(id, offset, found, digest),
            "Upload the content again.");
      }
      try (FileChannel channel = openFile()) {
        channel.force(false);
      }
      blobs.publish(file, digest);
      end();
      return offset;
    } catch (IOException e) {
      throw DiskFaults.of(e, file, "storing blob " + digest);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void abort() {
    enter();
    try {
      drop();
    } catch (IOException e) {
      throw DiskFaults.of(e, file, "dropping upload " + id);
    } finally {
      lock.unlock();
    }
  }

  /** What begins a file goes through the system's cache, what follows past it in whole blocks. */
  private void copy(InputStream in, FileChannel out, byte[] bytes) throws IOException {
    long whole = Math.ceilDiv(offset, DirectWrites.BLOCK) * DirectWrites.BLOCK;
    if (!copy(in, out, bytes, Math.max(CACHED, whole))) {
      return;
    }
    Optional<DirectWrites.Blocks> direct = blobs.openForBlocks(file);
    if (direct.isPresent()) {
      try (DirectWrites.Blocks blocks = direct.get()) {
        copy(in, out, bytes, blocks);
      }
    } else {
      copy(in, out, bytes, Long.MAX_VALUE);
    }
  }

  /** Copies up to {@code end} of the file; whether there may be more. */
  private boolean copy(InputStream in, FileChannel out, byte[] bytes, long end) throws IOException {
    while (offset < end) {
      int n = in.read(bytes, 0, (int) Math.min(bytes.length, end - offset));
      if (n < 0) {
        return false;
      }
      came(bytes, n, 0);
      write(out, ByteBuffer.wrap(bytes, 0, n));
    }
    return true;
  }

  private void copy(InputStream in, FileChannel out, byte[] bytes, DirectWrites.Blocks blocks)
      throws IOException {
    ByteBuffer block = blocks.block();
    int piece = Math.min(PIECE, bytes.length);
    boolean direct = true;
    try {
      for (int n = 0; n >= 0; n = in.read(bytes, 0, Math.min(piece, block.remaining()))) {
        came(bytes, n, block.position());
        block.put(bytes, 0, n);
        if (!block.hasRemaining()) {
          direct = direct && wrote(blocks, out);
          if (!direct) {
            write(out, block.rewind());
          }
          block.clear();
        }
      }
    } finally {
      write(out, block.flip()); // also of a body that broke off: what came counts
    }
  }

  /** Hashes bytes that are to follow {@code ahead} others at the end of the file. */
  private void came(byte[] bytes, int count, int ahead) {
    if (hashed == offset + ahead) {
      hash.update(bytes, 0, count);
      hashed += count;
    }
  }

  /** Writes a block past the cache; false, and the file is as it was, if that cannot be done. */
  private boolean wrote(DirectWrites.Blocks blocks, FileChannel out) {
    try {
      blocks.write(offset);
      offset += DirectWrites.BLOCK;
      return true;
    } catch (IOException e) {
      cutTo(offset, out, blocks.block());
      return false;
    }
  }

  /** By the channel that has the lock, because closing another would free it. */
  private void cutTo(long length, FileChannel out, ByteBuffer block) {
    try {
      out.truncate(length);
    } catch (IOException e) {
      block.limit(0);
      ended = true;
      throw DiskFaults.of(e, file, "cutting upload " + id + " to " + length);
    }
  }

  /** Writes all or nothing, so that the length of the file stays the offset. */
  private void write(FileChannel out, ByteBuffer buffer) {
    int count = buffer.remaining();
    try {
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
      offset += count;
    } catch (IOException e) {
      buffer.limit(0); // nobody tries this again
      cutTo(offset);
      hash = algorithm.newHash(); // it has taken what the file has not
      hashed = 0;
      throw DiskFaults.of(e, file, "writing upload " + id + " at " + offset);
    }
  }

  private void cutTo(long length) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(length);
    } catch (IOException e) {
      ended = true; // its length is unknown: it cannot go on in this process
    }
  }

  private Digest digestAlone(Digest.Algorithm wanted) throws IOException {
    try (FileChannel channel = openFile();
        FileLock alone = alone(channel)) {
      return digestBy(wanted);
    }
  }

  private Digest digestBy(Digest.Algorithm wanted) throws IOException {
    if (wanted != algorithm) {
      algorithm = wanted;
      hash = wanted.newHash();
      hashed = 0;
    }
    if (hashed < offset) {
      try (InputStream in = Files.newInputStream(file)) {
        in.skipNBytes(hashed);
        byte[] bytes = new byte[BUFFER];
        for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
          hash.update(bytes, 0, n);
          hashed += n;
        }
      }
    }
    MessageDigest copy = cloneOf(hash);
    return Digest.ofHash(algorithm, copy.digest());
  }

  /** A failed commit may be tried again, so the running hash is kept. */
  private static MessageDigest cloneOf(MessageDigest hash) {
    try {
      return (MessageDigest) hash.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the SHA-2 family of this Java runtime cannot be cloned", e);
    }
  }

  /** Keeps other processes away that share the directory. */
  private FileLock alone(FileChannel channel) throws IOException {
    FileLock taken = channel.tryLock();
    if (taken == null || Files.size(file) != offset) {
      if (taken != null) {
        taken.release();
      }
      throw new BullaException(
          ErrorCode.CONFLICT, "upload " + id + " is being written by another request");
    }
    return taken;
  }

  private FileChannel openFile() {
    try {
      return blobs.openForAppend(file);
    } catch (IOException e) {
      throw DiskFaults.of(e, file, "opening upload " + id);
    }
  }

  private void drop() throws IOException {
    end();
    Files.deleteIfExists(file);
  }

  private void end() {
    ended = true;
    blobs.forget(id);
  }

  private void enter() {
    boolean entered;
    try {
      entered = lock.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      entered = false;
    }
    if (!entered) {
      throw new BullaException(
          ErrorCode.CONFLICT, "upload " + id + " is being written by another request");
    }
    if (ended) {
      lock.unlock();
      throw new BullaException(ErrorCode.UPLOAD_NOT_FOUND, "upload " + id + " has ended");
    }
  }
}
