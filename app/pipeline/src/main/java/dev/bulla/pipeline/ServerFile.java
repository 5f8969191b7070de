package dev.bulla.pipeline;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a running server leaves in its home so that commands find it: {@code server.json}, mode 0600.
 *
 * @param address of its first listener
 * @param pid of its process
 * @param token which admits to everything that is not open; never printed
 */
public record ServerFile(URI address, long pid, String token) {

  /** What the home's file says; it may be stale. Empty if there is none. */
  public static Optional<ServerFile> read(Home home) {
    Path file = home.serverFile();
    try {
      Fields fields = Fields.of(Json.parse(Files.readAllBytes(file), file.toString()), file.toString());
      return Optional.of(
          new ServerFile(URI.create(fields.string("address")), fields.integer("pid"), fields.string("token")));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new BullaException(ErrorCode.HOME_UNUSABLE, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** Writes the file whole or not at all, readable by its owner only from the first moment. */
  public void write(Home home) {
    ObjectNode node = Json.object();
    node.put("address", address.toString());
    node.put("pid", pid);
    node.put("token", token);
    Path file = home.serverFile();
    Path fresh = file.resolveSibling("server.json.new");
    try {
      Files.deleteIfExists(fresh);
      Files.createFile(
          fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(fresh, Json.pretty(node), StandardOpenOption.WRITE);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new BullaException(ErrorCode.HOME_UNUSABLE, "cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /** Removes the home's file if it is this one. */
  public void remove(Home home) {
    try {
      if (read(home).filter(this::equals).isPresent()) {
        Files.deleteIfExists(home.serverFile());
      }
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.HOME_UNUSABLE, "cannot remove " + home.serverFile() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return "server at " + address + " (process " + pid + ")";
  }

  static Set<java.nio.file.attribute.PosixFilePermission> ownerOnly() {
    return PosixFilePermissions.fromString("rwx------");
  }
}
