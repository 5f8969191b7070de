package dev.bulla.signing.plugin;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.signing.program.OutsideProgram;
import java.nio.file.Path;
import java.util.List;

/**
 * One question to a plugin: the request goes to standard input, the answer comes from standard
 * output, an error from standard error.
 */
final class PluginProcess {
  /** What notation reads of an answer: 64 MiB. */
  static final int MAX_OUTPUT = 64 * 1024 * 1024;

  private static final int MAX_SHOWN = 300;

  private PluginProcess() {}

  /**
   * What the plugin answers to {@code request}, as the host reads it: strict JSON.
   *
   * @throws BullaException {@link ErrorCode#PLUGIN_FAILED} if it ends with an error or not in time;
   *     {@link ErrorCode#PLUGIN_REFUSED} if its answer is not one JSON object within the limit
   */
  static Fields ask(
      Plugin plugin, Path executable, PluginHost host, String command, byte[] request) {
    String name = plugin.name();
    OutsideProgram program =
        new OutsideProgram(
            executable, host.workingDirectory(), host.environment(), host.time(), MAX_OUTPUT);
    return switch (program.run(List.of(command), request)) {
      case OutsideProgram.Flooded ignored ->
          throw refused(
              name, "its answer to %s has more than %d bytes".formatted(command, MAX_OUTPUT));
      case OutsideProgram.Stopped(String why, var ignored) ->
          throw failed(name, "asked for %s, it %s".formatted(command, why));
      case OutsideProgram.Ended ended when ended.exitCode() != 0 ->
          throw error(name, command, ended);
      case OutsideProgram.Ended ended -> parsed(name, command, ended.out());
    };
  }

  private static Fields parsed(String plugin, String command, byte[] answer) {
    try {
      return Fields.of(Json.parse(answer, "answer"), "answer");
    } catch (BullaException e) {
      throw refused(plugin, "its answer to %s is unusable: %s".formatted(command, e.reason()));
    }
  }

  /** What it says on standard error, by the protocol or in its own words. */
  private static BullaException error(String plugin, String command, OutsideProgram.Ended ended) {
    String how = "it ended %s with exit code %d".formatted(command, ended.exitCode());
    try {
      Fields fields = Fields.of(Json.parse(ended.err(), "error"), "error");
      String message = fields.optionalString("errorMessage").orElse("");
      return failed(
          plugin, "%s: %s %s".formatted(how, shown(fields.string("errorCode")), shown(message)));
    } catch (BullaException e) {
      return failed(plugin, ended.said().isEmpty() ? how : how + ": " + shown(ended.said()));
    }
  }

  private static String shown(String text) {
    return Shown.text(text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text);
  }

  static BullaException refused(String plugin, String why) {
    return new BullaException(
        ErrorCode.PLUGIN_REFUSED,
        "plugin %s: %s".formatted(plugin, why),
        "Install the plugin anew from its maker, or use another.");
  }

  static BullaException failed(String plugin, String why) {
    return new BullaException(ErrorCode.PLUGIN_FAILED, "plugin %s: %s".formatted(plugin, why));
  }
}
