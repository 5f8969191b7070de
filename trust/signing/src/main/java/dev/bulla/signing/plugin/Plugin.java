package dev.bulla.signing.plugin;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * A plugin of Notation: each verb runs its program once. What it answers is checked for form here;
 * whether a signature is one is for the caller to check. Thread-safe.
 *
 * @see PluginHost#find
 */
public final class Plugin {
  private final String name;
  private final Path executable;
  private final PluginHost host;

  Plugin(String name, Path executable, PluginHost host) {
    this.name = name;
    this.executable = executable;
    this.host = host;
  }

  public String name() {
    return name;
  }

  /**
   * {@code get-plugin-metadata}.
   *
   * @throws BullaException {@link ErrorCode#PLUGIN_FAILED}, {@link ErrorCode#PLUGIN_REFUSED}; so
   *     all verbs
   */
  public PluginMetadata metadata(Map<String, String> configuration) {
    ObjectNode request = Json.object();
    configure(request, configuration);
    Fields answer = ask("get-plugin-metadata", request);
    return checked("get-plugin-metadata", () -> PluginMetadata.read(answer, name));
  }

  /** {@code describe-key}: the kind of a key, as the protocol names it, such as {@code EC-256}. */
  public String keySpec(String keyId, Map<String, String> configuration) {
    ObjectNode request = begun(keyId);
    configure(request, configuration);
    Fields answer = ask("describe-key", request);
    return checked(
        "describe-key",
        () -> {
          sameKey(keyId, answer);
          return answer.string("keySpec");
        });
  }

  /**
   * {@code generate-signature} over {@code payload} itself, not its hash.
   *
   * @param keySpec as the plugin described it
   * @param hash as the protocol names it, {@code SHA-256}
   */
  public RawSignature sign(
      String keyId,
      String keySpec,
      String hash,
      byte[] payload,
      Map<String, String> configuration) {
    ObjectNode request = begun(keyId);
    request.put("keySpec", keySpec);
    request.put("hashAlgorithm", hash);
    request.put("payload", Base64.getEncoder().encodeToString(payload));
    configure(request, configuration);
    Fields answer = ask("generate-signature", request);
    return checked(
        "generate-signature",
        () -> {
          sameKey(keyId, answer);
          return RawSignature.read(answer);
        });
  }

  /** What {@code generate-envelope} is asked for. */
  public record EnvelopeRequest(
      String keyId, String payloadType, String envelopeType, byte[] payload, long lifeSeconds) {}

  /** {@code generate-envelope}; {@code lifeSeconds} of 0 means without an end. */
  public MadeEnvelope makeEnvelope(EnvelopeRequest wanted, Map<String, String> configuration) {
    ObjectNode request = begun(wanted.keyId());
    request.put("payloadType", wanted.payloadType());
    request.put("signatureEnvelopeType", wanted.envelopeType());
    request.put("payload", Base64.getEncoder().encodeToString(wanted.payload()));
    if (wanted.lifeSeconds() > 0) {
      request.put("expiryDurationInSeconds", wanted.lifeSeconds());
    }
    configure(request, configuration);
    Fields answer = ask("generate-envelope", request);
    return checked(
        "generate-envelope",
        () -> {
          String type = answer.string("signatureEnvelopeType");
          if (!type.equals(wanted.envelopeType())) {
            throw PluginProcess.refused(
                name,
                "it made an envelope of type '%s', asked for %s"
                    .formatted(Shown.text(type), wanted.envelopeType()));
          }
          return new MadeEnvelope(
              RawSignature.bytes(answer, "signatureEnvelope"), answer.stringMap("annotations"));
        });
  }

  /**
   * {@code verify-signature}.
   *
   * @param signature the members {@code signature} and {@code trustPolicy} of the request
   */
  public VerifiedByPlugin verify(ObjectNode signature, Map<String, String> configuration) {
    ObjectNode request = signature.deepCopy();
    request.put("contractVersion", PluginMetadata.CONTRACT);
    configure(request, configuration);
    Fields answer = ask("verify-signature", request);
    return checked("verify-signature", () -> VerifiedByPlugin.read(answer));
  }

  /**
   * An envelope as a plugin made it.
   *
   * @param annotations for the signature's manifest
   */
  public record MadeEnvelope(byte[] envelope, Map<String, String> annotations) {}

  private Fields ask(String command, ObjectNode request) {
    return PluginProcess.ask(this, executable, host, command, Json.write(request));
  }

  private static ObjectNode begun(String keyId) {
    return Json.object().put("contractVersion", PluginMetadata.CONTRACT).put("keyId", keyId);
  }

  private static void configure(ObjectNode request, Map<String, String> configuration) {
    if (!configuration.isEmpty()) {
      ObjectNode node = request.putObject("pluginConfig");
      new TreeMap<>(configuration).forEach(node::put);
    }
  }

  private void sameKey(String keyId, Fields answer) {
    if (!answer.string("keyId").equals(keyId)) {
      throw PluginProcess.refused(
          name,
          "it answered for the key '%s', asked for '%s'"
              .formatted(Shown.text(answer.string("keyId")), Shown.text(keyId)));
    }
  }

  /** Refuses an answer with a message that names this plugin. */
  public BullaException refused(String why) {
    return PluginProcess.refused(name, why);
  }

  private <T> T checked(String command, java.util.function.Supplier<T> reading) {
    try {
      return reading.get();
    } catch (BullaException e) {
      throw e.code() == ErrorCode.PLUGIN_REFUSED
          ? e
          : refused("its answer to %s is unusable: %s".formatted(command, e.reason()));
    }
  }

  @Override
  public String toString() {
    return "plugin " + name;
  }
}
