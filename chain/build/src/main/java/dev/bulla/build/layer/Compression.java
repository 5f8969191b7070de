package dev.bulla.build.layer;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/** How a stream is compressed, told from its first bytes. */
enum Compression {
  NONE,
  GZIP(0x1f, 0x8b),
  BZIP2('B', 'Z', 'h'),
  XZ(0xfd, '7', 'z', 'X', 'Z', 0),
  ZSTD(0x28, 0xb5, 0x2f, 0xfd);

  private static final int LONGEST = 6;
  private static final int BUFFER = 64 * 1024;

  /** Dictionary memory of xz: that of {@code xz -9} is 64 MiB. */
  private static final int XZ_MEMORY_KIB = 128 * 1024;

  private final int[] magic;

  Compression(int... magic) {
    this.magic = magic;
  }

  /** The uncompressed bytes of {@code in}. */
  static InputStream expand(InputStream in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, BUFFER);
    buffered.mark(LONGEST);
    byte[] head = buffered.readNBytes(LONGEST);
    buffered.reset();
    return switch (of(head)) {
      case NONE -> buffered;
      case GZIP -> new GZIPInputStream(buffered, BUFFER);
      case BZIP2 -> new BZip2CompressorInputStream(buffered, true);
      case XZ -> new XZInputStream(buffered, XZ_MEMORY_KIB);
      case ZSTD -> new ZstdInputStream(buffered);
    };
  }

  private static Compression of(byte[] head) {
    for (Compression one : values()) {
      if (one != NONE && one.matches(head)) {
        return one;
      }
    }
    return NONE;
  }

  private boolean matches(byte[] head) {
    if (head.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
