package dev.bulla.graph;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Turns "one row more than asked for" into a page and the cursor of the next. */
final class Paging {
  private Paging() {}

  static <R, T extends Answer> Page<T> page(
      Ask ask, List<R> rows, Function<R, T> answer, Function<R, String> cursor, String note) {
    boolean more = rows.size() > ask.limit();
    List<R> shown = more ? rows.subList(0, ask.limit()) : rows;
    return new Page<>(
        shown.stream().map(answer).toList(),
        more ? Optional.of(cursor.apply(shown.getLast())) : Optional.empty(),
        note);
  }
}
