package dev.bulla.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every source is as google-java-format writes it; {@code -Dformat=apply} makes it so. */
class FormatTest {
  @Test
  void everySourceIsFormatted() throws IOException, FormatterException {
    boolean apply = "apply".equals(System.getProperty("format"));
    Formatter formatter = new Formatter();
    List<Path> unformatted = new ArrayList<>();
    for (Path file : Sources.java()) {
      String source = Files.readString(file);
      String formatted =
          formatter.formatSourceAndFixImports(RemoveUnusedImports.removeUnusedImports(source));
      if (!source.equals(formatted)) {
        if (apply) {
          Files.writeString(file, formatted);
        } else {
          unformatted.add(Sources.root().relativize(file));
        }
      }
    }
    assertThat(unformatted)
        .as(
            "run 'mvn -pl dist -am test -Dtest=FormatTest -Dformat=apply"
                + " -Dsurefire.failIfNoSpecifiedTests=false'")
        .isEmpty();
  }
}
