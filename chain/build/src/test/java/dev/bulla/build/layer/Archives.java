package dev.bulla.build.layer;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes tar files that say whatever a test wants, true or not. */
public final class Archives implements AutoCloseable {
  private final TarArchiveOutputStream tar;

  private Archives(OutputStream out) {
    tar = new TarArchiveOutputStream(out, "UTF-8");
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
  }

  public static Archives gzip(Path file) {
    try {
      return new Archives(new GZIPOutputStream(Files.newOutputStream(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Archives plain(OutputStream out) {
    return new Archives(out);
  }

  public Archives file(String name, String content) {
    return file(name, content, 0100644);
  }

  public Archives file(String name, String content, int mode) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
    entry.setSize(bytes.length);
    entry.setMode(mode);
    return put(entry, bytes);
  }

  /** A file of so many zeros. */
  public Archives zeros(String name, long size) {
    try {
      TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
      entry.setSize(size);
      tar.putArchiveEntry(entry);
      byte[] block = new byte[64 * 1024];
      for (long left = size; left > 0; left -= Math.min(left, block.length)) {
        tar.write(block, 0, (int) Math.min(left, block.length));
      }
      tar.closeArchiveEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Archives directory(String name, int mode) {
    TarArchiveEntry entry = new TarArchiveEntry(name + "/", TarConstants.LF_DIR, true);
    entry.setMode(mode);
    return put(entry, new byte[0]);
  }

  public Archives symlink(String name, String target) {
    return link(name, target, TarConstants.LF_SYMLINK);
  }

  public Archives hardLink(String name, String target) {
    return link(name, target, TarConstants.LF_LINK);
  }

  public Archives ofType(String name, byte type) {
    return put(new TarArchiveEntry(name, type, true), new byte[0]);
  }

  private Archives link(String name, String target, byte type) {
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    entry.setLinkName(target);
    return put(entry, new byte[0]);
  }

  private Archives put(TarArchiveEntry entry, byte[] content) {
    try {
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      tar.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
