package dev.bulla.signing.plugin;

import dev.bulla.core.json.Fields;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a plugin answers to {@code verify-signature}.
 *
 * @param results what it says, by the identifier of the capability
 * @param processed the critical attributes that it understood and judged
 */
public record VerifiedByPlugin(Map<String, Result> results, Set<String> processed) {
  /**
   * @param reason why not; may be empty
   */
  public record Result(boolean success, String reason) {}

  public VerifiedByPlugin {
    results = Map.copyOf(results);
    processed = Set.copyOf(processed);
  }

  public Optional<Result> result(PluginCapability capability) {
    return Optional.ofNullable(results.get(capability.id()));
  }

  static VerifiedByPlugin read(Fields answer) {
    Map<String, Result> results = new LinkedHashMap<>();
    Fields all = answer.object("verificationResults");
    for (String capability : all.node().propertyNames()) {
      Fields one = all.object(capability);
      boolean success =
          one.optionalBoolean("success").orElseThrow(() -> one.invalid("success", "missing"));
      results.put(capability, new Result(success, one.optionalString("reason").orElse("")));
    }
    return new VerifiedByPlugin(
        results, new java.util.LinkedHashSet<>(answer.strings("processedAttributes")));
  }
}
