package dev.bulla.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every source is as google-java-format writes it; {@code -Dformat=apply} makes it so. */
class FormatTest {
  @Test
  void everySourceIsFormatted() throws IOException {
    boolean apply = "apply".equals(System.getProperty("format"));
    List<Path> unformatted =
        Sources.java().parallelStream().filter(file -> !isFormatted(file)).toList();
    if (apply) {
      for (Path file : unformatted) {
        Files.writeString(file, formatted(file));
      }
      return;
    }
    assertThat(unformatted)
        .map(Sources.root()::relativize)
        .as(
            "run 'mvn -pl dist -am test -Dtest=FormatTest -Dformat=apply"
                + " -Dsurefire.failIfNoSpecifiedTests=false'")
        .isEmpty();
  }

  private static boolean isFormatted(Path file) {
    try {
      return Files.readString(file).equals(formatted(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String formatted(Path file) throws IOException {
    try {
      return new Formatter().formatSourceAndFixImports(Files.readString(file));
    } catch (FormatterException e) {
      throw new IOException(file + " cannot be read as Java", e);
    }
  }
}
