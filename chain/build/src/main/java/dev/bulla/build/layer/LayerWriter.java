package dev.bulla.build.layer;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Map;

/**
 * Writes a file tree as a gzip-compressed layer: the same tree and time give the same bytes on
 * every machine, in every locale and time zone, for every user and under every Java runtime.
 *
 * <p>What could differ between two machines is either absent (user names, access times, extended
 * attributes, hard links, sparse maps) or fixed (order by path bytes, one modification time,
 * permission bits from the template or the executable bit alone, the compressor in {@link
 * PinnedGzip}). Thread-safe.
 */
public final class LayerWriter {
  /**
   * Raised whenever the same tree would give other bytes than before; provenance and lock carry it,
   * so that a rebuild knows which writer it needs.
   */
  public static final int COMPATIBILITY_VERSION = 1;

  public static final String COMPRESSOR = PinnedGzip.NAME;
  public static final String COMPRESSOR_VERSION = PinnedGzip.VERSION;
  public static final int COMPRESSOR_LEVEL = PinnedGzip.LEVEL;

  private static final int BUFFER = 64 * 1024;

  /** Opens the file that a layer is written to; a test can let it fail. */
  @FunctionalInterface
  public interface Output {
    Output FILES = Files::newOutputStream;

    OutputStream open(Path file) throws IOException;
  }

  private final Output output;
  private final long epochSeconds;

  /**
   * @param epoch modification time of every entry; 1970 to 2242, whole seconds
   */
  public LayerWriter(Output output, Instant epoch) {
    this.output = output;
    this.epochSeconds = epoch.getEpochSecond();
    if (epochSeconds < 0 || epochSeconds > 0_77777777777L) {
      throw new BullaException(
          ErrorCode.TEMPLATE_INVALID,
          "the time " + epoch + " does not fit into a layer: 1970 to 2242 do");
    }
  }

  /**
   * Writes {@code tree} to {@code file}.
   *
   * @throws BullaException {@link ErrorCode#INPUT_CHECKSUM_MISMATCH} if a file no longer has the
   *     content it was resolved with; {@link ErrorCode#DISK_FULL}
   */
  public Layer write(FileTree tree, Path file) {
    MessageDigest blobHash = Digest.Algorithm.SHA256.newHash();
    MessageDigest tarHash = Digest.Algorithm.SHA256.newHash();
    try {
      try (OutputStream sink = output.open(file);
          TarStream tar =
              new TarStream(
                  new DigestOutputStream(
                      new PinnedGzip(
                          new DigestOutputStream(new BufferedOutputStream(sink, BUFFER), blobHash)),
                      tarHash),
                  epochSeconds)) {
        for (Map.Entry<ImagePath, Entry> one : tree.entries().entrySet()) {
          tar.header(one.getKey(), one.getValue());
          if (one.getValue() instanceof Entry.File content) {
            copy(one.getKey(), content, tar);
          }
        }
      }
      Digest digest = Digest.ofHash(Digest.Algorithm.SHA256, blobHash.digest());
      return new Layer(
          file,
          new Descriptor(MediaTypes.OCI_LAYER_GZIP, digest, Files.size(file)),
          Digest.ofHash(Digest.Algorithm.SHA256, tarHash.digest()));
    } catch (IOException e) {
      throw IoFailure.of(e, "writing a layer to " + file);
    }
  }

  private static void copy(ImagePath path, Entry.File file, TarStream tar) throws IOException {
    MessageDigest hash = file.digest().algorithm().newHash();
    byte[] buffer = new byte[BUFFER];
    long count = 0;
    try (InputStream in = file.content().open()) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        count += n;
        if (count > file.size()) {
          break;
        }
        hash.update(buffer, 0, n);
        tar.content(buffer, 0, n);
      }
    }
    Digest found = Digest.ofHash(file.digest().algorithm(), hash.digest());
    if (count != file.size() || !found.equals(file.digest())) {
      throw new BullaException(
          ErrorCode.INPUT_CHECKSUM_MISMATCH,
          "the content of %s changed after it was resolved: expected %s with %d bytes"
              .formatted(path, file.digest(), file.size()),
          "Build again once nothing writes to the inputs any more.");
    }
    tar.endFile(file.size());
  }
}
