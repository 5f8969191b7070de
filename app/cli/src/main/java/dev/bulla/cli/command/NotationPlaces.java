package dev.bulla.cli.command;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Where notation keeps its files when nobody names a place. */
final class NotationPlaces {
  private NotationPlaces() {}

  /** {@code $NOTATION_CONFIG}, if it is set. */
  static Optional<Path> named(Session session) {
    String named = session.invocation().environment().getOrDefault("NOTATION_CONFIG", "");
    return named.isEmpty() ? Optional.empty() : Optional.of(session.path(named));
  }

  /** Notation's configuration directory, which need not exist. */
  static Path configuration(Session session) {
    return named(session).orElseGet(() -> usual(session));
  }

  private static Path usual(Session session) {
    Map<String, String> environment = session.invocation().environment();
    String home = environment.getOrDefault("HOME", ".");
    String base = environment.getOrDefault("XDG_CONFIG_HOME", "");
    if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac")) {
      base = home + "/Library/Application Support";
    }
    return session.path(base.isEmpty() ? home + "/.config" : base).resolve("notation");
  }
}
