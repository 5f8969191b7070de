package dev.bulla.build.layer;

import dev.bulla.core.Digest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * One file that holds the contents of an archive's members behind each other. No member's name ever
 * reaches the file system of this machine. Filled by one thread, closed, then read by any number.
 */
final class Spool implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;

  private final Path file;
  private final OutputStream out;
  private long end;

  Spool(Path file) throws IOException {
    this.file = file;
    this.out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
  }

  /** Bytes of all members so far. */
  long size() {
    return end;
  }

  /** Copies the rest of {@code in} and returns it as a file with plain owner. */
  Entry.File add(InputStream in, int mode) throws IOException {
    MessageDigest hash = Digest.Algorithm.SHA256.newHash();
    byte[] buffer = new byte[BUFFER];
    long start = end;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      hash.update(buffer, 0, n);
      out.write(buffer, 0, n);
      end += n;
    }
    long size = end - start;
    Digest digest = Digest.ofHash(Digest.Algorithm.SHA256, hash.digest());
    return new Entry.File(mode, Entry.Owner.ROOT, size, digest, () -> new Range(file, start, size));
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  /** A part of a file. */
  private static final class Range extends InputStream {
    private final FileChannel channel;
    private long position;
    private final long end;

    Range(Path file, long start, long size) throws IOException {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      position = start;
      end = start + size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      int wanted = (int) Math.min(length, end - position);
      int n = wanted == 0 ? -1 : channel.read(ByteBuffer.wrap(buffer, offset, wanted), position);
      position += Math.max(n, 0);
      return n;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
