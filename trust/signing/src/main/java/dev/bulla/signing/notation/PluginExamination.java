package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.claim.Check;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.plugin.Plugin;
import dev.bulla.signing.plugin.PluginCapability;
import dev.bulla.signing.plugin.PluginMetadata;
import dev.bulla.signing.plugin.SemanticVersion;
import dev.bulla.signing.plugin.VerifiedByPlugin;
import dev.bulla.signing.plugin.VerifiedByPlugin.Result;
import dev.bulla.signing.trust.CheckList;
import dev.bulla.signing.trust.VerificationLevel.Action;
import dev.bulla.signing.trust.VerificationLevel.Aspect;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whether somebody understands every critical attribute: this host, or the verification plugin that
 * the signature names (plugin-extensibility.md, "Verification workflow using plugin").
 *
 * <p>A plugin is asked only about a chain that a trust store vouches for, or whose lack of trust
 * the policy only logs: nobody else may make a verifier run a program.
 */
final class PluginExamination {
  private static final String NAME = "critical-attributes";

  private final CheckList checks;
  private final Basis basis;

  PluginExamination(CheckList checks, Basis basis) {
    this.checks = checks;
    this.basis = basis;
  }

  /**
   * Records the check.
   *
   * @param trusted whether a trust store vouches for the chain, which keeps the rules
   * @return what the plugin said of the aspects that it decides instead of this host
   */
  Map<PluginCapability, Result> run(Envelope envelope, boolean trusted) {
    if (envelope.verificationPlugin().isEmpty()) {
      withoutPlugin(envelope.unknownCritical().keySet());
      return Map.of();
    }
    String name = envelope.verificationPlugin().get();
    String demanded = "the signature demands the verification plugin " + Shown.text(name);
    if (basis.rules().plugins().isEmpty()) {
      checks.failed(
          NAME,
          ErrorCode.SIGNATURE_CRITICAL_ATTRIBUTE,
          "only attributes that are understood",
          demanded);
      return Map.of();
    }
    if (!trusted && basis.statement().level().action(Aspect.AUTHENTICITY) == Action.ENFORCE) {
      checks.failed(
          NAME,
          ErrorCode.SIGNATURE_CRITICAL_ATTRIBUTE,
          "only attributes that are understood",
          demanded + ", which is not asked, because the chain is not trusted");
      return Map.of();
    }
    try {
      return ask(envelope, name, basis.rules().plugins().get());
    } catch (BullaException e) {
      checks.failed(NAME, e.code(), "an answer of the plugin " + Shown.text(name), e.reason());
      return Map.of();
    }
  }

  private void withoutPlugin(Set<String> unknown) {
    String found = Shown.text(String.join(", ", unknown));
    if (unknown.isEmpty()) {
      checks.passed(NAME, "all understood");
    } else if (basis.rules().unknownTolerated()) {
      checks.add(
          Check.logged(
              NAME,
              ErrorCode.SIGNATURE_CRITICAL_ATTRIBUTE,
              "only attributes that are understood",
              found + " (tolerated on demand)"));
    } else {
      checks.failed(
          NAME,
          ErrorCode.SIGNATURE_CRITICAL_ATTRIBUTE,
          "only attributes that are understood",
          found);
    }
  }

  private Map<PluginCapability, Result> ask(
      Envelope envelope, String name, VerificationPlugins plugins) {
    Plugin plugin = plugins.host().find(name);
    PluginMetadata metadata = plugin.metadata(plugins.configuration());
    checkVersion(envelope, plugin, metadata);
    Set<PluginCapability> decided = EnumSet.noneOf(PluginCapability.class);
    decided.addAll(metadata.verifying());
    if (decided.isEmpty()) {
      throw plugin.refused("it verifies nothing");
    }
    if (basis.statement().level().action(Aspect.REVOCATION) == Action.SKIP) {
      decided.remove(PluginCapability.REVOCATION_CHECK);
    }
    VerifiedByPlugin said =
        decided.isEmpty()
            ? new VerifiedByPlugin(Map.of(), Set.of())
            : plugin.verify(request(envelope, plugin, decided), plugins.configuration());
    List<String> unprocessed = new ArrayList<>(envelope.unknownCritical().keySet());
    unprocessed.removeAll(said.processed());
    if (!unprocessed.isEmpty()) {
      checks.failed(
          NAME,
          ErrorCode.SIGNATURE_CRITICAL_ATTRIBUTE,
          "attributes that the plugin %s understands".formatted(name),
          Shown.text(String.join(", ", unprocessed)));
      return Map.of();
    }
    Map<PluginCapability, Result> results = results(plugin, decided, said);
    checks.passed(
        NAME, "all understood, with the plugin %s %s".formatted(name, metadata.version()));
    return results;
  }

