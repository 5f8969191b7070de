package dev.bulla.registry;

import dev.bulla.core.Digest;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * Keeps collection away from a blob between the moment its file is published and the moment it is
 * linked.
 *
 * <p>A file and its row cannot change in one transaction. So whoever publishes and links holds the
 * digest shared, and whoever forgets the row and retires the file holds it exclusively. Pushers
 * never wait for each other; collection never waits at all: what is being pushed is no garbage, so
 * it passes over what it cannot have at once.
 */
interface BlobLocks {

  /** Runs {@code work} while no blob of this digest can be collected. */
  <T> T shared(Digest digest, Function<Held, T> work);

  /** Runs {@code work} on those of {@code digests} that nobody is pushing just now. */
  void exclusive(List<Digest> digests, Consumer<List<Digest>> work);

  /** A digest that is held shared. */
  @FunctionalInterface
  interface Held {
    /**
     * Ends the holding as part of the transaction that links the blob.
     *
     * @throws dev.bulla.core.BullaException {@code CONFLICT} if it was lost meanwhile
     */
    void settle(Handle handle);
  }
}
