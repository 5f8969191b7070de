package dev.bulla.signing.program;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Processes that a program has left behind: no longer its descendants once it has ended, but on
 * Linux still to be known by a mark in their environment. Elsewhere they are not found.
 */
final class Strays {
  /** The variable that marks all processes of one run. */
  static final String MARK = "BULLA_PROGRAM_RUN";

  private Strays() {}

  static void kill(String mark) {
    marked(mark).forEach(ProcessHandle::destroyForcibly);
  }

  /** Whether there is one whose standard output or standard error is a pipe, as the run's are. */
  static boolean write(String mark) {
    return marked(mark).anyMatch(one -> isPipe(one, 1) || isPipe(one, 2));
  }

  private static boolean isPipe(ProcessHandle process, int descriptor) {
    Path link = Path.of("/proc", Long.toString(process.pid()), "fd", Integer.toString(descriptor));
    try {
      return Files.readSymbolicLink(link).toString().startsWith("pipe:");
    } catch (IOException e) {
      return false; // closed, or the process is gone
    }
  }

  private static Stream<ProcessHandle> marked(String mark) {
    byte[] wanted = (MARK + "=" + mark).getBytes(StandardCharsets.US_ASCII);
    return ProcessHandle.allProcesses()
        .filter(one -> one.pid() != ProcessHandle.current().pid())
        .filter(one -> carries(Path.of("/proc", Long.toString(one.pid()), "environ"), wanted));
  }

  private static boolean carries(Path environment, byte[] wanted) {
    byte[] variables;
    try {
      variables = Files.readAllBytes(environment);
    } catch (IOException e) {
      return false; // somebody else's, or gone, or another system
    }
    int from = 0;
    for (int at = 0; at <= variables.length; at++) {
      if (at == variables.length || variables[at] == 0) {
        if (Arrays.equals(variables, from, at, wanted, 0, wanted.length)) {
          return true;
        }
        from = at + 1;
      }
    }
    return false;
  }
}
