package dev.bulla.advisory;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A JSON file of an advisory set, wherever it lies; read again whenever it is needed. */
sealed interface RecordFile {
  /** For messages: {@code osv.zip!GHSA-1.json}. */
  String what();

  /** At most {@code limit} + 1 bytes. */
  byte[] read(int limit) throws IOException;

  record OnDisk(Path path, String what) implements RecordFile {
    @Override
    public byte[] read(int limit) throws IOException {
      try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
        return in.readNBytes(limit + 1);
      }
    }
  }

  record InZip(ZipFile zip, String entry, String what) implements RecordFile {
    @Override
    public byte[] read(int limit) throws IOException {
      ZipEntry found = zip.getEntry(entry);
      if (found == null) {
        throw new IOException("no such entry");
      }
      try (InputStream in = zip.getInputStream(found)) {
        long size = Math.max(found.getSize(), 0);
        byte[] bytes = in.readNBytes((int) Math.min(limit, size) + 1);
        if (size <= limit && bytes.length != size) {
          throw new IOException("the entry holds other than the " + size + " bytes that it claims");
        }
        return bytes;
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
  }
}
