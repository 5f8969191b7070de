package dev.bulla.rules;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A value that is made on first use, by one thread; a failure is not remembered. */
final class Once<T> implements Supplier<T> {
  private final Supplier<T> making;
  private volatile @Nullable T value;

  private Once(Supplier<T> making) {
    this.making = making;
  }

  static <T> Once<T> of(Supplier<T> making) {
    return new Once<>(making);
  }

  @Override
  public T get() {
    T known = value;
    if (known != null) {
      return known;
    }
    synchronized (this) {
      T again = value;
      if (again == null) {
        again = making.get();
        value = again;
      }
      return again;
    }
  }
}
