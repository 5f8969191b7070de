package dev.bulla.rules;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;

/**
 * The result of a list concatenation. CEL's {@code map} and {@code filter} build their result by
 * {@code list + [x]}, once per element; copying each time would be quadratic. So lists that grew
 * out of one another share a buffer, each seeing its first {@link #length} elements; only the
 * longest may extend the buffer in place, any other copies. Values never change.
 *
 * <p>Confined to the evaluating thread while it grows.
 */
final class Grown extends AbstractList<Object> implements RandomAccess {
  private final ArrayList<Object> buffer;
  private final int length;

  private Grown(ArrayList<Object> buffer) {
    this.buffer = buffer;
    this.length = buffer.size();
  }

  /** {@code a + b}, paid for by what is copied. */
  static List<Object> concatenate(List<?> a, List<?> b, Budget budget) {
    long size = (long) a.size() + b.size();
    if (a instanceof Grown grown && grown.length == grown.buffer.size()) {
      budget.make(size, b.size(), "list");
      grown.buffer.addAll(b);
      return new Grown(grown.buffer);
    }
    budget.make(size, size, "list");
    ArrayList<Object> buffer = new ArrayList<>((int) size);
    buffer.addAll(a);
    buffer.addAll(b);
    return new Grown(buffer);
  }

  @Override
  public Object get(int index) {
    java.util.Objects.checkIndex(index, length);
    return buffer.get(index);
  }

  @Override
  public int size() {
    return length;
  }
}
