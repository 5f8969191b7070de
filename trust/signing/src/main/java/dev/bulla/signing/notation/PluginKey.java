package dev.bulla.signing.notation;

import dev.bulla.signing.plugin.Plugin;
import java.util.Map;

/**
 * A key that a plugin keeps.
 *
 * @param id as the plugin knows it
 * @param configuration passed on as it is
 */
public record PluginKey(Plugin plugin, String id, Map<String, String> configuration) {
  public PluginKey {
    configuration = Map.copyOf(configuration);
    if (id.isEmpty()) {
      throw new dev.bulla.core.BullaException(
          dev.bulla.core.ErrorCode.USAGE, "the identifier of the plugin's key is empty");
    }
  }
}
