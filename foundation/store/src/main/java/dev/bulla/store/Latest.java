package dev.bulla.store;

/**
 * Something small that is asked for on every request and changed hardly ever: read once, and again
 * after each change of its topic. Thread-safe.
 *
 * @param <T> what is read
 */
public final class Latest<T> {
  private record Entry<T>(long generation, T value) {}

  private final Records records;
  private final String topic;
  private final Work<T> read;
  private volatile Entry<T> entry;

  /**
   * @param topic which every change of it marks, see {@link Changes}
   * @param read finds it in the records
   */
  public Latest(Records records, String topic, Work<T> read) {
    this.records = records;
    this.topic = topic;
    this.read = read;
    this.entry = fresh();
  }

  public T get() {
    Entry<T> known = entry;
    if (known.generation() == records.changes().generation(topic)) {
      return known.value();
    }
    Entry<T> found = fresh();
    entry = found; // one that is older at worst, which its generation says
    return found.value();
  }

  /** Makes a change of it. */
  public <R> R change(Work<R> work) {
    try {
      return records.write(handle -> {
        R result = work.run(handle);
        records.changes().mark(handle, topic);
        return result;
      });
    } finally {
      records.changes().changed(topic);
    }
  }

  private Entry<T> fresh() {
    long generation = records.changes().generation(topic);
    return new Entry<>(generation, records.read(read));
  }
}
