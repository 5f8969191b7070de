package dev.bulla.store;

/** Connections that read. Thread-safe. */
interface Readers extends AutoCloseable {

  /**
   * Runs {@code work} on one snapshot.
   *
   * @throws dev.bulla.core.BullaException if the database fails
   */
  <T> T read(Work<T> work);

  @Override
  void close();
}
