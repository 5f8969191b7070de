package dev.bulla.cli.command;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that opens the stores of a home, which may lie outside it. */
public abstract class HomeCommand extends Command {

  @Option(
      names = "--records",
      paramLabel = "URL",
      description =
          "Where the records are: postgresql://USER@HOST:PORT/DATABASE, shared by several servers,"
              + " or sqlite:FILE (default: $BULLA_RECORDS, else a file in the home). The password"
              + " comes from ?passwordFile=FILE or ~/.pgpass.")
  void records(@Nullable String url) {
    global().records = url;
  }

  @Option(
      names = "--blobs",
      paramLabel = "PLACE",
      description = "Where the blobs are (default: $BULLA_BLOBS, else a directory in the home).")
  void blobs(@Nullable String place) {
    global().blobs = place;
  }
}
