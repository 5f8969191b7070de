package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** The data directory of one Bulla ({@code $BULLA_HOME}) and the names of what lies in it. */
public record Home(Path directory) {

  public Home {
    directory = directory.toAbsolutePath().normalize();
  }

  /**
   * From {@code BULLA_HOME} relative to {@code workingDirectory}, else {@code ~/.bulla}; touches no
   * file.
   */
  public static Home of(Map<String, String> environment, Path workingDirectory) {
    String named = environment.getOrDefault("BULLA_HOME", "");
    if (!named.isEmpty()) {
      return new Home(workingDirectory.resolve(named));
    }
    String user = environment.getOrDefault("HOME", System.getProperty("user.home"));
    return new Home(Path.of(user).resolve(".bulla"));
  }

  public Path records() {
    return directory.resolve("records.db");
  }

  public Path blobs() {
    return directory.resolve("blobs");
  }

  public Path keys() {
    return directory.resolve("keys");
  }

  /** The authority and certificate of this home's HTTPS listeners. */
  public Path tls() {
    return keys().resolve("tls");
  }

  /**
   * The graph: an index, holds nothing but refusals before a build that the evidence does not say.
   */
  public Path graph() {
    return directory.resolve("graph.db");
  }

  /** Imported advisory sets. */
  public Path advisories() {
    return directory.resolve("advisories");
  }

  /** Trust policy and trust stores in Notation's layout: what {@code NOTATION_CONFIG} names. */
  public Path trust() {
    return directory.resolve("trust");
  }

  /** The port that the last server of this home listened at, so that the next one does too. */
  public Path port() {
    return directory.resolve("port");
  }

  public Path log() {
    return directory.resolve("log");
  }

  /** Address and token of the server that runs on this home. */
  public Path serverFile() {
    return directory.resolve("server.json");
  }

  /** Where a process that runs commands for others says how it is reached. */
  public Path resident() {
    return directory.resolve("resident");
  }

  Path lockFile() {
    return directory.resolve("lock");
  }

  /**
   * Makes the directory, for its owner only, unless it is there.
   *
   * @throws BullaException {@link ErrorCode#HOME_UNUSABLE} if it cannot be made or is not a
   *     directory
   */
  public Home create() {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return this;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  BullaException unusable(IOException e) {
    return new BullaException(
        DiskFaults.codeOf(e, directory, ErrorCode.HOME_UNUSABLE),
        "the data directory %s cannot be written: %s".formatted(directory, DiskFaults.reason(e)),
        "Make it writable for this user, or name another with --home or $BULLA_HOME.",
        e);
  }
}
