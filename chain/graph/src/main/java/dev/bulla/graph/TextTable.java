package dev.bulla.graph;

import dev.bulla.core.Shown;
import java.util.ArrayList;
import java.util.List;

/**
 * A table in plain text: columns as wide as their widest cell, cells of several lines, no trailing
 * blanks.
 */
final class TextTable {
  private static final String GAP = "  ";

  private final int columns;
  private final List<List<List<String>>> rows = new ArrayList<>();

  TextTable(String... titles) {
    columns = titles.length;
    row(List.of(titles).stream().map(List::of).toList());
  }

  /** One row; each cell is a list of lines. Outside text is made safe here. */
  TextTable row(List<List<String>> cells) {
    if (cells.size() != columns) {
      throw new IllegalArgumentException(cells.size() + " cells for " + columns + " columns");
    }
    rows.add(cells.stream().map(lines -> lines.stream().map(Shown::text).toList()).toList());
    return this;
  }

  @Override
  public String toString() {
    int[] widths = new int[columns];
    for (List<List<String>> row : rows) {
      for (int c = 0; c < columns; c++) {
        for (String line : row.get(c)) {
          widths[c] = Math.max(widths[c], line.codePointCount(0, line.length()));
        }
      }
    }
    StringBuilder text = new StringBuilder();
    rows.forEach(row -> append(text, row, widths));
    return text.toString();
  }

  private void append(StringBuilder text, List<List<String>> row, int[] widths) {
    int height = row.stream().mapToInt(List::size).max().orElse(0);
    for (int line = 0; line < height; line++) {
      StringBuilder out = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        String cell = line < row.get(c).size() ? row.get(c).get(line) : "";
        out.append(cell);
        out.repeat(' ', widths[c] - cell.codePointCount(0, cell.length()));
        out.append(GAP);
      }
      text.append(out.toString().stripTrailing()).append('\n');
    }
  }
}
