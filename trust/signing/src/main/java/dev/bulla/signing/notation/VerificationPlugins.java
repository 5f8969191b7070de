package dev.bulla.signing.notation;

import dev.bulla.signing.plugin.PluginHost;
import java.util.Map;

/**
 * The plugins that a verification may ask, and what they are told beside the signature.
 *
 * @param configuration passed on as it is
 */
public record VerificationPlugins(PluginHost host, Map<String, String> configuration) {
  public VerificationPlugins {
    configuration = Map.copyOf(configuration);
  }
}
