package dev.bulla.cli;

import dev.bulla.server.Invocation;
import dev.bulla.signing.trust.ProcessFiles;
import java.util.List;
import java.util.stream.Stream;

/** Whether the words of a command name {@link ProcessFiles}, which a resident process has not. */
final class OwnFiles {
  private OwnFiles() {}

  /** Whether a word or a variable may name such a file, itself or as a link. */
  static boolean areNamed(List<String> words, Invocation invocation) {
    return Stream.concat(
            words.stream().flatMap(OwnFiles::values),
            invocation.environment().values().stream().filter(value -> value.startsWith("/")))
        .anyMatch(value -> ProcessFiles.leadsThere(value, invocation.workingDirectory()));
  }

  /** A word, and what may be an option's value in it: {@code --key=VALUE}, {@code -fVALUE}. */
  private static Stream<String> values(String word) {
    if (!word.startsWith("-")) {
      return Stream.of(word);
    }
    int end = word.indexOf('=');
    return Stream.of(word.substring(Math.min(2, word.length())), word.substring(end + 1));
  }
}
