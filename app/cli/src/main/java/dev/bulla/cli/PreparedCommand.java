package dev.bulla.cli;

import dev.bulla.cli.command.Command;
import picocli.CommandLine;

/** A command and the parser of its words, for one run: a second would see what the first left. */
record PreparedCommand(Command command, CommandLine parser) {

  static PreparedCommand of(Commands.Entry entry) {
    Command command = Commands.create(entry);
    CommandLine parser = new CommandLine(command);
    parser.setCommandName("bulla " + entry.name());
    parser.setUsageHelpWidth(100);
    parser.setUsageHelpAutoWidth(false);
    parser.setAbbreviatedOptionsAllowed(false);
    parser.setOverwrittenOptionsAllowed(false);
    parser.setExpandAtFiles(false); // would be looked for where this process is
    return new PreparedCommand(command, parser);
  }
}
