package dev.bulla.signing.kms;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.signing.program.OutsideProgram;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * One program that holds keys: each call starts it once, with the version of the protocol and the
 * request as arguments and the message on standard input, and reads one JSON object from its
 * standard output. Its exit code says nothing (so the protocol); what it writes to standard error
 * is shown if it gives no answer.
 *
 * @param time how long one call may take; long enough for a person to touch a token
 */
record KmsProgram(
    String name, Path executable, Path directory, Map<String, String> environment, Duration time) {
  static final String PROTOCOL = "v1";

  private static final int MAX_ANSWER = 1024 * 1024;

  /**
   * @throws BullaException {@link ErrorCode#KEY_INVALID} naming the program and what was wrong
   */
  Fields ask(ObjectNode request, byte[] message) {
    OutsideProgram program =
        new OutsideProgram(executable, directory, environment, time, MAX_ANSWER);
    String written = new String(Json.write(request), StandardCharsets.UTF_8);
    OutsideProgram.Run run = program.run(List.of(PROTOCOL, written), message);
    return switch (run) {
      case OutsideProgram.Flooded ignored ->
          throw failed("has written more than %d bytes".formatted(MAX_ANSWER), run);
      case OutsideProgram.Stopped(String why, var ignored) -> throw failed(why, run);
      case OutsideProgram.Ended ended -> parsed(ended);
    };
  }

  private Fields parsed(OutsideProgram.Ended ended) {
    Fields fields;
    try {
      fields = Fields.of(Json.parse(ended.out(), "answer"), "answer");
    } catch (BullaException e) {
      throw failed("gives no usable answer: " + e.reason(), ended);
    }
    String error = fields.optionalString("errorMessage").orElse("");
    if (!error.isEmpty()) {
      throw failed("refuses: " + Shown.text(error), ended);
    }
    return fields;
  }

  /** The failure of this program, with what it said of it itself. */
  private BullaException failed(String what, OutsideProgram.Run run) {
    return new BullaException(
        ErrorCode.KEY_INVALID,
        "%s: the program %s %s".formatted(name, executable.getFileName(), what),
        run.said().isEmpty()
            ? "Try the same key with cosign."
            : "It says: " + Shown.text(run.said()));
  }
}
