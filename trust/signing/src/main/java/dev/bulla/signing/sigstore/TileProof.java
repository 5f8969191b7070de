package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes the proof of an entry that a tile log has already, from its tiles (C2SP tlog-tiles): what
 * the log itself would have answered, had it taken the entry now.
 *
 * <p>A tile at level L holds up to 256 hashes of the nodes at height 8 L, from left to right; a
 * node between such heights is computed from the 2 to 128 hashes below it, all in one tile. The
 * last tile of a level may be partial, and is asked for by its width. A subtree that is not
 * complete is computed from the complete ones that it consists of (RFC 6962 section 2.1.1). Nothing
 * that is read is believed: the proof verifies or does not.
 */
public final class TileProof {
  private static final int HASH = 32;
  private static final int WIDTH = 256;
  private static final int HEIGHT = 8;

  private final long size;
  private final Function<String, byte[]> tiles;
  private final Map<String, byte[]> read = new HashMap<>();

  private TileProof(long size, Function<String, byte[]> tiles) {
    this.size = size;
    this.tiles = tiles;
  }

  /**
   * The entry at {@code index}, as Rekor v2 answers it.
   *
   * @param note the log's newest checkpoint
   * @param tiles the content of a tile by its path below {@code tile/}, such as {@code
   *     0/x001/234.p/8}
   * @throws BullaException {@link ErrorCode#LOG_ENTRY_INVALID}, {@link ErrorCode#LOG_ENTRY_MISSING}
   *     if the tree or the trusted root does not have what is needed
   */
  public static LogEntry entry(
      long index,
      String note,
      Function<String, byte[]> tiles,
      SignedMaterial signed,
      TrustedRoot root) {
    Checkpoint checkpoint = Checkpoint.parse(note);
    TrustedRoot.Log log =
        root.logs().stream()
            .filter(one -> LogCheck.host(one).equals(checkpoint.origin()))
            .findFirst()
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.LOG_ENTRY_MISSING,
                    "the log has the entry already, and is not in the trusted root"));
    if (index < 0 || index >= checkpoint.size()) {
      throw invalid("the log has entry %d, and its tree does not yet".formatted(index));
    }
    List<byte[]> hashes = path(index, checkpoint.size(), tiles);
    return new LogEntry(
        index,
        log.id(),
        "hashedrekord",
        "0.0.2",
        Optional.empty(),
        Optional.empty(),
        Optional.of(
            new InclusionProof(index, checkpoint.size(), checkpoint.rootHash(), hashes, note)),
        LogBody.rebuilt(signed));
  }

  /** The siblings of a leaf, from the bottom upwards. */
  static List<byte[]> path(long index, long size, Function<String, byte[]> tiles) {
    List<byte[]> hashes = new ArrayList<>();
    new TileProof(size, tiles).path(index, 0, size, hashes);
    return hashes;
  }

  /**
   * The siblings from the leaf upwards, in the subtree of {@code count} leaves from {@code from}.
   */
  private void path(long leaf, long from, long count, List<byte[]> hashes) {
    if (count == 1) {
      return;
    }
    long left = Long.highestOneBit(count - 1);
    if (leaf - from < left) {
      path(leaf, from, left, hashes);
      hashes.add(subtree(from + left, count - left));
    } else {
      path(leaf, from + left, count - left, hashes);
      hashes.add(subtree(from, left));
    }
  }

  private byte[] subtree(long from, long count) {
    if (Long.bitCount(count) == 1) {
      int height = Long.numberOfTrailingZeros(count);
      return node(height, from >> height);
    }
    long left = Long.highestOneBit(count - 1);
    return InclusionProof.parent(subtree(from, left), subtree(from + left, count - left));
  }

  /** The node at {@code height} that is the {@code index}th from the left, from one tile. */
  private byte[] node(int height, long index) {
    int level = height / HEIGHT;
    int span = 1 << height % HEIGHT;
    long first = index * span;
    byte[] tile = tile(level, first / WIDTH);
    int at = (int) (first % WIDTH);
    List<byte[]> row = new ArrayList<>();
    for (int i = at; i < at + span; i++) {
      if ((i + 1) * HASH > tile.length) {
        throw invalid("a tile of the log is shorter than its tree says");
      }
      row.add(Arrays.copyOfRange(tile, i * HASH, (i + 1) * HASH));
    }
    while (row.size() > 1) {
      List<byte[]> above = new ArrayList<>();
      for (int i = 0; i < row.size(); i += 2) {
        above.add(InclusionProof.parent(row.get(i), row.get(i + 1)));
      }
      row = above;
    }
    return row.getFirst();
  }

  private byte[] tile(int level, long number) {
    long hashes = size >> HEIGHT * level;
    long width = Math.min(WIDTH, hashes - number * WIDTH);
    String path = level + "/" + written(number) + (width == WIDTH ? "" : ".p/" + width);
    return read.computeIfAbsent(path, tiles);
  }

  /** Groups of three digits, all but the last with an x: 1234067 is x001/x234/067. */
  static String written(long number) {
    String text = "%03d".formatted(number % 1000);
    for (long rest = number / 1000; rest > 0; rest /= 1000) {
      text = "x%03d/".formatted(rest % 1000) + text;
    }
    return text;
  }

  private static BullaException invalid(String why) {
    return new BullaException(ErrorCode.LOG_ENTRY_INVALID, "log entry: " + why);
  }
}