  private static void checkVersion(Envelope envelope, Plugin plugin, PluginMetadata metadata) {
    SemanticVersion found =
        SemanticVersion.parse(metadata.version())
            .orElseThrow(() ->
                plugin.refused(
                    "its version '%s' is no semantic version"
                        .formatted(Shown.text(metadata.version()))));
    if (envelope.pluginVersion().isEmpty()) {
      return;
    }
    String wanted = envelope.pluginVersion().get();
    SemanticVersion least =
        SemanticVersion.parse(wanted)
            .orElseThrow(() ->
                ProtectedAttributes.malformed(
                    "%s '%s' is no semantic version"
                        .formatted(Headers.PLUGIN_VERSION, Shown.text(wanted))));
    if (found.compareTo(least) < 0) {
      throw plugin.refused(
          "its version is %s, the signature demands %s or newer"
              .formatted(Shown.text(metadata.version()), wanted));
    }
  }

  private static Map<PluginCapability, Result> results(
      Plugin plugin, Set<PluginCapability> decided, VerifiedByPlugin said) {
    Map<PluginCapability, Result> results = new EnumMap<>(PluginCapability.class);
    for (PluginCapability capability : decided) {
      results.put(
          capability,
          said.result(capability)
              .orElseThrow(() -> plugin.refused("it said nothing about " + capability.id())));
    }
    if (said.results().size() > decided.size()) {
      throw plugin.refused(
          "it said something about what it was not asked: "
              + Shown.text(String.join(", ", said.results().keySet())));
    }
    return results;
  }

  /** The members {@code signature} and {@code trustPolicy} of {@code verify-signature}. */
  private ObjectNode request(Envelope envelope, Plugin plugin, Set<PluginCapability> decided) {
    ObjectNode root = Json.object();
    ObjectNode signature = root.putObject("signature");
    ObjectNode critical = signature.putObject("criticalAttributes");
    critical.put("contentType", envelope.contentType());
    critical.put("signingScheme", envelope.scheme().id());
    envelope.expiry().ifPresent(expiry -> critical.put("expiry", expiry.toString()));
    if (envelope.scheme() == Envelope.Scheme.SIGNING_AUTHORITY) {
      critical.put("authenticSigningTime", envelope.signingTime().toString());
    }
    envelope.verificationPlugin().ifPresent(name -> critical.put("verificationPlugin", name));
    envelope
        .pluginVersion()
        .ifPresent(version -> critical.put("verificationPluginMinVersion", version));
    ObjectNode extended = critical.putObject("extendedAttributes");
    ArrayNode unprocessed = signature.putArray("unprocessedAttributes");
    for (Map.Entry<String, JsonNode> one : envelope.unknownCritical().entrySet()) {
      if (one.getValue().isContainer()) {
        throw plugin.refused(
            "it cannot be asked about %s, which is no text, number or null"
                .formatted(Shown.text(one.getKey())));
      }
      extended.set(one.getKey(), one.getValue());
      unprocessed.add(one.getKey());
    }
    ArrayNode chain = signature.putArray("certificateChain");
    envelope
        .chain()
        .forEach(one -> chain.add(Base64.getEncoder().encodeToString(Certificates.encoded(one))));
    ObjectNode policy = root.putObject("trustPolicy");
    ArrayNode identities = policy.putArray("trustedIdentities");
    basis.statement().trustedIdentities().forEach(identities::add);
    ArrayNode verification = policy.putArray("signatureVerification");
    decided.forEach(one -> verification.add(one.id()));
    return root;
  }
}
