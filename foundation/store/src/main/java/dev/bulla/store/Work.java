package dev.bulla.store;

import org.jdbi.v3.core.Handle;

/** Some statements that belong together; fails by an unchecked exception. */
@FunctionalInterface
public interface Work<T> {
  T run(Handle handle);
}
