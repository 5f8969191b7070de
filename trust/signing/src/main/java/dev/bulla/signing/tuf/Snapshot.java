package dev.bulla.signing.tuf;

import dev.bulla.core.json.Fields;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which version of each targets file belongs together (TUF specification section 4.4).
 *
 * @param files by name, such as {@code targets.json}
 */
record Snapshot(long version, Instant expires, Map<String, FileVersion> files) {
  Snapshot {
    files = Map.copyOf(files);
  }

  static Snapshot parse(SignedFile file) {
    return Refused.unreadable(
        file.name(),
        () -> {
          Map<String, FileVersion> files = new HashMap<>();
          Fields meta = file.ofType("snapshot").signed().object("meta");
          for (String name : meta.node().propertyNames()) {
            files.put(name, FileVersion.parse(meta.object(name)));
          }
          return new Snapshot(file.version(), file.expires(), files);
        });
  }

  /** The version of a role's file. */
  Optional<FileVersion> of(String role) {
    return Optional.ofNullable(files.get(role + ".json"));
  }
}
