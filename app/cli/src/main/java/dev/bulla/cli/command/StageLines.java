package dev.bulla.cli.command;

import dev.bulla.pipeline.ShipListener;
import dev.bulla.pipeline.Stage;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * Shows stages while they run: a line that changes on a terminal, plain finished lines elsewhere.
 */
final class StageLines implements ShipListener {
  private static final int WIDTH = 100;
  private static final long REDRAW_NANOS = 80_000_000;

  private final PrintStream out;
  private final boolean terminal;
  private long lastDrawn;

  StageLines(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public void started(Stage stage) {
    draw("  … " + stage.label());
  }

  @Override
  public void progress(Stage stage, String text) {
    long now = System.nanoTime();
    if (now - lastDrawn > REDRAW_NANOS) {
      lastDrawn = now;
      draw("  … %-24s %s".formatted(stage.label(), text));
    }
  }

  @Override
  public void ended(Stage stage, boolean refused, Duration took, String result) {
    draw("");
    out.println(
        String.format(
            Locale.ROOT,
            "  %s %-24s %6.2f s  %s",
            refused ? "✗" : "✓",
            stage.label(),
            took.toNanos() / 1e9,
            result));
    out.flush();
  }

  private void draw(String line) {
    if (terminal) {
      String shown = line.length() > WIDTH ? line.substring(0, WIDTH - 1) + "…" : line;
      out.print("\r\u001b[K" + shown);
      out.flush();
    }
  }
}
