package dev.bulla.web;

import java.io.IOException;
import tools.jackson.databind.JsonNode;

/** Writes problems in the form of one protocol; chosen by the longest path prefix. */
@FunctionalInterface
public interface ErrorWriter {
  void write(Exchange exchange, Problem problem) throws IOException;

  /** The media type of {@link #broken}. */
  default String type() {
    return ProblemDetails.TYPE;
  }

  /** The body of the answer to a request that could not even be read as one. */
  default JsonNode broken(Problem problem) {
    return ProblemDetails.body(problem);
  }
}
