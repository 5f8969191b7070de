package dev.bulla.cli;

import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Has the next run of a command ready before it is asked for: making a parser out of annotations is
 * a third of what a short command costs. Thread-safe.
 */
final class PreparedCommands {
  /** For callers at the same time; more have theirs made. */
  private static final int KEPT = 2;

  private final Map<String, BlockingQueue<PreparedCommand>> ready = new ConcurrentHashMap<>();

  /** One that nobody has used. */
  PreparedCommand take(Commands.Entry entry) {
    PreparedCommand one = of(entry).poll();
    return one == null ? PreparedCommand.of(entry) : one;
  }

  /** Makes one for the next caller, beside whatever runs now. */
  void prepare(Commands.Entry entry) {
    BlockingQueue<PreparedCommand> kept = of(entry);
    if (kept.remainingCapacity() > 0) {
      Thread.ofVirtual().start(() -> kept.offer(PreparedCommand.of(entry)));
    }
  }

  private BlockingQueue<PreparedCommand> of(Commands.Entry entry) {
    return ready.computeIfAbsent(entry.name(), any -> new LinkedBlockingQueue<>(KEPT));
  }
}
