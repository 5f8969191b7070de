package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.MediaTypes;
import dev.bulla.signing.describe.DescribedStamp;
import dev.bulla.signing.describe.Description;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads a Notation signature without judging it. */
public final class DescribeEnvelope {
  private DescribeEnvelope() {}

  /**
   * @param mediaType of the envelope: {@code application/jose+json} or {@code application/cose}
   * @throws BullaException {@code SIGNATURE_MALFORMED} and the errors of what is read
   */
  public static Description of(byte[] bytes, String mediaType) {
    boolean jws = mediaType.equals(MediaTypes.JOSE);
    Envelope envelope = jws ? JwsEnvelope.parse(bytes) : CoseEnvelope.parse(bytes);
    Optional<Descriptor> target =
        envelope.contentType().equals(MediaTypes.NOTATION_PAYLOAD)
            ? Optional.of(TargetArtifact.parse(envelope.payload()))
            : Optional.empty();
    Map<String, String> attributes = new TreeMap<>();
    attributes.put("signingScheme", envelope.scheme().id());
    envelope.verificationPlugin().ifPresent(name -> attributes.put("verificationPlugin", name));
    if (!envelope.unknownCritical().isEmpty()) {
      attributes.put("unknownCritical", String.join(", ", envelope.unknownCritical().keySet()));
    }
    if (!envelope.agent().isEmpty()) {
      attributes.put("signingAgent", envelope.agent());
    }
    target.ifPresent(one -> attributes.put("targetMediaType", one.mediaType()));
    target.ifPresent(one -> attributes.put("targetSize", Long.toString(one.size())));
    return new Description(
        envelope.format(),
        Optional.of(envelope.algorithm().name()),
        Optional.of(envelope.leaf().getSubjectX500Principal().getName()),
        Optional.of(envelope.contentType()),
        target.map(one -> List.of(one.digest().toString())).orElse(List.of()),
        Optional.empty(),
        target.map(Descriptor::annotations).orElse(Map.of()),
        attributes,
        envelope.chain(),
        Optional.of(envelope.signingTime()),
        envelope.expiry(),
        envelope.timestamp().map(DescribedStamp::token).stream().toList(),
        List.of());
  }
}
