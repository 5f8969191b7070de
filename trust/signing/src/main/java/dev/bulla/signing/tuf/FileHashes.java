package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The hashes that a file must have: all of those whose algorithm is known, at least one.
 *
 * @param digests empty if none are demanded
 */
record FileHashes(List<Digest> digests) {
  FileHashes {
    digests = List.copyOf(digests);
  }

  /** The member {@code hashes} of a file's entry; none if it is absent. */
  static FileHashes parse(Fields entry) {
    Map<String, String> written = entry.stringMap("hashes");
    List<Digest> digests = new ArrayList<>();
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      String hex = written.get(algorithm.id());
      if (hex != null) {
        try {
          digests.add(new Digest(algorithm, hex));
        } catch (BullaException e) {
          throw entry.invalid("hashes", e.reason());
        }
      }
    }
    if (digests.isEmpty() && entry.has("hashes")) {
      throw entry.invalid("hashes", "without one of sha256, sha384 and sha512");
    }
    return new FileHashes(digests);
  }

  boolean match(byte[] content) {
    return digests.stream().allMatch(digest -> digest.matches(content));
  }
}
