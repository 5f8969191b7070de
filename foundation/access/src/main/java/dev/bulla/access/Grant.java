package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What somebody may do with some repositories, written {@code team/*=AcrPush,sign}.
 *
 * @param glob {@code *} stands for any characters but a slash, {@code **} for any characters
 */
public record Grant(String glob, Set<Permission> permissions) {
  private static final Pattern GLOB = Pattern.compile("[a-z0-9*][a-z0-9*._/-]{0,254}");

  /**
   * Azure's names of roles over a registry (Azure Container Registry roles); {@code AcrPush}
   * includes {@code pull} there too.
   */
  private static final Map<String, Set<Permission>> ROLES =
      Map.of(
          "acrpull", EnumSet.of(Permission.PULL),
          "acrpush", EnumSet.of(Permission.PULL, Permission.PUSH),
          "acrdelete", EnumSet.of(Permission.DELETE),
          "acrimagesigner", EnumSet.of(Permission.PULL, Permission.SIGN),
          "acrquarantinereader", EnumSet.of(Permission.PULL, Permission.QUARANTINE_READ),
          "acrquarantinewriter",
              EnumSet.of(Permission.PULL, Permission.QUARANTINE_READ, Permission.ADMIT),
          "owner", Permission.grantable());

  public Grant {
    if (!GLOB.matcher(glob).matches()) {
      throw invalid(glob, "its pattern is none of repositories, such as team/* or team/**");
    }
    permissions = Set.copyOf(permissions);
  }

  /**
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public static Grant parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      throw invalid(text, "it is not PATTERN=ROLE");
    }
    Set<Permission> all = EnumSet.noneOf(Permission.class);
    for (String word : text.substring(equals + 1).split(",", -1)) {
      Optional<Set<Permission>> role =
          Optional.ofNullable(ROLES.get(word.toLowerCase(Locale.ROOT)))
              .or(() -> Permission.of(word).filter(Permission.grantable()::contains).map(Set::of));
      all.addAll(
          role.orElseThrow(() ->
              invalid(
                  text, "'%s' is neither a role nor a permission".formatted(Shown.text(word)))));
    }
    return new Grant(text.substring(0, equals), all);
  }

  boolean matches(String repository) {
    return Glob.matches(glob, repository);
  }

  @Override
  public String toString() {
    return glob
        + "="
        + permissions.stream()
            .map(Permission::id)
            .collect(Collectors.toCollection(TreeSet::new))
            .stream()
            .collect(Collectors.joining(","));
  }

  private static BullaException invalid(String text, String why) {
    return new BullaException(
        ErrorCode.USAGE,
        "the grant '%s' is refused: %s".formatted(Shown.text(text), why),
        "Roles are AcrPull, AcrPush, AcrDelete, AcrImageSigner, AcrQuarantineReader,"
            + " AcrQuarantineWriter and Owner; permissions pull, push, delete, sign,"
            + " quarantine-read, admit, waive, metadata-read and metadata-write.");
  }
}
