package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** A command that adds, lists and removes what has a name. */
abstract class EntriesCommand extends HomeCommand {
  @CommandLine.Parameters(index = "0", paramLabel = "add|list|remove", description = "What to do.")
  String verb = "";

  @Override
  public final int run(Session session) {
    return switch (verb) {
      case "add" -> add(session);
      case "list" -> list(session);
      case "remove" -> remove(session);
      default ->
          throw new BullaException(
              ErrorCode.USAGE, "'" + Shown.text(verb) + "' is neither add, list nor remove");
    };
  }

  abstract int add(Session session);

  abstract int list(Session session);

  abstract int remove(Session session);

  /**
   * The name that was given.
   *
   * @param what it names, for the refusal if there is none
   */
  final String required(@Nullable String name, String what) {
    if (name == null) {
      throw new BullaException(ErrorCode.USAGE, verb + " needs " + what);
    }
    return name;
  }
}
