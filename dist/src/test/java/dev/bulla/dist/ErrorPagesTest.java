package dev.bulla.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each error code has its page, and no page stands for a code that is gone. */
class ErrorPagesTest {
  @ParameterizedTest
  @EnumSource
  void hasAPage(ErrorCode code) throws IOException {
    Path page = Sources.root().resolve(code.page());
    assertThat(page).isRegularFile();
    String text = Files.readString(page);
    assertThat(text).contains(code.id());
    assertThat(text.lines().count()).as("lines of %s", page).isGreaterThan(6);
  }

  @Test
  void noPageIsLeftOver() throws IOException {
    Set<String> known =
        Arrays.stream(ErrorCode.values())
            .map(code -> code.id() + ".md")
            .collect(Collectors.toSet());
    known.add("README.md");
    try (Stream<Path> pages = Files.list(Sources.root().resolve("docs/errors"))) {
      assertThat(pages.map(page -> page.getFileName().toString())).isSubsetOf(known);
    }
  }
}
