package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Yaml;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import tools.jackson.databind.JsonNode;

/**
 * Options of a command in a YAML file: a mapping from their names, without the dashes. What the
 * command line or the environment says goes before it. Nothing else may stand in it.
 */
final class SettingsFile {
  private static final Set<String> NOT_HERE = Set.of("config", "output", "help");
  private static final Map<String, String> VARIABLES =
      Map.of("home", "BULLA_HOME", "records", "BULLA_RECORDS", "blobs", "BULLA_BLOBS");

  private final String written;
  private final Fields fields;

  private SettingsFile(String written, Fields fields) {
    this.written = written;
    this.fields = fields;
  }

  /**
   * Sets the options that a file names and nothing else has set.
   *
   * @param written as the user names the file
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#FIELD_UNKNOWN} with
   *     the nearest name, {@link ErrorCode#FIELD_INVALID}
   */
  static void apply(Session session, CommandSpec command, String written) {
    Map<String, OptionSpec> options = new TreeMap<>();
    for (OptionSpec option : command.options()) {
      String name = option.longestName().substring(2);
      if (!option.hidden() && !NOT_HERE.contains(name)) {
        options.put(name, option);
      }
    }
    Fields fields =
        Fields.of(Yaml.parse(InputFiles.read(session, written), written), written)
            .only(options.keySet().toArray(String[]::new));
    SettingsFile file = new SettingsFile(written, fields);
    options.forEach((name, option) -> {
      Optional<Object> value = file.value(name, option);
      boolean said =
          command.commandLine().getParseResult().hasMatchedOption(option)
              || isSet(session, VARIABLES.get(name));
      if (value.isPresent() && !said) {
        option.setValue(value.get());
      }
    });
  }

  private static boolean isSet(
      Session session, @org.jspecify.annotations.Nullable String variable) {
    return variable != null
        && !session.invocation().environment().getOrDefault(variable, "").isEmpty();
  }

  /** Of the type that the option has; what the command line would win over is looked at, too. */
  private Optional<Object> value(String name, OptionSpec option) {
    if (option.isMultiValue()) {
      JsonNode node = fields.node().path(name);
      List<String> all = node.isString() ? List.of(node.stringValue()) : fields.strings(name);
      return all.isEmpty() ? Optional.empty() : Optional.of(all);
    }
    if (option.type() == int.class) {
      return fields.optionalInteger(name).map(this::number);
    }
    return fields.optionalString(name).map(Object.class::cast);
  }

  private Object number(long value) {
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new BullaException(
          ErrorCode.FIELD_INVALID,
          "%s: %d is no number from 0 to %d".formatted(written, value, Integer.MAX_VALUE));
    }
    return (int) value;
  }
}
