package dev.bulla.signing.tuf;

import java.time.Instant;

/** Which snapshot is the current one (TUF specification section 4.6). */
record Timestamp(long version, Instant expires, FileVersion snapshot) {

  static Timestamp parse(SignedFile file) {
    return Refused.unreadable(
        file.name(),
        () ->
            new Timestamp(
                file.ofType("timestamp").version(),
                file.expires(),
                FileVersion.parse(file.signed().object("meta").object("snapshot.json"))));
  }
}
