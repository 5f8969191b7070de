package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.signing.plugin.Plugin;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Has a plugin make the whole envelope, and verifies it before it is used: the signature, the rules
 * of the chain, and that the payload says what was asked for. The plugin may add annotations, and
 * an end that is earlier than the one that was asked for.
 */
final class PluginEnvelopeMaker implements EnvelopeMaker {
  private static final Set<String> DESCRIPTOR =
      Set.of(
          "mediaType", "digest", "size", "urls", "annotations", "data", "platform", "artifactType");

  /** Clocks of plugins and their services may differ by this much. */
  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  private final PluginKey key;

  PluginEnvelopeMaker(PluginKey key) {
    this.key = key;
  }

  @Override
  public Digest.Algorithm fileHash() {
    throw new BullaException(
        ErrorCode.KEY_UNSUPPORTED,
        "the plugin %s makes envelopes for images only: files need one that signs bytes"
            .formatted(key.plugin().name()));
  }

  @Override
  public Made make(Order order) {
    if (order.stamping().isPresent()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "the plugin %s makes the whole envelope, to which nobody may add a timestamp"
              .formatted(key.plugin().name()),
          "Sign without --timestamp-url; the plugin stamps itself, if it does.");
    }
    Plugin.MadeEnvelope made =
        key.plugin()
            .makeEnvelope(
                new Plugin.EnvelopeRequest(
                    key.id(),
                    MediaTypes.NOTATION_PAYLOAD,
                    order.format().mediaType(),
                    order.payload(),
                    order.life().map(Duration::getSeconds).orElse(0L)),
                key.configuration());
    Envelope envelope = verified(made.envelope(), order.format());
    checkPayload(envelope.payload(), order.subject(), order.metadata());
    checkTimes(envelope, order);
    for (String name : made.annotations().keySet()) {
      if (name.startsWith(TargetArtifact.RESERVED)) {
        throw refused("it asks for the reserved annotation '" + Shown.text(name) + "'");
      }
    }
    return new Made(made.envelope(), envelope.chain(), envelope.signingTime(), made.annotations());
  }

  private Envelope verified(byte[] bytes, EnvelopeFormat format) {
    try {
      Envelope envelope = SignatureExamination.verified(bytes, format.record());
      CertificateRules.check(envelope.chain());
      return envelope;
    } catch (BullaException e) {
      throw refused("its envelope is unusable: " + e.reason());
    }
  }

  private void checkPayload(byte[] payload, Descriptor subject, Map<String, String> metadata) {
    Descriptor signed;
    try {
      signed = TargetArtifact.parse(payload);
      Fields root = Fields.of(Json.parse(payload, "payload"), "payload").only("targetArtifact");
      root.object("targetArtifact").only(DESCRIPTOR.toArray(String[]::new));
    } catch (BullaException e) {
      throw refused("the payload that it signed is unusable: " + e.reason());
    }
    if (!signed.bare().equals(subject.bare())) {
      throw refused("it signed %s, asked for %s".formatted(signed.digest(), subject.digest()));
    }
    Map<String, String> kept = new HashMap<>(signed.annotations());
    kept.keySet().retainAll(metadata.keySet());
    if (!kept.equals(metadata)) {
      throw refused("it has not signed the pairs that it was asked to sign");
    }
  }

  private void checkTimes(Envelope envelope, Order order) {
    Optional<Instant> wanted = order.expiry();
    if (wanted.isPresent()
        && envelope.expiry().filter(end -> !end.isAfter(wanted.get().plus(TOLERANCE))).isEmpty()) {
      throw refused(
          "its signature ends %s, asked for %s"
              .formatted(envelope.expiry().map(Instant::toString).orElse("never"), wanted.get()));
    }
    RawEnvelopeMaker.checkValidity(envelope.chain(), order.now());
  }

  private BullaException refused(String why) {
    return key.plugin().refused(why);
  }
}
