package dev.bulla.signing.trust;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The keys that {@code notation key add} and {@code notation certificate generate-test} have
 * written down: {@code signingkeys.json} in notation's configuration directory.
 *
 * @param defaultName the key that notation signs with if none is named
 * @param all by their names, in the order of the file
 */
public record NotationKeys(Optional<String> defaultName, Map<String, Key> all) {
  private static final int MAX_BYTES = 4 * 1024 * 1024;
  private static final int MAX_KEYS = 10_000;

  /** Where one key is. */
  public sealed interface Key {}

  /**
   * In a file, with its chain in another.
   *
   * @param keyPath as it is written: relative to where the command runs
   * @param certPath likewise
   */
  public record InFile(String keyPath, String certPath) implements Key {}

  /** Kept by a plugin. */
  public record InPlugin(String plugin, String id, Map<String, String> configuration)
      implements Key {
    public InPlugin {
      configuration = Map.copyOf(configuration);
    }
  }

  public NotationKeys {
    all = new LinkedHashMap<>(all);
  }

  /**
   * @param what names the file in errors
   * @throws BullaException {@link ErrorCode#KEY_INVALID} if it is not such a list: a name that is
   *     empty or stands twice, a key with neither or both of a file and a plugin, a default that is
   *     not there. Members that nobody knows are passed over, as notation does.
   */
  public static NotationKeys parse(byte[] json, String what) {
    try {
      Fields list = Fields.of(Json.parse(json, MAX_BYTES, what), what);
      Map<String, Key> all = new LinkedHashMap<>();
      for (Fields one : list.has("keys") ? list.objects("keys") : java.util.List.<Fields>of()) {
        String name = one.string("name");
        if (name.isEmpty() || all.size() == MAX_KEYS || all.put(name, key(one)) != null) {
          throw one.invalid("name", "empty, there twice, or one too many");
        }
      }
      Optional<String> named = list.optionalString("default").filter(name -> !name.isEmpty());
      if (named.isPresent() && !all.containsKey(named.get())) {
        throw list.invalid("default", "names no key of the list");
      }
      return new NotationKeys(named, all);
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          "notation's list of keys cannot be used: " + e.reason(),
          "Look at it with 'notation key list'.",
          e);
    }
  }

  private static Key key(Fields one) {
    boolean inFile = one.has("keyPath") || one.has("certPath");
    boolean inPlugin = one.has("id") || one.has("pluginName");
    if (inFile == inPlugin) {
      throw one.invalid("name", "a key with a file or with a plugin, and not with both");
    }
    if (inFile) {
      return new InFile(one.string("keyPath"), one.string("certPath"));
    }
    return new InPlugin(
        one.string("pluginName"),
        one.string("id"),
        one.has("pluginConfig") ? one.stringMap("pluginConfig") : Map.of());
  }

  /**
   * @throws BullaException {@link ErrorCode#KEY_INVALID} if there is none of this name
   */
  public Key named(String name) {
    Key key = all.get(name);
    if (key == null) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          "notation has no key '%s'".formatted(Shown.text(name)),
          all.isEmpty()
              ? "Its list is empty: notation key add."
              : "It has: "
                  + all.keySet().stream()
                      .limit(20)
                      .map(one -> "'" + Shown.text(one) + "'")
                      .collect(Collectors.joining(", "))
                  + ".");
    }
    return key;
  }

  /**
   * @throws BullaException {@link ErrorCode#KEY_INVALID} if no key is the default
   */
  public Key usual() {
    return named(
        defaultName.orElseThrow(() ->
            new BullaException(
                ErrorCode.KEY_INVALID,
                "none of notation's keys is the default",
                "Name one with --notation-key NAME, or set it: notation key update --default"
                    + " NAME.")));
  }
}
