package dev.bulla.signing.tuf;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Fields;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A role to which another one hands some paths (TUF specification section 4.5).
 *
 * @param terminating whether nobody else is asked about its paths
 */
record Delegation(
    String name,
    RoleKeys keys,
    boolean terminating,
    List<PathPattern> paths,
    List<String> hashPrefixes) {
  private static final int MAX_NAME = 150;
  private static final int MAX_PATTERNS = 4096;

  Delegation {
    paths = List.copyOf(paths);
    hashPrefixes = List.copyOf(hashPrefixes);
  }

  static Delegation parse(Fields role, Map<String, TufKey> keys) {
    String name = role.string("name");
    boolean taken = Stream.of(Role.values()).anyMatch(top -> top.id().equalsIgnoreCase(name));
    if (name.isEmpty() || name.length() > MAX_NAME || taken) {
      throw role.invalid("name", "empty, too long or that of a top-level role: " + name);
    }
    List<String> paths = role.strings("paths");
    List<String> prefixes = role.strings("path_hash_prefixes");
    if (role.has("paths") == role.has("path_hash_prefixes")) {
      throw role.invalid("paths", "beside path_hash_prefixes, or both are missing");
    }
    if (paths.size() > MAX_PATTERNS || prefixes.size() > MAX_PATTERNS) {
      throw role.invalid("paths", "a list of more than " + MAX_PATTERNS);
    }
    return new Delegation(
        name,
        RoleKeys.parse(role, keys),
        role.optionalBoolean("terminating").orElse(false),
        paths.stream().map(PathPattern::new).toList(),
        prefixes.stream().map(prefix -> prefix.toLowerCase(Locale.ROOT)).toList());
  }

  /** Whether the role may say something about {@code path}. */
  boolean covers(String path) {
    if (paths.stream().anyMatch(pattern -> pattern.matches(path))) {
      return true;
    }
    String hash = Digest.sha256(path.getBytes(StandardCharsets.UTF_8)).hex();
    return hashPrefixes.stream().anyMatch(hash::startsWith);
  }
}
