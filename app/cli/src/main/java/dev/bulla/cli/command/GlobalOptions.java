package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.List;
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

  /** Of a {@link HomeCommand}. */
  @Nullable String records;

  /** Of a {@link HomeCommand}. */
  @Nullable String blobs;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  /**
   * Looks for {@code --output json} in words that could not be parsed to their end, so that the
   * mistake is told in the form that was asked for.
   */
  public void outputOf(List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      boolean apart = words.get(i).equals("--output") && i + 1 < words.size();
      if (words.get(i).equals("--output=json") || apart && words.get(i + 1).equals("json")) {
        output = "json";
      }
    }
  }

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
