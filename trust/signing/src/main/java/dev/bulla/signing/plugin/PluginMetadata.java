package dev.bulla.signing.plugin;

import dev.bulla.core.json.Fields;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a plugin says of itself ({@code get-plugin-metadata}).
 *
 * @param version a semantic version if it verifies
 * @param capabilities those that this host knows
 */
public record PluginMetadata(
    String name,
    String description,
    String version,
    String url,
    Set<PluginCapability> capabilities) {
  static final String CONTRACT = "1.0";

  public PluginMetadata {
    capabilities = Set.copyOf(capabilities);
  }

  public boolean can(PluginCapability capability) {
    return capabilities.contains(capability);
  }

  /** The capabilities that are about verifying. */
  public Set<PluginCapability> verifying() {
    EnumSet<PluginCapability> found = EnumSet.noneOf(PluginCapability.class);
    capabilities.stream().filter(PluginCapability::verifies).forEach(found::add);
    return found;
  }

  /**
   * @param expected the name under which the plugin was found
   * @throws dev.bulla.core.BullaException {@code PLUGIN_REFUSED}
   */
  static PluginMetadata read(Fields answer, String expected) {
    for (String member : List.of("name", "description", "version", "url")) {
      if (answer.string(member).isEmpty()) {
        throw PluginProcess.refused(expected, "its metadata has an empty " + member);
      }
    }
    if (!answer.string("name").equals(expected)) {
      throw PluginProcess.refused(
          expected,
          "it calls itself '%s'".formatted(dev.bulla.core.Shown.text(answer.string("name"))));
    }
    if (!answer.strings("supportedContractVersions").contains(CONTRACT)) {
      throw PluginProcess.refused(expected, "it does not speak contract version " + CONTRACT);
    }
    List<String> capabilities = answer.strings("capabilities");
    if (capabilities.isEmpty()) {
      throw PluginProcess.refused(expected, "it has no capability");
    }
    EnumSet<PluginCapability> known = EnumSet.noneOf(PluginCapability.class);
    capabilities.stream()
        .map(PluginCapability::named)
        .flatMap(Optional::stream)
        .forEach(known::add);
    return new PluginMetadata(
        expected,
        answer.string("description"),
        answer.string("version"),
        answer.string("url"),
        known);
  }
}
