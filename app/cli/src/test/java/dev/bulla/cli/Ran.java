package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/** What a run of a command came to. */
record Ran(String words, int code, String out, String err) {

  Ran ok() {
    return ended(0);
  }

  Ran ended(int expected) {
    assertThat(code).as("exit code of '%s'%n%s%n%s", words, out, err).isEqualTo(expected);
    return this;
  }

  /**
   * Ended with the exit code of {@code expected}, named it, and put nothing but text for people on
   * standard error.
   */
  Ran failed(ErrorCode expected) {
    assertThat(err).as("standard error of '%s'", words).contains("[" + expected.id() + "]");
    assertThat(err).as("no fault of the program in '%s'", words).doesNotContain("internal error");
    return ended(expected.exitCode());
  }

  /**
   * Standard output as the one JSON document that it has to be: trailing text is refused by the
   * parser.
   */
  JsonNode json() {
    return Json.parse(out.getBytes(StandardCharsets.UTF_8), "standard output of '" + words + "'");
  }
}
