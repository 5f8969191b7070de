package dev.bulla.access;

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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * What {@code server.json} in a home says: where its server listens and the token that opens it.
 * The file is for its owner only and appears at once or not at all.
 *
 * @param processId of the server
 */
public record ServerFile(URI address, ServerToken token, long processId) {

  /** Writes or replaces the file. */
  public void write(Path file) {
    byte[] json =
        Json.pretty(
            Json.object()
                .put("address", address.toString())
                .put("token", token.reveal())
                .put("pid", processId));
    Path fresh = file.resolveSibling(file.getFileName() + "." + processId);
    try {
      Files.deleteIfExists(fresh);
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(fresh, json);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.HOME_UNUSABLE,
          "cannot write " + file + ": " + e.getMessage(),
          "Make the home writable for this user, or name another with --home or $BULLA_HOME.",
          e);
    }
  }

  /** Reads the file; empty if there is none. */
  public static Optional<ServerFile> read(Path file) {
    try {
      Fields fields =
          Fields.of(Json.parse(Files.readAllBytes(file), file.toString()), file.toString());
      return Optional.of(
          new ServerFile(
              URI.create(fields.string("address")),
              ServerToken.parse(fields.string("token")),
              fields.integer("pid")));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.CONFIGURATION_INVALID,
          "cannot read " + file + ": " + e.getMessage(),
          "Restart the server: it writes the file anew.",
          e);
    }
  }
}
