package dev.bulla.web;

import java.io.IOException;

/** Writes problems in the form of one protocol; chosen by the longest path prefix. */
@FunctionalInterface
public interface ErrorWriter {
  void write(Exchange exchange, Problem problem) throws IOException;
}
