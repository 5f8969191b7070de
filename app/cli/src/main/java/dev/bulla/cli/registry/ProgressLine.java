package dev.bulla.cli.registry;

import dev.bulla.cli.command.Session;
import dev.bulla.registry.Progress;

/** Progress on standard error: a line that changes on a terminal, nothing elsewhere. */
final class ProgressLine implements Progress, AutoCloseable {
  private static final long REDRAW_NANOS = 100_000_000;

  private final Session session;
  private boolean drawn;
  private long last;

  ProgressLine(Session session) {
    this.session = session;
  }

  @Override
  public void at(String stage, long done, long total) {
    long now = System.nanoTime();
    if (session.invocation().terminal() && now - last > REDRAW_NANOS) {
      last = now;
      drawn = true;
      String count = total == 0 ? "" : " %d of %d".formatted(done, total);
      session.err().print("\r\u001b[K  … " + stage + count);
      session.err().flush();
    }
  }

  @Override
  public void close() {
    if (drawn) {
      session.err().print("\r\u001b[K");
      session.err().flush();
    }
  }
}
