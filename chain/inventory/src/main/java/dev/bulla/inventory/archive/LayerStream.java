package dev.bulla.inventory.archive;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/**
 * The tar inside a layer blob: plain, gzip or zstd, told by its first bytes and not by what a media
 * type claims.
 */
public final class LayerStream {
  private LayerStream() {}

  /**
   * @param blob the stored bytes; closed with the result
   * @throws IOException if the first bytes cannot be read
   */
  public static InputStream open(InputStream blob) throws IOException {
    byte[] magic = new byte[4];
    PushbackInputStream in = new PushbackInputStream(blob, magic.length);
    int n = in.readNBytes(magic, 0, magic.length);
    in.unread(magic, 0, n);
    if (n >= 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b) {
      return new GzipStream(in);
    }
    if (n == 4
        && (magic[0] & 0xff) == 0x28
        && (magic[1] & 0xff) == 0xb5
        && magic[2] == 0x2f
        && (magic[3] & 0xff) == 0xfd) {
      return new ZstdInputStreamNoFinalizer(in);
    }
    return in;
  }
}
