package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The files of an uncompressed tar archive, read in place. Links, devices, absolute and climbing
 * names, names twice and sizes that the archive does not hold are refused when it is opened.
 * Thread-safe.
 */
public final class TarArchive implements AutoCloseable {
  private final LayoutTar files;
  private final String what;

  private TarArchive(LayoutTar files, String what) {
    this.files = files;
    this.what = what;
  }

  /**
   * @throws BullaException {@code FILE_NOT_FOUND}, {@code ARCHIVE_INVALID}, {@code
   *     ARCHIVE_TOO_LARGE}, {@code PATH_ESCAPE}
   */
  public static TarArchive open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "there is no file " + file);
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] magic = in.readNBytes(2);
      if (magic.length == 2 && magic[0] == 0x1f && magic[1] == (byte) 0x8b) {
        throw new BullaException(
            ErrorCode.ARCHIVE_INVALID, file + " is compressed, expected a plain tar file");
      }
    } catch (IOException e) {
      throw new BullaException(ErrorCode.ARCHIVE_INVALID, file + " cannot be read: " + e, e);
    }
    return new TarArchive(LayoutTar.open(file), file.toString());
  }

  /** Names and sizes in bytes, in the order of the archive. */
  public Map<String, Long> sizes() {
    return files.sizes();
  }

  /**
   * Opens one file.
   *
   * @throws BullaException {@code ARCHIVE_INVALID} if there is none
   */
  public InputStream open(String name) throws IOException {
    return files
        .find(name)
        .orElseThrow(
            () -> new BullaException(ErrorCode.ARCHIVE_INVALID, "%s: no %s".formatted(what, name)))
        .content()
        .open();
  }

  @Override
  public void close() {
    files.close();
  }
}
