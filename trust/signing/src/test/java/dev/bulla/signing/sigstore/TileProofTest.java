package dev.bulla.signing.sigstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TileProofTest {
  /** All complete nodes of a tree: of each height, from left to right. */
  private static List<List<byte[]>> nodes(int size) {
    List<byte[]> row = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      row.add(InclusionProof.leafHash(String.valueOf(i).getBytes()));
    }
    List<List<byte[]>> all = new ArrayList<>();
    for (; !row.isEmpty(); row = above(row)) {
      all.add(row);
    }
    return all;
  }

  private static List<byte[]> above(List<byte[]> row) {
    List<byte[]> above = new ArrayList<>();
    for (int i = 0; i + 1 < row.size(); i += 2) {
      above.add(InclusionProof.parent(row.get(i), row.get(i + 1)));
    }
    return above;
  }

  /** The root by RFC 6962's definition. */
  private static byte[] root(List<byte[]> leaves) {
    if (leaves.size() == 1) {
      return leaves.getFirst();
    }
    int left = Integer.highestOneBit(leaves.size() - 1);
    return InclusionProof.parent(
        root(leaves.subList(0, left)), root(leaves.subList(left, leaves.size())));
  }

  /** A tile by its path; refuses one that a log with this tree does not serve. */
  private static byte[] tile(List<List<byte[]>> nodes, String path) {
    String[] parts = path.split("/|\\.p/");
    List<byte[]> row = nodes.get(8 * Integer.parseInt(parts[0]));
    int first = 256 * Integer.parseInt(parts[1]);
    int end = Math.min(row.size(), first + 256);
    int width = parts.length == 3 ? Integer.parseInt(parts[2]) : 256;
    assertThat(end - first).as(path).isEqualTo(width);
    ByteArrayOutputStream tile = new ByteArrayOutputStream();
    row.subList(first, end).forEach(tile::writeBytes);
    return tile.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 700, 1100})
  void everyLeafIsProvenFromTheTiles(int size) {
    List<List<byte[]>> nodes = nodes(size);
    byte[] root = root(nodes.getFirst());
    for (int index = 0; index < size; index += Math.max(1, size / 37)) {
      List<byte[]> hashes = TileProof.path(index, size, path -> tile(nodes, path));
      InclusionProof proof = new InclusionProof(index, size, root, hashes, "");
      assertThat(proof.root(nodes.getFirst().get(index))).as("leaf %d", index).hasValue(root);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 000", "67, 067", "999, 999", "1000, x001/000", "1234067, x001/x234/067"})
  void numbersOfTilesAreWrittenInGroups(long number, String written) {
    assertThat(TileProof.written(number)).isEqualTo(written);
  }

  @Test
  void aTileThatIsTooShortIsRefused() {
    assertThatThrownBy(() -> TileProof.path(0, 300, path -> Arrays.copyOf(new byte[0], 64)))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_ENTRY_INVALID));
  }
}
