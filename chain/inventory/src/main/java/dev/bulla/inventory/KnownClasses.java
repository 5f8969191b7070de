package dev.bulla.inventory;

import dev.bulla.inventory.archive.ZipDirectory;
import dev.bulla.inventory.format.PomProperties;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * Recognises released libraries by their classes, for archives into which a library was copied
 * without its coordinates.
 *
 * <p>A class entry is reduced to 64 bits of its path, CRC-32 and size, all of which stand in the
 * central directory, so that nothing is inflated. The index in the jar of this module holds the
 * entries of whole releases; a release is found when at least {@value #MIN_COVERAGE} % and {@value
 * #MIN_CLASSES} of its classes are there, and of several releases of one library the one that is
 * covered best. Relocated classes have other bytes and are not recognised.
 */
final class KnownClasses {
  static final int MIN_COVERAGE = 95;
  static final int MIN_CLASSES = 3;

  private static final int MAX_RELEASES = 100_000;

  private KnownClasses() {}

  /**
   * A library that is there.
   *
   * @param coverage percent of its classes, rounded down
   */
  record Match(PomProperties coordinates, int coverage) {}

  /** Releases whose classes the archive holds, sorted by coordinates. */
  static List<Match> match(ZipDirectory zip) {
    Index index = Holder.INDEX;
    int[] hits = new int[index.releases.length];
    boolean any = false;
    for (int i = 0; i < zip.count(); i++) {
      if (zip.nameEndsWith(i, ".class")) {
        any |= index.count(key(zip, i), hits);
      }
    }
    return any ? best(index, hits) : List.of();
  }

  /** FNV-1a over path, CRC-32 and size. */
  static long key(ZipDirectory zip, int entry) {
    long hash = 0xcbf29ce484222325L;
    byte[] names = zip.nameBytes();
    int end = zip.nameStart(entry) + zip.nameLength(entry);
    for (int i = zip.nameStart(entry); i < end; i++) {
      hash = (hash ^ names[i] & 0xff) * 0x100000001b3L;
    }
    long rest = zip.crc(entry) << 32 | zip.size(entry) & 0xffffffffL;
    for (int shift = 0; shift < 64; shift += 8) {
      hash = (hash ^ rest >>> shift & 0xff) * 0x100000001b3L;
    }
    return hash;
  }

  private static List<Match> best(Index index, int[] hits) {
    Map<String, Match> byArtifact = new HashMap<>();
    Map<String, Long> bestRank = new HashMap<>();
    for (int i = 0; i < hits.length; i++) {
      int size = index.sizes[i];
      if (hits[i] < MIN_CLASSES || hits[i] * 100L < (long) MIN_COVERAGE * size) {
        continue;
      }
      PomProperties coordinates = index.releases[i];
      String artifact = coordinates.group() + ":" + coordinates.artifact();
      // compare by share, then by number: 100 % of the older one may be 99 % of the newer
      long rank = hits[i] * 1_000_000L / size * 1_000_000L + hits[i];
      if (rank > bestRank.getOrDefault(artifact, -1L)) {
        bestRank.put(artifact, rank);
        byArtifact.put(artifact, new Match(coordinates, (int) (hits[i] * 100L / size)));
      }
    }
    List<Match> found = new ArrayList<>(byArtifact.values());
    found.sort(Comparator.comparing(match -> match.coordinates().toString()));
    return found;
  }

  private static final class Holder {
    static final Index INDEX = Index.read();
  }

  /**
   * Keys of all releases in one sorted array; a key that several releases hold stands there several
   * times.
   */
  private static final class Index {
    final PomProperties[] releases;
    final int[] sizes;
    final long[] keys;
    final int[] owners;

    private Index(PomProperties[] releases, int[] sizes, long[] keys, int[] owners) {
      this.releases = releases;
      this.sizes = sizes;
      this.keys = keys;
      this.owners = owners;
    }

    boolean count(long key, int[] hits) {
      int at = Arrays.binarySearch(keys, key);
      if (at < 0) {
        return false;
      }
      int first = at;
      while (first > 0 && keys[first - 1] == key) {
        first--;
      }
      for (int i = first; i < keys.length && keys[i] == key; i++) {
        hits[owners[i]]++;
      }
      return true;
    }

    static Index read() {
      try (InputStream resource = KnownClasses.class.getResourceAsStream("known-classes.gz")) {
        if (resource == null) {
          throw new IllegalStateException("the resource known-classes.gz is not in the jar");
        }
        DataInputStream in =
            new DataInputStream(new BufferedInputStream(new GZIPInputStream(resource), 65536));
        int count = in.readInt();
        int total = in.readInt();
        if (count < 0 || count > MAX_RELEASES || total < 0) {
          throw new IllegalStateException("known-classes.gz is damaged");
        }
        PomProperties[] releases = new PomProperties[count];
        int[] sizes = new int[count];
        for (int i = 0; i < count; i++) {
          releases[i] = new PomProperties(in.readUTF(), in.readUTF(), in.readUTF());
          sizes[i] = in.readInt();
        }
        long[] keys = new long[total];
        int[] owners = new int[total];
        for (int i = 0; i < total; i++) {
          keys[i] = in.readLong();
          owners[i] = in.readInt();
        }
        return new Index(releases, sizes, keys, owners);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
