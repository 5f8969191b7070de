package dev.bulla.cli;

import dev.bulla.cli.command.Command;
import dev.bulla.cli.command.GlobalOptions;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Nearest;
import dev.bulla.keys.CryptoProvider;
import dev.bulla.server.CommandRunner;
import dev.bulla.server.Invocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/** Finds the command that the first word names, and runs it. */
public final class Bulla implements CommandRunner {
  private final Optional<PreparedCommands> prepared;

  /** For one command. */
  public Bulla() {
    this(Optional.empty());
  }

  private Bulla(Optional<PreparedCommands> prepared) {
    this.prepared = prepared;
  }

  /** For a process that runs commands for many callers. */
  static Bulla resident() {
    return new Bulla(Optional.of(new PreparedCommands()));
  }

  @Override
  public int run(Invocation invocation) {
    List<String> words = commandFirst(invocation.arguments());
    if (words.isEmpty() || isHelp(words)) {
      help(
          words.size() > 1 && words.get(0).equals("help") ? words.subList(1, words.size()) : words,
          invocation);
      return words.isEmpty() ? ErrorCode.USAGE.exitCode() : 0;
    }
    if (isVersion(words)) {
      invocation.out().println("bulla " + Session.VERSION);
      return 0;
    }
    int length = Commands.isGroup(words.get(0)) ? 2 : 1;
    List<String> rest = words.subList(Math.min(length, words.size()), words.size());
    return Commands.find(name(words))
        .map(entry -> run(entry, invocation.withArguments(rest)))
        .orElseGet(() -> unknown(invocation, words));
  }

  /** The name of a command: one word, or two where the first is that of a group. */
  private static String name(List<String> words) {
    return words.size() > 1 && Commands.isGroup(words.get(0))
        ? words.get(0) + " " + words.get(1)
        : words.get(0);
  }

  @Override
  public boolean mayRunResident(Invocation invocation) {
    List<String> words = commandFirst(invocation.arguments());
    return !words.isEmpty()
        && (isHelp(words) || isVersion(words) || HandOver.takes(name(words), words, invocation));
  }

  /** Whether the command uses nothing that has to be tidied up when the process ends. */
  static boolean leavesNothing(List<String> arguments) {
    List<String> words = commandFirst(arguments);
    return words.isEmpty()
        || isHelp(words)
        || isVersion(words)
        || !CryptoProvider.isNative() && List.of("verify", "verify-blob").contains(name(words));
  }

  private int run(Commands.Entry entry, Invocation invocation) {
    if (prepared.isEmpty()) {
      return run(entry, PreparedCommand.of(entry), invocation);
    }
    try {
      return run(entry, prepared.get().take(entry), invocation);
    } finally {
      prepared.get().prepare(entry);
    }
  }

  private static int run(Commands.Entry entry, PreparedCommand prepared, Invocation invocation) {
    Command command = prepared.command();
    CommandLine parser = prepared.parser();
    Session session = new Session(invocation, command.global());
    try {
      CommandLine.ParseResult result =
          parser.parseArgs(invocation.arguments().toArray(String[]::new));
      if (CommandLine.printHelpIfRequested(
          result.asCommandLineList(),
          invocation.out(),
          invocation.err(),
          CommandLine.Help.Ansi.OFF)) {
        return 0;
      }
      command.global().check();
      return command.run(session);
    } catch (CommandLine.ParameterException e) {
      command.global().outputOf(invocation.arguments());
      return session.fail(
          new BullaException(
              ErrorCode.USAGE,
              "%s: %s".formatted(entry.name(), e.getMessage()),
              suggestion(e, parser).orElse("See 'bulla " + entry.name() + " --help'.")));
    } catch (BullaException e) {
      return session.fail(e);
    } catch (StackOverflowError | OutOfMemoryError e) {
      return session.fail(
          new BullaException(
              ErrorCode.INTERNAL,
              entry.name() + ": " + e,
              "Give the Java runtime more: BULLA_JAVA_OPTS=-Xmx4g.",
              e));
    } catch (RuntimeException e) {
      return session.bug(e);
    }
  }

  private static Optional<String> suggestion(CommandLine.ParameterException e, CommandLine parser) {
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched
        && !unmatched.getUnmatched().isEmpty()) {
      return Nearest.to(
              unmatched.getUnmatched().get(0), parser.getCommandSpec().optionsMap().keySet())
          .map(near -> "Did you mean '" + near + "'?");
    }
    return Optional.empty();
  }

  /** Global options may stand before the command: they move behind it. */
  private static List<String> commandFirst(List<String> words) {
    List<String> options = new ArrayList<>();
    int i = 0;
    while (i < words.size()) {
      String word = words.get(i);
      if (word.equals("--home") || word.equals("--output")) {
        options.add(word);
        if (i + 1 < words.size()) {
          options.add(words.get(i + 1));
        }
        i += 2;
      } else if (word.startsWith("--home=") || word.startsWith("--output=")) {
        options.add(word);
        i++;
      } else {
        break;
      }
    }
    if (i == 0 || i >= words.size()) {
      return words;
    }
    if (isHelp(words.subList(i, words.size()))) {
      return words.subList(i, words.size());
    }
    List<String> reordered = new ArrayList<>(words.subList(i, words.size()));
    boolean two = reordered.size() > 1 && Commands.isGroup(reordered.get(0));
    reordered.addAll(two ? 2 : 1, options);
    return reordered;
  }

  private static boolean isHelp(List<String> words) {
    String first = words.get(0);
    return first.equals("--help") || first.equals("-h") || first.equals("help");
  }

  private static boolean isVersion(List<String> words) {
    return List.of("--version", "-V", "version").contains(words.get(0));
  }

  private static int unknown(Invocation invocation, List<String> words) {
    GlobalOptions global = new GlobalOptions();
    global.outputOf(words);
    if (Commands.isGroup(words.get(0))) {
      return unknownMember(new Session(invocation, global), words);
    }
    return new Session(invocation, global)
        .fail(
            new BullaException(
                ErrorCode.USAGE,
                "'%s' is not a command".formatted(Shown.text(words.get(0))),
                Nearest.to(words.get(0), Commands.names())
                        .map(near -> "Did you mean '" + near + "'? ")
                        .orElse("")
                    + "See 'bulla --help'."));
  }

  private static int unknownMember(Session session, List<String> words) {
    List<String> members = Commands.members(words.get(0));
    String known = "'bulla %s' has: %s.".formatted(words.get(0), String.join(", ", members));
    if (words.size() > 1 && isHelp(words.subList(1, words.size()))) {
      session.print(known + "\n");
      return 0;
    }
    return session.fail(
        new BullaException(
            ErrorCode.USAGE,
            words.size() == 1
                ? "'%s' is not a command alone".formatted(words.get(0))
                : "'%s %s' is not a command".formatted(words.get(0), Shown.text(words.get(1))),
            known));
  }

  private static void help(List<String> of, Invocation invocation) {
    Optional<Commands.Entry> entry = of.isEmpty() ? Optional.empty() : Commands.find(name(of));
    if (entry.isPresent()) {
      PreparedCommand.of(entry.get()).parser().usage(invocation.out(), CommandLine.Help.Ansi.OFF);
    } else {
      invocation.out().print(Commands.overview());
    }
  }
}
