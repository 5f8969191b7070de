package dev.bulla.server;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Everything that a command may depend on. A command run twice with equal invocations on an equal
 * world does the same, whether in a process of its own or in a resident one.
 *
 * @param workingDirectory against which relative paths are resolved; absolute
 * @param environment the caller's, not this process's
 * @param in standard input of the caller
 * @param out where the one result document goes
 * @param err where everything else goes: progress, hints, errors
 * @param terminal whether {@code err} is a terminal that understands ANSI sequences
 */
public record Invocation(
    List<String> arguments,
    Path workingDirectory,
    Map<String, String> environment,
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean terminal) {
  public Invocation {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
    if (!workingDirectory.isAbsolute()) {
      throw new IllegalArgumentException("the working directory must be absolute");
    }
  }

  /** Whether a terminal shows colours and moves its cursor for this user. */
  public static boolean understandsAnsi(boolean terminal, Map<String, String> environment) {
    return terminal
        && !environment.getOrDefault("TERM", "dumb").equals("dumb")
        && !environment.containsKey("NO_COLOR");
  }

  /** The same caller with other words. */
  public Invocation withArguments(List<String> value) {
    return new Invocation(value, workingDirectory, environment, in, out, err, terminal);
  }
}
