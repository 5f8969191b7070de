package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.plugin.PluginHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where Notation's plugins are and what they are given. */
final class PluginOptions {
  @Option(
      names = "--plugin-directory",
      paramLabel = "DIR",
      description =
          "Where plugins are, as NAME/notation-NAME (default: notation's own, by"
              + " $$NOTATION_LIBEXEC, $$NOTATION_CONFIG or its configuration directory).")
  @Nullable String directory;

  @Option(
      names = "--plugin-config",
      paramLabel = "KEY=VALUE",
      description = "A pair that is passed to the plugin; repeatable. No secrets.")
  List<String> configuration = List.of();

  @Option(
      names = "--plugin-env",
      paramLabel = "NAME",
      description = "A variable of the environment that the plugin sees beside the usual ones.")
  List<String> variables = List.of();

  @Option(
      names = "--plugin-timeout",
      paramLabel = "SECONDS",
      description = "How long one answer of a plugin may take (default: 60).")
  @Nullable Integer timeout;

  boolean given() {
    return directory != null || !configuration.isEmpty() || !variables.isEmpty() || timeout != null;
  }

  Map<String, String> pairs() {
    return Pairs.of(configuration);
  }

  /**
   * @param configDirectory notation's, if a command line names one
   */
  PluginHost host(Session session, Optional<Path> configDirectory) {
    Map<String, String> environment = session.invocation().environment();
    Map<String, String> seen = new TreeMap<>(PluginHost.usual(environment));
    for (String name : variables) {
      String value = environment.get(name);
      if (value == null) {
        throw new BullaException(
            ErrorCode.USAGE, "--plugin-env names " + name + ", which is not set");
      }
      seen.put(name, value);
    }
    return new PluginHost(
        directory(session, configDirectory, environment),
        session.path("."),
        seen,
        timeout == null ? PluginHost.DEFAULT_TIME : Duration.ofSeconds(timeout));
  }

  private Path directory(
      Session session, Optional<Path> configDirectory, Map<String, String> environment) {
    if (directory != null) {
      return session.existing(directory);
    }
    String libexec = environment.getOrDefault("NOTATION_LIBEXEC", "");
    return (libexec.isEmpty() ? configDirectory : Optional.of(session.path(libexec)))
        .orElseGet(() -> NotationPlaces.configuration(session))
        .resolve("plugins");
  }
}
