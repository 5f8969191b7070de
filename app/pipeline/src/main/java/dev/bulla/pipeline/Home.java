package dev.bulla.pipeline;

import java.nio.file.Path;
import java.util.Map;

/**
 * The data directory, {@code $BULLA_HOME}: what lies where. Making a {@code Home} touches no file.
 *
 * @param root absolute
 */
public record Home(Path root) {
  public Home {
    root = root.toAbsolutePath().normalize();
  }

  /** From {@code BULLA_HOME}, else {@code ~/.bulla}. */
  public static Home of(Map<String, String> environment, Path workingDirectory) {
    String named = environment.getOrDefault("BULLA_HOME", "");
    if (!named.isEmpty()) {
      return new Home(workingDirectory.resolve(named));
    }
    String user = environment.getOrDefault("HOME", System.getProperty("user.home"));
    return new Home(Path.of(user).resolve(".bulla"));
  }

  /** Keys and certificates; mode 0700, private keys 0600. */
  public Path keys() {
    return root.resolve("keys");
  }

  /** Trust policy and trust stores in Notation's layout: a {@code NOTATION_CONFIG} directory. */
  public Path trust() {
    return root.resolve("trust");
  }

  public Path trustPolicy() {
    return trust().resolve("trustpolicy.json");
  }

  public Path trustStore() {
    return trust().resolve("truststore");
  }

  public Path records() {
    return root.resolve("records.db");
  }

  public Path graph() {
    return root.resolve("graph.db");
  }

  public Path blobs() {
    return root.resolve("blobs");
  }

  public Path advisories() {
    return root.resolve("advisories");
  }

  /** Address, process and token of the server that has this home; mode 0600. */
  public Path serverFile() {
    return root.resolve("server.json");
  }

  /** What a background server prints. */
  public Path serverLog() {
    return root.resolve("log").resolve("server.log");
  }
}
