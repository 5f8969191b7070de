package dev.bulla.signing.plugin;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.signing.program.SmallEnvironment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Where plugins are and how they are run: {@code DIRECTORY/NAME/notation-NAME}, as notation keeps
 * them.
 *
 * <p>A plugin runs with the rights of its caller. So its file, its directory and the directory of
 * all plugins must belong to the caller or to root and be writable by nobody else, and no link may
 * lead out. It gets its request on standard input, never in arguments, and of the environment only
 * what is given here.
 *
 * @param directory of all plugins
 * @param workingDirectory in which they run, so that paths in their configuration mean what the
 *     caller means
 * @param environment all that they see of the environment
 * @param time for one answer
 */
public record PluginHost(
    Path directory, Path workingDirectory, Map<String, String> environment, Duration time) {

  private static final Set<String> NOTATION =
      Set.of("NOTATION_CONFIG", "NOTATION_LIBEXEC", "NOTATION_CACHE");

  /** How long one answer may take if nobody says otherwise. */
  public static final Duration DEFAULT_TIME = Duration.ofSeconds(60);

  public PluginHost {
    environment = Map.copyOf(environment);
    if (time.isNegative() || time.isZero() || time.compareTo(Duration.ofHours(1)) > 0) {
      throw new BullaException(
          ErrorCode.USAGE, "a plugin's time is " + time + ", expected more than 0 and at most 1 h");
    }
  }

  /** A host that takes nothing but {@link #usual} from {@code environment}. */
  public PluginHost(Path directory, Path workingDirectory, Map<String, String> environment) {
    this(directory, workingDirectory, usual(environment), DEFAULT_TIME);
  }

  public PluginHost withTime(Duration value) {
    return new PluginHost(directory, workingDirectory, environment, value);
  }

  /** {@link SmallEnvironment#of}, with what tells plugins where notation keeps its files. */
  public static Map<String, String> usual(Map<String, String> environment) {
    return SmallEnvironment.of(environment, NOTATION::contains);
  }

  /**
   * The plugin of this name, not yet asked for anything.
   *
   * @throws BullaException {@link ErrorCode#PLUGIN_NOT_FOUND}; {@link ErrorCode#PLUGIN_REFUSED} if
   *     others could have put it there
   */
  public Plugin find(String name) {
    if (!isName(name)) {
      throw new BullaException(
          ErrorCode.PLUGIN_NOT_FOUND,
          "'%s' is not a name of a plugin".formatted(Shown.text(name)),
          "Letters, digits, dots, dashes and underscores make a name.");
    }
    Path executable = directory.resolve(name).resolve("notation-" + name);
    if (!Files.exists(executable, LinkOption.NOFOLLOW_LINKS)) {
      throw new BullaException(
          ErrorCode.PLUGIN_NOT_FOUND,
          "there is no plugin %s: %s is missing".formatted(name, executable),
          "Install it there, or name the directory of the plugins with --plugin-directory.");
    }
    return new Plugin(name, PluginFile.check(name, directory, executable), this);
  }

  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= 128
        && !name.equals(".")
        && !name.equals("..")
        && name.chars()
            .allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "._-".indexOf(c) >= 0));
  }
}
