package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The files of a layout in a tar file, read in place; a compressed one is unpacked to a temporary
 * file first.
 */
final class LayoutTar implements LayoutFiles {
  private static final long MAX_UNPACKED = 64L * 1024 * 1024 * 1024;
  private static final long FREE_UNPACKED = 1024L * 1024 * 1024;
  private static final int MAX_RATIO = 200;

  private final FileChannel channel;
  private final Optional<Path> temporary;
  private final Map<String, TarEntries.Place> places;

  private LayoutTar(
      FileChannel channel, Optional<Path> temporary, Map<String, TarEntries.Place> places) {
    this.channel = channel;
    this.temporary = temporary;
    this.places = places;
  }

  static LayoutTar open(Path file) {
    Optional<Path> unpacked = Optional.empty();
    try {
      if (isGzip(file)) {
        unpacked = Optional.of(Files.createTempFile("bulla-layout-", ".tar"));
        unpack(file, unpacked.get());
      }
      FileChannel channel = FileChannel.open(unpacked.orElse(file), StandardOpenOption.READ);
      try {
        return new LayoutTar(channel, unpacked, TarEntries.list(channel, file.toString()));
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      delete(unpacked);
      throw new BullaException(
          ErrorCode.ARCHIVE_INVALID, "%s cannot be read: %s".formatted(file, e.getMessage()), e);
    } catch (RuntimeException e) {
      delete(unpacked);
      throw e;
    }
  }

  private static boolean isGzip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] magic = in.readNBytes(2);
      return magic.length == 2 && magic[0] == 0x1f && magic[1] == (byte) 0x8b;
    }
  }

  private static void unpack(Path file, Path target) throws IOException {
    long limit = Math.min(MAX_UNPACKED, FREE_UNPACKED + Files.size(file) * MAX_RATIO);
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file), 64 * 1024);
        OutputStream out = Files.newOutputStream(target)) {
      byte[] buffer = new byte[256 * 1024];
      long count = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        count += n;
        if (count > limit) {
          throw new BullaException(
              ErrorCode.ARCHIVE_TOO_LARGE,
              "%s: unpacks to more than %d bytes".formatted(file, limit));
        }
        out.write(buffer, 0, n);
      }
    } catch (ZipException e) {
      throw new BullaException(
          ErrorCode.ARCHIVE_INVALID,
          "%s: not readable as gzip: %s".formatted(file, e.getMessage()),
          e);
    }
  }

  @Override
  public Optional<Entry> find(String name) {
    return Optional.ofNullable(places.get(name))
        .map(place -> new Entry(place.size(), () -> new Slice(channel, place)));
  }

  /** All names with their sizes, in the order of the archive. */
  Map<String, Long> sizes() {
    Map<String, Long> sizes = new LinkedHashMap<>();
    places.forEach((name, place) -> sizes.put(name, place.size()));
    return sizes;
  }

  @Override
  public List<String> blobs() {
    return places.keySet().stream().filter(name -> name.startsWith("blobs/")).sorted().toList();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      delete(temporary);
    }
  }

  private static void delete(Optional<Path> file) {
    file.ifPresent(path -> {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        // the system clears its temporary directory
      }
    });
  }

  /** A part of a file; positional reads, so that many can be open at once. */
  private static final class Slice extends InputStream {
    private final FileChannel channel;
    private final long end;
    private long position;

    Slice(FileChannel channel, TarEntries.Place place) {
      this.channel = channel;
      this.position = place.offset();
      this.end = place.offset() + place.size();
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (position >= end) {
        return -1;
      }
      int wanted = (int) Math.min(length, end - position);
      int n = channel.read(ByteBuffer.wrap(buffer, offset, wanted), position);
      position += Math.max(n, 0);
      return n;
    }
  }
}
