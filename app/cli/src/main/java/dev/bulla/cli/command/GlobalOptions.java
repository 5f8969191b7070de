package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every command understands. */
public final class GlobalOptions {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "Data directory (default: $BULLA_HOME, else ~/.bulla).")
  @Nullable String home;

  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text for people, or json: one document on standard output.")
  String output = "text";

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  /**
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public void check() {
    if (!output.equals("text") && !output.equals("json")) {
      throw new BullaException(
          ErrorCode.USAGE, "--output is '" + Shown.text(output) + "', expected text or json");
    }
  }
}
