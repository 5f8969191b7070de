package dev.bulla.signing.tuf;

import dev.bulla.core.json.Fields;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/**
 * The root of trust (TUF specification section 4.3): who signs for each role.
 *
 * @param consistentSnapshot whether file names carry versions and hashes
 */
record Root(long version, Instant expires, boolean consistentSnapshot, Map<Role, RoleKeys> roles) {

  static Root parse(SignedFile file) {
    return Refused.unreadable(
        file.name(),
        () -> {
          Fields signed = file.ofType("root").signed();
          Map<String, TufKey> keys = RoleKeys.allKeys(signed);
          Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
          for (Role role : Role.values()) {
            roles.put(role, RoleKeys.parse(signed.object("roles").object(role.id()), keys));
          }
          return new Root(
              file.version(),
              file.expires(),
              signed.optionalBoolean("consistent_snapshot").orElse(false),
              roles);
        });
  }

  RoleKeys keys(Role role) {
    RoleKeys keys = roles.get(role);
    if (keys == null) {
      throw new IllegalStateException("a root without " + role);
    }
    return keys;
  }

  /** Checks that {@code file} is signed for {@code role} as this root says. */
  void check(Role role, SignedFile file) {
    keys(role).check(file, "root version " + version);
  }

  /**
   * Whether this root takes a key from those who sign timestamps or snapshots: then what they
   * signed is forgotten, or a version that a thief made too high could never be left behind.
   */
  boolean takesOnlineKeyOf(Root before) {
    return keys(Role.TIMESTAMP).lacksKeyOf(before.keys(Role.TIMESTAMP))
        || keys(Role.SNAPSHOT).lacksKeyOf(before.keys(Role.SNAPSHOT));
  }
}
