package dev.bulla.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Writes whole blocks of large files straight to the disk, past the cache of the system.
 *
 * <p>What is acknowledged must be on the disk anyway. Without the cache between, the processor
 * copies nothing and finds no memory for it, and a large push does not drive out what is pulled.
 * Where the file system or its block size does not allow it, or too many write at once, there is no
 * writer and files are written in the ordinary way; both ways may be mixed in one file. A force is
 * needed after either. Thread-safe.
 */
final class DirectWrites {
  /** Bytes of one write, and what its position is a multiple of. */
  static final int BLOCK = 512 * 1024;

  private static final int ALIGNED = 4096;
  private static final int AT_ONCE = 64;

  private final FilesystemBlobs.Opener opener;
  private final Semaphore permits = new Semaphore(AT_ONCE);

  DirectWrites(FilesystemBlobs.Opener opener) {
    this.opener = opener;
  }

  /** Opens a file for blocks; empty if it has to be written in the ordinary way. */
  Optional<Blocks> open(Path file) {
    if (!permits.tryAcquire()) {
      return Optional.empty();
    }
    Optional<FileChannel> channel = channel(file);
    if (channel.isEmpty()) {
      permits.release();
    }
    return channel.map(Blocks::new);
  }

  private Optional<FileChannel> channel(Path file) {
    try {
      return Optional.of(opener.direct(file));
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty(); // the ordinary way says what is wrong, if anything is
    }
  }

  /** A file that is open for blocks. For one thread; its memory is freed when it is closed. */
  final class Blocks implements AutoCloseable {
    private final FileChannel channel;
    private final Arena arena = Arena.ofConfined();
    private final ByteBuffer block = arena.allocate(BLOCK, ALIGNED).asByteBuffer();

    private Blocks(FileChannel channel) {
      this.channel = channel;
    }

    /** What is filled between two writes. */
    ByteBuffer block() {
      return block;
    }

    /**
     * Writes the block, which is full.
     *
     * @param position a multiple of {@link #BLOCK}
     * @throws IOException if the disk fails or this file wants smaller or otherwise aligned writes;
     *     a part may have been written
     */
    void write(long position) throws IOException {
      block.rewind();
      while (block.hasRemaining()) {
        channel.write(block, position + block.position());
      }
    }

    @Override
    public void close() throws IOException {
      permits.release();
      arena.close();
      channel.close();
    }
  }
}
