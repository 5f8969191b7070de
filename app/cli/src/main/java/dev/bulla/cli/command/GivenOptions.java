package dev.bulla.cli.command;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options of {@link JudgeOptions} that were given, by their longest names, so that they can be
 * written down and given again.
 *
 * @param values of each option, in order; one empty value for an option that takes none
 */
record GivenOptions(Map<String, List<String>> values) {

  static GivenOptions of(JudgeOptions options) {
    CommandSpec given = CommandSpec.forAnnotatedObject(options);
    CommandSpec fresh = CommandSpec.forAnnotatedObject(new JudgeOptions());
    Map<String, List<String>> all = new LinkedHashMap<>();
    given.options().stream()
        .sorted(Comparator.comparing(OptionSpec::longestName))
        .forEach(option -> {
          Object value = option.getValue();
          Object before = fresh.findOption(option.longestName()).getValue();
          if (value != null && !Objects.equals(value, before)) {
            all.put(option.longestName(), strings(value));
          }
        });
    return new GivenOptions(all);
  }

  private static List<String> strings(Object value) {
    if (value instanceof Collection<?> many) {
      return many.stream().map(String::valueOf).toList();
    }
    return List.of(value instanceof Boolean ? "" : value.toString());
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** The only or first value. */
  String value(String name) {
    return values.getOrDefault(name, List.of("")).getFirst();
  }

  /** Whether somebody is named who is believed. */
  boolean nameTrust() {
    return has("--trust")
        || has("--key")
        || has("--trust-policy")
        || has("--notation-config")
        || namesIdentity();
  }

  boolean namesIdentity() {
    return values.keySet().stream()
        .anyMatch(name ->
            name.startsWith("--certificate-identity") || name.startsWith("--certificate-oidc"));
  }

  /** As a command line has them. */
  List<String> arguments() {
    List<String> all = new ArrayList<>();
    values.forEach((name, each) ->
        each.forEach(value -> all.add(value.isEmpty() ? name : name + "=" + value)));
    return all;
  }
}
