package dev.bulla.signing.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Names that mean another file in each process: {@code /dev/stdin}, what a shell makes of {@code
 * <(…)}, {@code /proc/self}. In a resident process they would be its own files, not the caller's.
 */
public final class ProcessFiles {
  private static final int MAX_LINKS = 40;
  private static final List<Path> PLACES = List.of(Path.of("/dev"), Path.of("/proc"));

  private ProcessFiles() {}

  /**
   * Whether a name leads to such a file, itself or by links.
   *
   * @param directory where a relative name begins
   */
  public static boolean leadsThere(String value, Path directory) {
    try {
      Path path = Path.of(value);
      Deque<Path> rest = new ArrayDeque<>();
      path.forEach(rest::add);
      return leadsThere(path.isAbsolute() ? path.getRoot() : directory, rest);
    } catch (InvalidPathException e) {
      return true; // its own process may know better
    } catch (IOException e) {
      return false; // gone in between: then it is no file
    }
  }

  /** Walks as the system does, for the real path of an open file no longer tells the way. */
  private static boolean leadsThere(Path from, Deque<Path> rest) throws IOException {
    Path at = from;
    int links = 0;
    while (!rest.isEmpty()) {
      Path name = rest.pop();
      Path next = name.toString().equals("..") && at.getParent() != null ? at.getParent() : at;
      next = List.of("", ".", "..").contains(name.toString()) ? next : at.resolve(name);
      if (PLACES.stream().anyMatch(next::startsWith)) {
        return true;
      }
      if (!Files.isSymbolicLink(next)) {
        at = next;
      } else if (++links > MAX_LINKS) {
        return false;
      } else {
        Path target = Files.readSymbolicLink(next);
        at = target.isAbsolute() ? target.getRoot() : at;
        List<Path> names = new ArrayList<>();
        target.forEach(names::add);
        names.reversed().forEach(rest::push);
      }
    }
    return false;
  }
}
